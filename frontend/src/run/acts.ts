/** What a person does on the page, in one place: clicks by `data-act`, keys of the grid, the address. */
import { hasSingleKeys } from '../lib/shortcuts'
import type { ElementState } from '../wire/types'
import { knownTab, readAddress, TABS } from './address'
import type { Asking } from './asking'
import { logText } from './drawer'
import { moved, nextTrouble } from './keys'
import { placeOfBlock } from './lights'
import { type Layout, rowY } from './layout'
import type { Matrix } from './matrix'
import type { EventReader } from './reading'
import { placeOf } from './rows'
import type { Focus } from './state'
import type { Store } from './store'

export interface Acts {
  readonly store: Store
  readonly layout: () => Layout
  readonly matrix: Matrix
  readonly events: EventReader
  readonly asking: Asking
  readonly askToCancel: () => void
  /** Moves the focus to the state's cell when it is drawn. */
  readonly focusSoon: () => void
}

interface Places {
  readonly matrix: HTMLElement
  readonly blocks: HTMLElement
  readonly tabs: HTMLElement
  readonly drawer: HTMLElement
  readonly cancel: HTMLDialogElement
}

export function listen(places: Places, acts: Acts): void {
  document.addEventListener('click', (event) => {
    const target = event.target instanceof Element ? event.target.closest<HTMLElement | SVGElement>('[data-act]') : null
    if (target !== null) ACTS[target.dataset['act'] ?? '']?.(target.dataset, acts, target)
  })
  places.tabs.addEventListener('input', (event) => {
    if (event.target instanceof HTMLInputElement) acts.store.dispatch({ type: 'filter text', text: event.target.value.trim() })
  })
  places.tabs.addEventListener('keydown', (event) => {
    if (event.key === 'ArrowRight' || event.key === 'ArrowLeft') otherTab(event, places, acts)
  })
  places.cancel.addEventListener('close', () => {
    if (places.cancel.returnValue === 'cancel') acts.asking.control('cancel')
  })
  places.matrix.addEventListener('click', (event) => {
    const place = placeOf(event.target)
    if (place !== null) openCell(place, acts)
  })
  places.matrix.addEventListener('focusin', (event) => {
    const place = placeOf(event.target)
    if (place !== null) acts.store.dispatch({ type: 'focus', focus: place })
  })
  places.matrix.addEventListener('keydown', (event) => gridKey(event, acts))
  places.blocks.addEventListener('keydown', pressButton)
  document.addEventListener('keydown', (event) => pageKey(event, acts))
  window.addEventListener('hashchange', () => {
    acts.store.dispatch({ type: 'address', shown: readAddress(location.search, location.hash) })
    showOpened(acts)
  })
}

type Data = DOMStringMap

/** By `data-act`. */
const ACTS: Readonly<Record<string, (data: Data, acts: Acts, target: HTMLElement | SVGElement) => void>> = {
  pause: (_, { asking }) => asking.control('pause'),
  resume: (_, { asking }) => asking.control('resume'),
  cancel: (_, acts) => acts.askToCancel(),
  filter: ({ state }, { store }) => {
    const chosen = state as ElementState
    store.dispatch({ type: 'filter state', state: store.state().filter.state === chosen ? null : chosen })
  },
  tab: ({ tab }, { store }) => store.dispatch({ type: 'tab', tab: knownTab(tab) }),
  column: ({ path, sites }, acts) => goToColumn(path ?? '', (sites ?? '').split(' ').map(Number), acts),
  fold: ({ run, open }, { store }) => store.dispatch({ type: 'fold', run: Number(run), open: open === 'true' }),
  close: (_, acts) => closeDrawer(acts),
  attempt: ({ turn, attempt }, { store }) => store.dispatch({ type: 'choose attempt', turn: Number(turn), attempt: Number(attempt) }),
  answer: ({ question, answer }, { asking }) => {
    const comment = document.querySelector<HTMLInputElement>(`#comment-${question ?? ''}`)
    asking.answer(Number(question), answer ?? '', comment?.value ?? '')
  },
  earlier: (_, { events }) => events.earlier(),
  later: (_, { events }) => events.later(),
  'problem read': (_, { store }) => store.dispatch({ type: 'problem read' }),
  'next trouble': (_, acts) => goToTrouble(acts, 1),
  'copy log': (_, acts, target) => copyLog(target, acts),
}

