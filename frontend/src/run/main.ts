/** The page of a run: keeps its one state, draws it once a frame, and does what actions ask for. */
import './run.css'
import '../lib/picture.css'

import { make, need, oncePerFrame, pageData } from '../lib/dom'
import { morphChildren } from '../lib/morph'
import { tellKeys } from '../lib/shortcuts'
import { type Acts, listen, showOpened } from './acts'
import { readAddress, writeAddress } from './address'
import { makeAsking } from './asking'
import { cancelView } from './cancelling'
import { drawerBottom, drawerTop, logHead, makeLogView, printed } from './drawer'
import { eventsView } from './events'
import { follow } from './following'
import { headView } from './header'
import { type Layout, layOut, windowsFor } from './layout'
import { makeMatrix, type Seen } from './matrix'
import { makeBlocks } from './blocks'
import { noticesView, questionsView } from './notices'
import { makeEventReader, readDrawers } from './reading'
import { firstState, type PageData, type PageState } from './state'
import { makeStore } from './store'
import { tabsView } from './tabs'

const CLOCK_MS = 1_000
/** Rows are asked for before the matrix knows its height. */
const LEAST_HEIGHT = 400
const NOTHING: Layout = { segments: [], height: 0 }

function startRunPage(data: PageData): void {
  const places = findPlaces()
  const store = makeStore(firstState(data, readAddress(location.search, location.hash), Date.now()))
  const layout = makeLayout(store.state)
  const ask = oncePerFrame(draw)
  const matrix = makeMatrix(places.matrix, ask)
  const drawDrawer = makeDrawer(places.drawer)
  const drawEvents = makeEventsList(places.events)
  const drawBlocks = makeBlocks(places.blocks)
  const events = makeEventReader(store)
  let takesFocus = false
  let isShown = false

  const acts: Acts = {
    store, layout, matrix, events, asking: makeAsking(store),
    askToCancel() {
      morphChildren(places.cancel, cancelView(store.state().tree))
      places.cancel.returnValue = ''
      places.cancel.showModal()
    },
    focusSoon() {
      takesFocus = true
      ask()
    },
  }

  function draw(): void {
    const state = store.state()
    const seen = matrix.measure()
    if (state.tree !== null) morphChildren(places.head, [...headView(state).childNodes])
    morphChildren(places.tabs, [...tabsView(state).childNodes])
    fillInSearch(places.tabs, state)
    if (places.cancel.open) morphChildren(places.cancel, cancelView(state.tree))
    morphChildren(places.notices, noticesView(state))
    morphChildren(places.questions, questionsView(state))
    places.matrix.hidden = state.tab !== 'matrix'
    places.blocks.hidden = state.tab !== 'blocks'
    places.events.hidden = state.tab !== 'events'
    places.drawer.hidden = state.drawer === null
    if (state.tab === 'matrix') drawMatrix(state, seen)
    else if (state.tab === 'blocks') drawBlocks(state)
    else drawEvents(state)
    drawDrawer(state)
  }

  function drawMatrix(state: PageState, seen: Seen): void {
    matrix.draw(state, layout(), seen)
    if (!isShown && state.tree !== null) {
      isShown = true
      showOpened(acts)
    }
    if (takesFocus && state.focus !== null) {
      takesFocus = false
      matrix.focus(state.focus)
    }
    following.lookAt(windowsFor(layout(), seen.from, Math.max(seen.to, seen.from + LEAST_HEIGHT)))
  }

  store.subscribe((before) => {
    const state = store.state()
    const address = writeAddress(location.pathname, { filter: state.filter, tab: state.tab, opened: state.drawer?.opened ?? null })
    if (address !== location.pathname + location.search + location.hash) history.replaceState(null, '', address)
    if (state.tab !== before.tab || (before.tree === null && state.tree !== null)) events.follow()
    ask()
  })
  const following = follow(store)
  readDrawers(store)
  listen(places, acts)
  window.setInterval(() => {
    store.dispatch({ type: 'tick', now: Date.now() })
    events.follow()
  }, CLOCK_MS)
  ask()
}

function findPlaces() {
  return {
    head: need('#run-head', HTMLElement), tabs: need('#run-tabs', HTMLElement), notices: need('#run-notices', HTMLElement),
    questions: need('#run-questions', HTMLElement), matrix: need('#run-matrix', HTMLElement), blocks: need('#run-blocks', HTMLElement), events: need('#run-events', HTMLElement),
    drawer: need('#run-drawer', HTMLElement), cancel: need('#run-cancel', HTMLDialogElement),
  }
}

/** The address may say what is searched for; what a person types is not touched. */
function fillInSearch(tabs: HTMLElement, { filter }: PageState): void {
  const field = tabs.querySelector('input')
  if (field !== null && field !== document.activeElement && field.value.trim() !== filter.text) field.value = filter.text
}

/** The layout of the state as it is now; the same one while nothing that it depends on changes. */
function makeLayout(now: () => PageState): () => Layout {
  let last: { readonly state: PageState; readonly layout: Layout } | null = null
  return () => {
    const state = now()
    const { tree, filter, folds } = state
    if (tree === null) return NOTHING
    if (last === null || last.state.tree !== tree || last.state.filter !== filter || last.state.folds !== folds) {
      last = { state, layout: layOut(tree, filter, folds) }
    }
    return last.layout
  }
}

/** Begins at the newest event and follows it while one looks at the end; earlier ones push nothing away. */
function makeEventsList(host: HTMLElement): (state: PageState) => void {
  let drawn: PageState['events'] | null = null
  return (state) => {
    if (drawn === state.events) return
    const { scrollTop, clientHeight, scrollHeight } = host
    const isAtEnd = scrollTop + clientHeight >= scrollHeight - 8
    const grewAbove = (state.events.rows[0]?.seq ?? 0) < (drawn?.rows[0]?.seq ?? 0)
    morphChildren(host, eventsView(state))
    if (grewAbove) host.scrollTop = scrollTop + host.scrollHeight - scrollHeight
    else if (isAtEnd) host.scrollTop = host.scrollHeight
    drawn = state.events
  }
}

function makeDrawer(host: HTMLElement): (state: PageState) => void {
  const top = make('div')
  const head = make('div')
  const log = make('pre', { class: 'dr-log', tabindex: 0, role: 'region', 'aria-label': 'Output', hidden: true })
  const bottom = make('div')
  host.append(top, head, log, bottom)
  const drawLog = makeLogView(log)
  return (state) => {
    const { drawer } = state
    if (drawer !== null) {
      morphChildren(top, drawerTop(state, drawer))
      morphChildren(head, logHead(printed(drawer)))
      morphChildren(bottom, drawerBottom(drawer))
    }
    drawLog(drawer?.log ?? null)
  }
}

startRunPage(pageData<PageData>())
tellKeys('On this page', [
  ['n', 'Next element in trouble'],
  ['p', 'The one before'],
  ['Enter', 'In the matrix: open the cell; the arrow keys go to others'],
  ['Escape', 'Close the details'],
])
