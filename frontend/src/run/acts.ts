/** What a person does on the page, in one place: clicks by `data-act`, keys of the grid, the address. */
import { make } from '../lib/dom'
import type { ElementState } from '../wire/types'
import { readAddress } from './address'
import { moved, nextTrouble } from './keys'
import { type Layout, rowY } from './layout'
import type { Matrix } from './matrix'
import { placeOf } from './rows'
import type { Action, Focus, PageState, Verb } from './state'
import { logText } from './drawer'

export interface Acts {
  readonly state: () => PageState
  readonly layout: () => Layout
  readonly matrix: Matrix
  readonly dispatch: (action: Action) => void
  readonly control: (verb: Verb) => void
  readonly answer: (question: number, option: string, comment: string) => void
  readonly askToCancel: () => void
  readonly loadEarlier: () => void
  readonly loadLater: () => void
  /** Moves the focus to the state's cell when it is drawn. */
  readonly focusSoon: () => void
}

interface Places {
  readonly matrix: HTMLElement
  readonly tabs: HTMLElement
  readonly drawer: HTMLElement
  readonly cancel: HTMLDialogElement
}

export function listen(places: Places, acts: Acts): void {
  document.addEventListener('click', (event) => {
    const target = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-act]') : null
    if (target !== null) act(target, acts)
  })
  places.tabs.addEventListener('input', (event) => {
    if (event.target instanceof HTMLInputElement) acts.dispatch({ type: 'filter text', text: event.target.value.trim() })
  })
  places.tabs.addEventListener('keydown', (event) => {
    if (event.key === 'ArrowRight' || event.key === 'ArrowLeft') otherTab(event, places, acts)
  })
  places.cancel.addEventListener('close', () => {
    if (places.cancel.returnValue === 'cancel') acts.control('cancel')
  })
  places.matrix.addEventListener('click', (event) => {
    const place = placeOf(event.target)
    if (place !== null) openCell(place, acts)
  })
  places.matrix.addEventListener('focusin', (event) => {
    const place = placeOf(event.target)
    if (place !== null) acts.dispatch({ type: 'focus', focus: place })
  })
  places.matrix.addEventListener('keydown', (event) => gridKey(event, acts))
  document.addEventListener('keydown', (event) => pageKey(event, acts))
  window.addEventListener('hashchange', () => {
    acts.dispatch({ type: 'address', shown: readAddress(location.search, location.hash) })
    showOpened(acts)
  })
  tellKeys()
}

function act(target: HTMLElement, acts: Acts): void {
  const { dataset } = target
  const { dispatch } = acts
  switch (dataset['act']) {
    case 'pause':
    case 'resume':
      return acts.control(dataset['act'])
    case 'cancel':
      return acts.askToCancel()
    case 'filter': {
      const state = dataset['state'] as ElementState
      return dispatch({ type: 'filter state', state: acts.state().filter.state === state ? null : state })
    }
    case 'tab':
      return dispatch({ type: 'tab', tab: dataset['tab'] === 'events' ? 'events' : 'matrix' })
    case 'fold':
      return dispatch({ type: 'fold', run: Number(dataset['run']), open: dataset['open'] === 'true' })
    case 'close':
      return closeDrawer(acts)
    case 'attempt':
      return dispatch({ type: 'choose attempt', turn: Number(dataset['turn']), attempt: Number(dataset['attempt']) })
    case 'answer': {
      const comment = document.querySelector<HTMLInputElement>(`#comment-${dataset['question'] ?? ''}`)
      return acts.answer(Number(dataset['question']), dataset['answer'] ?? '', comment?.value ?? '')
    }
    case 'earlier':
      return acts.loadEarlier()
    case 'later':
      return acts.loadLater()
    case 'problem read':
      return dispatch({ type: 'problem read' })
    case 'next trouble':
      return goToTrouble(acts, 1)
    case 'copy log':
      return copyLog(target, acts)
    default:
      return undefined
  }
}

function openCell({ run, position, site }: Focus, acts: Acts): void {
  const element = acts.state().tree?.bands.get(run)?.names[position]
  if (element === undefined) return
  acts.dispatch({ type: 'focus', focus: { run, position, site } })
  acts.dispatch({ type: 'open', opened: { run, element, site: site === 0 ? null : site } })
  // On a narrow screen the drawer covers the grid.
  if (window.matchMedia('(max-width: 767px)').matches) {
    requestAnimationFrame(() => document.querySelector<HTMLElement>('#run-drawer [data-act=close]')?.focus())
  }
}