function openCell({ run, position, site }: Focus, acts: Acts): void {
  const element = acts.store.state().tree?.bands.get(run)?.names[position]
  if (element === undefined) return
  acts.store.dispatch({ type: 'focus', focus: { run, position, site } })
  acts.store.dispatch({ type: 'open', opened: { run, element, site: site === 0 ? null : site } })
  // On a narrow screen the drawer covers the grid.
  if (window.matchMedia('(max-width: 767px)').matches) {
    requestAnimationFrame(() => document.querySelector<HTMLElement>('#run-drawer [data-act=close]')?.focus())
  }
}

function gridKey(event: KeyboardEvent, acts: Acts): void {
  const place = placeOf(event.target)
  const { tree, drawer } = acts.store.state()
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
  if (event.key === 'Escape' && acts.store.state().drawer !== null) {
    event.preventDefault()
    closeDrawer(acts)
    return
  }
  if (event.target instanceof Element && event.target.closest('input, textarea, select') !== null) return
  if (!hasSingleKeys()) return
  if (event.key === 'n') goToTrouble(acts, 1)
  if (event.key === 'p') goToTrouble(acts, -1)
}

function goToTrouble(acts: Acts, step: 1 | -1): void {
  const { tree, focus, tab } = acts.store.state()
  const next = tree === null ? null : nextTrouble(tree, focus, step)
  if (next === null) return
  if (tab !== 'matrix') acts.store.dispatch({ type: 'tab', tab: 'matrix' })
  acts.store.dispatch({ type: 'fold', run: next.run, open: true })
  goTo(next, acts)
  openCell(next, acts)
}

function goTo(place: Focus, acts: Acts): void {
  acts.store.dispatch({ type: 'focus', focus: place })
  const y = rowY(acts.layout(), place.run, place.position)
  if (y !== null) acts.matrix.scrollTo(y)
  acts.focusSoon()
}

/** From a block to its column, at the row that the block is lit for; a filter that hides that row is taken away. */
function goToColumn(path: string, sites: readonly number[], acts: Acts): void {
  const { tree } = acts.store.state()
  const place = tree === null ? null : placeOfBlock(tree, path, sites)
  if (place === null) return
  acts.store.dispatch({ type: 'tab', tab: 'matrix' })
  acts.store.dispatch({ type: 'fold', run: place.run, open: true })
  if (rowY(acts.layout(), place.run, place.position) === null) {
    acts.store.dispatch({ type: 'filter state', state: null })
    acts.store.dispatch({ type: 'filter text', text: '' })
  }
  // What is hidden cannot be scrolled: the matrix is drawn first.
  requestAnimationFrame(() => goTo(place, acts))
}

/** An element of a picture that is a button has to be told so. */
function pressButton(event: KeyboardEvent): void {
  if (event.key !== 'Enter' && event.key !== ' ') return
  if (!(event.target instanceof SVGElement) || event.target.dataset['act'] === undefined) return
  event.preventDefault()
  event.target.dispatchEvent(new MouseEvent('click', { bubbles: true }))
}

/** Brings the row of the open drawer into view; the page calls it when a link led there. */
export function showOpened(acts: Acts): void {
  const { drawer, tree } = acts.store.state()
  if (drawer === null || tree === null) return
  const { run, element, site } = drawer.opened
  const position = tree.bands.get(run)?.names.indexOf(element) ?? -1
  if (position < 0) return
  acts.store.dispatch({ type: 'focus', focus: { run, position, site: site ?? 0 } })
  const y = rowY(acts.layout(), run, position)
  if (y !== null) acts.matrix.scrollTo(y)
}

/** The focus goes back to where it came from. */
function closeDrawer(acts: Acts): void {
  acts.store.dispatch({ type: 'close' })
  if (acts.store.state().focus !== null && acts.store.state().tab === 'matrix') acts.focusSoon()
}

function otherTab(event: KeyboardEvent, places: Places, acts: Acts): void {
  if (!(event.target instanceof Element) || event.target.getAttribute('role') !== 'tab') return
  event.preventDefault()
  const step = event.key === 'ArrowRight' ? 1 : TABS.length - 1
  const tab = TABS[(TABS.indexOf(acts.store.state().tab) + step) % TABS.length] ?? 'matrix'
  acts.store.dispatch({ type: 'tab', tab })
  places.tabs.querySelector<HTMLElement>(`[data-tab=${tab}]`)?.focus()
}

function copyLog(button: Element, acts: Acts): void {
  const log = acts.store.state().drawer?.log
  if (log === null || log === undefined) return
  const say = (word: string): void => {
    button.setAttribute('title', word)
    button.lastChild?.replaceWith(` ${word}`)
  }
  navigator.clipboard.writeText(logText(log)).then(
    () => say('Copied'),
    () => say('Not copied: select the text and press Ctrl+C'),
  )
}
