/** What stands around the panes, drawn from the state: the bar, the notes, the problems, what is asked. */
import { make, need } from '../lib/dom'
import { icon } from '../lib/icons'
import type { Script } from './documents'
import { countOf, sortedProblems } from './problems'
import { statusOf } from './status'
import { shutSide, type Side } from './side'
import { canPublish, canRedo, canUndo, isDirty, type Publishing, type State } from './state'

const ABOUT: Readonly<Record<Script, string>> = {
  execution: 'Which steps run, for each element',
  processing: 'Sorts and filters the elements before the run',
}

export interface Acts {
  readonly goBack: (script: Script) => void
  readonly comparePublished: () => void
  readonly forgetSaid: () => void
}

export function drawBar(state: State, now: number): void {
  setText('#status', statusOf(state, now))
  const found = sortedProblems(state)
  setText('#problems-count', countOf(found))
  const problems = need('#problems-button', HTMLButtonElement)
  problems.disabled = found.length === 0
  problems.classList.toggle('has-problems', found.some(({ isWarning }) => !isWarning))
  problems.classList.toggle('has-warnings', found.length > 0 && found.every(({ isWarning }) => isWarning))
  const isBusy = state.publishing.step === 'waiting' || state.publishing.step === 'asking'
  setDisabled('#publish', isBusy || !canPublish(state))
  setDisabled('#try', !state.canWrite || state.conflict !== null)
  setDisabled('#discard', !state.canWrite || !(state.stored.is_draft || isDirty(state)))
  setDisabled('#undo', !canUndo(state))
  setDisabled('#redo', !canRedo(state))
  const run = document.querySelector('#run')
  if (run instanceof HTMLButtonElement) {
    run.disabled = state.stored.published_version === null
    run.title =
      state.stored.published_version === null
        ? 'Publish the flow first'
        : `Runs the published version ${state.stored.published_version}`
  }
}

/** What publishing has to say. */
export function drawSaid(state: State, acts: Acts): void {
  const place = need('#said', HTMLElement)
  const { publishing } = state
  const key = JSON.stringify(publishing)
  if (place.dataset['key'] === key) return
  place.dataset['key'] = key
  place.hidden = publishing.step !== 'done' && publishing.step !== 'refused' && publishing.step !== 'published-since'
  place.className = `ed-said ${publishing.step === 'done' ? 'tone-good' : 'tone-bad'}`
  place.replaceChildren(...saidOf(publishing, acts))
}

function saidOf(publishing: Publishing, acts: Acts): readonly Node[] {
  switch (publishing.step) {
    case 'done': {
      const shut = make('button', { type: 'button', class: 'ed-shut', 'aria-label': 'Close', title: 'Close' }, icon('x'))
      shut.addEventListener('click', () => acts.forgetSaid())
      return [
        icon('circle-check'),
        make('span', {}, `Published as version ${publishing.version}. Runs that start now use it.`),
        shut,
      ]
    }
    case 'refused': {
      const count = publishing.problems.length
      const listed = count === 1 ? 'The problem is named below.' : `The ${count} problems are named below.`
      return [icon('alert-triangle'), make('div', {}, make('strong', {}, 'Not published. '), count > 0 ? listed : publishing.message)]
    }
    case 'published-since': {
      const button = make('button', { type: 'button', class: 'btn btn-sm' }, 'Compare…')
      button.addEventListener('click', () => acts.comparePublished())
      return [icon('alert-triangle'), make('span', {}, publishing.message), button]
    }
    case 'idle':
    case 'waiting':
    case 'asking':
      return []
    default:
      return publishing satisfies never
  }
}

/** Opens the card in the centre; the buttons of the sentence say which it is. */
export function drawCard(state: State): void {
  need('#main', HTMLElement).dataset['card'] = state.card
  setText('#about', ABOUT[state.script])
  for (const button of document.querySelectorAll('button[data-open-card]')) {
    const isOpen = button.getAttribute('data-open-card') === state.card
    if (isOpen) button.setAttribute('aria-current', 'true')
    else button.removeAttribute('aria-current')
  }
}

/** The side that is behind is dimmed and out of reach, and says what it shows and why. */
export function drawNotes(state: State, acts: Acts): void {
  const side = state.sides[state.script]
  drawNote(
    '#blocks-note',
    '#canvas',
    side.behind === 'blocks' ? ['Blocks show the last text that could be read', 'Go back to these blocks'] : null,
    side,
    state,
    acts,
  )
  drawNote(
    '#python-note',
    '#code',
    side.behind === 'text' ? ['Python shows the last blocks that make a script', 'Go back to this text'] : null,
    side,
    state,
    acts,
  )
  const waiting = side.noAnswer === null ? null : `The two sides may differ: ${side.noAnswer} Trying again.`
  const note = need('#blocks-note', HTMLElement)
  if (waiting !== null && side.behind === null) {
    note.hidden = false
    note.dataset['key'] = waiting
    note.replaceChildren(icon('alert-triangle'), waiting)
  }
}

function drawNote(
  noteAt: string,
  paneAt: string,
  words: readonly [string, string] | null,
  side: Side,
  state: State,
  acts: Acts,
): void {
  const note = need(noteAt, HTMLElement)
  const pane = need(paneAt, HTMLElement)
  pane.classList.toggle('is-behind', words !== null)
  pane.toggleAttribute('inert', shutSide(side) === (paneAt === '#canvas' ? 'blocks' : 'text'))
  const why = words === null ? '' : whyOf(side)
  const key = words === null ? '' : `${state.script} ${words[0]} ${why}`
  if (note.dataset['key'] === key) return
  note.dataset['key'] = key
  note.hidden = words === null
  if (words === null) {
    note.replaceChildren()
    return
  }
  const back = make(
    'button',
    { type: 'button', class: 'btn btn-sm', hidden: !state.canWrite },
    icon('arrow-back-up'),
    words[1],
  )
  back.addEventListener('click', () => acts.goBack(state.script))
  note.replaceChildren(icon('alert-triangle'), make('span', {}, words[0], make('span', { class: 'ed-note-why' }, why), '.'), back)
}

function whyOf(side: Side): string {
  const [first] = side.problems
  if (first === undefined) return ''
  return first.line > 0 ? `; line ${first.line}: ${first.message}` : `; ${first.message}`
}

function setText(selector: string, text: string): void {
  const place = need(selector, HTMLElement)
  if (place.textContent !== text) place.textContent = text
}

function setDisabled(selector: string, isDisabled: boolean): void {
  const button = document.querySelector(selector)
  if (button instanceof HTMLButtonElement) button.disabled = isDisabled
}