function gridKey(event: KeyboardEvent, acts: Acts): void {
  const place = placeOf(event.target)
  const { tree, drawer } = acts.state()
  if (place === null || tree === null || event.altKey || event.metaKey) return
  if (event.key === 'Enter' || event.key === ' ') {
    event.preventDefault()
    openCell(place, acts)
    return
  }
  const next = moved(tree, acts.layout(), place, event.key, event.ctrlKey)
  if (next === null) return
  event.preventDefault()
  goTo(next, acts)
  if (drawer !== null) openCell(next, acts)
}

function pageKey(event: KeyboardEvent, acts: Acts): void {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return
  if (event.target instanceof Element && event.target.closest('dialog[open]') !== null) return
  if (event.key === 'Escape' && acts.state().drawer !== null) {
    event.preventDefault()
    closeDrawer(acts)
    return
  }
  if (event.target instanceof Element && event.target.closest('input, textarea, select') !== null) return
  if (event.key === 'n') goToTrouble(acts, 1)
  if (event.key === 'p') goToTrouble(acts, -1)
}

function goToTrouble(acts: Acts, step: 1 | -1): void {
  const { tree, focus, tab } = acts.state()
  const next = tree === null ? null : nextTrouble(tree, focus, step)
  if (next === null) return
  if (tab !== 'matrix') acts.dispatch({ type: 'tab', tab: 'matrix' })
  acts.dispatch({ type: 'fold', run: next.run, open: true })
  goTo(next, acts)
  openCell(next, acts)
}

function goTo(place: Focus, acts: Acts): void {
  acts.dispatch({ type: 'focus', focus: place })
  const y = rowY(acts.layout(), place.run, place.position)
  if (y !== null) acts.matrix.scrollTo(y)
  acts.focusSoon()
}

/** Brings the row of the open drawer into view; the page calls it when a link led there. */
export function showOpened(acts: Acts): void {
  const { drawer, tree } = acts.state()
  if (drawer === null || tree === null) return
  const { run, element, site } = drawer.opened
  const position = tree.bands.get(run)?.names.indexOf(element) ?? -1
  if (position < 0) return
  acts.dispatch({ type: 'focus', focus: { run, position, site: site ?? 0 } })
  const y = rowY(acts.layout(), run, position)
  if (y !== null) acts.matrix.scrollTo(y)
}

/** The focus goes back to where it came from. */
function closeDrawer(acts: Acts): void {
  acts.dispatch({ type: 'close' })
  if (acts.state().focus !== null && acts.state().tab === 'matrix') acts.focusSoon()
}

function otherTab(event: KeyboardEvent, places: Places, acts: Acts): void {
  if (!(event.target instanceof Element) || event.target.getAttribute('role') !== 'tab') return
  event.preventDefault()
  const tab = acts.state().tab === 'matrix' ? 'events' : 'matrix'
  acts.dispatch({ type: 'tab', tab })
  places.tabs.querySelector<HTMLElement>(`[data-tab=${tab}]`)?.focus()
}

function copyLog(button: HTMLElement, acts: Acts): void {
  const log = acts.state().drawer?.log
  if (log == null) return
  const say = (word: string): void => {
    button.setAttribute('title', word)
    button.lastChild?.replaceWith(` ${word}`)
  }
  navigator.clipboard.writeText(logText(log)).then(
    () => say('Copied'),
    () => say('Not copied: select the text and press Ctrl+C'),
  )
}

/** The keys of this page, in the list of keys that every page has. */
function tellKeys(): void {
  const keys: readonly (readonly [readonly string[], string])[] = [
    [['n', 'p'], 'Next and previous element in trouble'],
    [['←', '↑', '→', '↓'], 'Move between cells; Enter opens one, Esc closes it'],
  ]
  const rows = keys.map(([names, does]) => make('tr', {}, make('td', {}, ...names.flatMap((name) => [make('kbd', {}, name), ' '])), make('td', {}, does)))
  document.querySelector('#keys tbody')?.append(...rows)
}
