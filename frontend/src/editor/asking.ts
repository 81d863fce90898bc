/** The dialog of the page: somebody else saved the draft, or a draft is to be discarded. */
import { make, need } from '../lib/dom'
import { icon } from '../lib/icons'
import { timeElement } from '../lib/times'
import { call } from '../wire/api'
import { toldConflict } from './conflict_words'
import { wordsView, type Difference } from './differences'
import { KEYS, SCRIPTS, type Draft, type Keys } from './documents'
import { differingKeys } from './history'
import { keysOf, type Conflict, type State } from './state'

/** Shows what each side changed, in words and as text that can be copied. Escape puts the answer off. */
export function askAboutConflict(
  state: State,
  conflict: Conflict,
  answer: (whose: 'theirs' | 'mine' | 'later') => void,
): void {
  const { theirs } = conflict
  const { words, since } = toldConflict(state.stored, theirs)
  const mine = keysOf(state)
  const told = { theirs: make('div', { role: 'status' }, 'Comparing…'), mine: make('div', {}) }
  const rows = differencesOf(theirs, mine).map(([what, their, my]) =>
    make('div', { class: 'ed-both' }, copyable(`Theirs: ${what}`, their), copyable(`Mine: ${what}`, my)),
  )
  ask(
    words,
    [
      make('p', {}, ...(since === null ? [] : ['At ', timeElement(since), ', while you were changing it. ']), 'Take theirs, or keep yours and save it over theirs.'),
      make(
        'div', { class: 'ed-both' },
        make('div', {}, make('h3', { class: 'h4' }, 'They changed'), told.theirs),
        make('div', {}, make('h3', { class: 'h4' }, 'You changed'), told.mine),
      ),
      ...rows,
      make('p', { class: 'text-secondary' }, 'Whichever you take, Undo brings back the other.'),
    ],
    [
      ['Later', 'btn', () => answer('later')],
      ['Take theirs', 'btn', () => answer('theirs')],
      ['Keep mine', 'btn btn-primary', () => answer('mine')],
    ],
    () => answer('later'),
  )
  void tellInWords(state.stored, theirs, told.theirs)
  void tellInWords(state.stored, mine, told.mine)
}

/** What turns the draft that both began with into this one. */
async function tellInWords(before: Draft, after: Keys, place: HTMLElement): Promise<void> {
  const only = (keys: Keys): Partial<Keys> => Object.fromEntries(KEYS.map((key) => [key, keys[key]]))
  try {
    const body = { before: only(before), keys: only(after) }
    const { words, is_same } = await call<Difference>('POST', `/api/drafts/${before.flow}/changes`, { body })
    place.replaceChildren(is_same ? 'nothing' : wordsView(words))
  } catch {
    place.replaceChildren('The texts below say what.')
  }
}

/** Each script that differs, then all that differs beside the scripts. */
function differencesOf(theirs: Keys, mine: Keys): readonly (readonly [what: string, theirs: string, mine: string])[] {
  const differing = differingKeys(theirs, mine)
  const scripts = SCRIPTS.filter((script) => differing.includes(`${script}_script`)).map(
    (script) => [`${script} script`, theirs[`${script}_script`], mine[`${script}_script`]] as const,
  )
  const others = differing.filter((key) => !key.endsWith('_script'))
  if (others.length === 0) return scripts
  const told = (keys: Keys): string => others.map((key) => `${key}: ${JSON.stringify(keys[key])}`).join('\n')
  return [...scripts, [`the flow's ${others.join(', ').replaceAll('_', ' ')}`, told(theirs), told(mine)]]
}

export function askAboutDiscarding(wasPublished: boolean, discard: () => void): void {
  const what = wasPublished
    ? 'Your changes are forgotten; the published version stays as it is.'
    : 'This flow was never published: it is deleted with its draft.'
  ask(
    'Discard the draft?',
    [make('p', {}, what)],
    [
      ['Keep it', 'btn', () => undefined],
      ['Discard draft', 'btn btn-danger', discard],
    ],
  )
}

type Answer = readonly [label: string, css: string, act: () => void]

function ask(title: string, content: readonly Node[], answers: readonly Answer[], escaped?: () => void): void {
  const dialog = need('#ask', HTMLDialogElement)
  const buttons = answers.map(([label, css, act]) => {
    const button = make('button', { type: 'button', class: css }, label)
    button.addEventListener('click', () => {
      dialog.close()
      act()
    })
    return button
  })
  dialog.replaceChildren(
    make('h2', { class: 'h3', id: 'ask-title' }, title),
    ...content,
    make('div', { class: 'ed-answers' }, ...buttons),
  )
  dialog.oncancel = escaped ?? null
  if (!dialog.open) dialog.showModal()
}

function copyable(label: string, text: string): Node {
  const area = make('textarea', { class: 'form-control code', rows: 10, readonly: true, 'aria-label': label }, text)
  const copy = make('button', { type: 'button', class: 'btn btn-sm' }, icon('copy'), 'Copy')
  copy.addEventListener('click', () => {
    area.select()
    void navigator.clipboard.writeText(text)
  })
  return make('div', {}, make('div', { class: 'ed-both-head' }, make('strong', {}, label), copy), area)
}
