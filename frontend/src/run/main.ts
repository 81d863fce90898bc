/** The page of a run: keeps its one state, draws it once a frame, and does what actions ask for. */
import './run.css'

import { call } from '../wire/api'
import { openSocket } from '../wire/socket'
import type { MatrixFrame, MatrixMessage, StepName } from '../wire/types'
import { make, need, oncePerFrame, pageData } from '../lib/dom'
import { morphChildren } from '../lib/morph'
import { readAddress, writeAddress } from './address'
import { type Acts, listen, showOpened } from './acts'
import { drawerBottom, drawerTop, logHead, makeLogView } from './drawer'
import { eventsView } from './events'
import { cancelView, headView } from './header'
import { type Layout, layOut, type Window, windowsFor } from './layout'
import { makeMatrix } from './matrix'
import { noticesView, questionsView } from './notices'
import { EVENTS_AT_ONCE, readAttempts, readElement, readEvents } from './records'
import { type Action, firstState, type PageData, type PageState, reduce, sameOpened, sameStep, shownStep, type Verb } from './state'
import { tabsView } from './tabs'
import { cellAt, type Tree } from './tree'

const CLOCK_MS = 1_000
/** A moving focus asks for the drawer's records only where it stays. */
const SETTLES_MS = 120

export function startRunPage(data: PageData): void {
  const places = {
    head: need('#run-head', HTMLElement), tabs: need('#run-tabs', HTMLElement), notices: need('#run-notices', HTMLElement),
    questions: need('#run-questions', HTMLElement), matrix: need('#run-matrix', HTMLElement), events: need('#run-events', HTMLElement),
    drawer: need('#run-drawer', HTMLElement), cancel: need('#run-cancel', HTMLDialogElement),
  }
  const drawerParts = {
    top: make('div'), logHead: make('div'), log: make('pre', { class: 'dr-log', tabindex: 0, 'aria-label': 'Output', hidden: true }), bottom: make('div'),
  }
  places.drawer.append(...Object.values(drawerParts))
  const drawLog = makeLogView(drawerParts.log)
  let state = firstState(data, readAddress(location.search, location.hash), Date.now())
  let laidOut: { readonly state: PageState; readonly layout: Layout } | null = null
  let isShown = false
  let takesFocus = false
  const ask = oncePerFrame(draw)
  const matrix = makeMatrix(places.matrix, ask)

  function dispatch(action: Action): void {
    const before = state
    state = reduce(before, action)
    if (state === before) return
    afterChange(before)
    ask()
  }

  const socket = openSocket<MatrixFrame>({
    address: () => `/ws/runs/${data.run}/?view=matrix&seq=${state.tree?.seq ?? 0}`,
    onFrame: takeFrame,
    onLink: (link, refusal) => dispatch({ type: 'link', link, refusal }),
    onOpen: askAnew,
  })

  function takeFrame(frame: MatrixFrame): void {
    if (frame.type === 'error') dispatch({ type: 'refused', message: frame.message })
    else if (frame.type === 'log') dispatch({ type: 'log', frame })
    else dispatch({ type: 'frame', frame })
  }

  function send(message: MatrixMessage): void {
    socket.send(message)
  }

  /** The layout of the state as it is now; the same one while nothing that it depends on changes. */
  function layout(): Layout {
    const { tree, filter, folds } = state
    if (tree === null) return { segments: [], height: 0 }
    const last = laidOut
    if (last === null || last.state.tree !== tree || last.state.filter !== filter || last.state.folds !== folds) {
      laidOut = { state, layout: layOut(tree, filter, folds) }
    }
    return laidOut?.layout ?? { segments: [], height: 0 }
  }

  // --- what the server shall tell of --------------------------------------------------------------------------------

  let windows: readonly Window[] = []

  /** A new connection knows nothing of what the one before was asked for. */
  function askAnew(): void {
    windows = []
    const log = state.drawer?.log ?? null
    if (log !== null) send({ type: 'log', step: log.step, offset: log.end })
  }

  function askRows(): void {
    if (state.tree === null || state.link !== 'open') return
    const { from, to } = matrix.seen()
    const wanted = windowsFor(layout(), from, Math.max(to, from + 400))
    const text = (window: Window | undefined): string => JSON.stringify(window ?? null)
    for (const { run } of windows.filter(({ run }) => !wanted.some((one) => one.run === run))) send({ type: 'rows', run, from: 0, to: 0 })
    for (const window of wanted) {
      if (text(window) === text(windows.find(({ run }) => run === window.run))) continue
      const { also, ...range } = window
      send({ type: 'rows', ...range, ...(also.length === 0 ? {} : { also }) })
    }
    windows = wanted
  }

  function askLog(step: StepName | null): void {
    if (sameStep(state.drawer?.log?.step ?? null, step)) return
    dispatch({ type: 'read log', step })
    send({ type: 'log', step, offset: 0 })
  }

  // --- the drawer's records -----------------------------------------------------------------------------------------

  let reading = new AbortController()
  let settles: number | undefined
  let readFor = ''

  function readDrawer(delayMs: number): void {
    window.clearTimeout(settles)
    const opened = state.drawer?.opened
    if (opened === undefined) return
    settles = window.setTimeout(() => {
      reading.abort()
      reading = new AbortController()
      const { signal } = reading
      readAttempts(opened, signal).then(
        (value) => dispatch({ type: 'attempts', opened, attempts: { kind: 'loaded', value } }),
        (error: unknown) => isAbort(error) || dispatch({ type: 'attempts', opened, attempts: { kind: 'failed', message: messageOf(error) } }),
      )
      if (state.drawer?.element.kind === 'loaded') return
      readElement(opened, signal).then(
        (value) => dispatch({ type: 'element', opened, element: { kind: 'loaded', value } }),
        (error: unknown) => isAbort(error) || dispatch({ type: 'element', opened, element: { kind: 'failed', message: messageOf(error) } }),
      )
    }, delayMs)
  }

  function afterChange(before: PageState): void {
    const { drawer } = state
    const isOther = !sameOpened(before.drawer?.opened, drawer?.opened)
    const about = aboutDrawer(state)
    if (drawer !== null && about !== readFor) readDrawer(isOther ? SETTLES_MS : 50)
    readFor = about
    const step = drawer?.attempts.kind === 'loaded' ? shownStep(state) : (drawer?.log?.step ?? null)
    askLog(drawer === null ? null : step)
    const address = writeAddress(location.pathname, { filter: state.filter, tab: state.tab, opened: drawer?.opened ?? null })
    if (address !== location.pathname + location.search + location.hash) history.replaceState(null, '', address)
    if (state.tab === 'events' && before.tab !== 'events') readNewEvents()
  }

  // --- events -------------------------------------------------------------------------------------------------------

  function readNewEvents(): void {
    const { events, tree } = state
    const newest = events.rows.at(-1)?.seq
    if (events.isLoading || tree === null || newest === tree.seq) return
    loadEvents(newest ?? Math.max(0, tree.seq - EVENTS_AT_ONCE))
  }

  function loadEvents(after: number, limit = EVENTS_AT_ONCE): void {
    dispatch({ type: 'events asked' })
    readEvents(data.root, after, limit).then(
      (answer) => dispatch({ type: 'events', rows: answer.events, lastSeq: answer.last_seq }),
      (error: unknown) => dispatch({ type: 'events failed', message: messageOf(error) }),
    )
  }

  function loadEarlier(): void {
    const first = state.events.rows[0]?.seq ?? 1
    const after = Math.max(0, first - 1 - EVENTS_AT_ONCE)
    loadEvents(after, first - 1 - after)
  }

  // --- asking things of the run -------------------------------------------------------------------------------------

  function control(verb: Verb): void {
    dispatch({ type: 'asked', verb })
    call('POST', `/api/runs/${data.root}/${verb}`).catch((error: unknown) => dispatch({ type: 'refused', message: messageOf(error) }))
  }

  function answer(question: number, option: string, comment: string): void {
    dispatch({ type: 'answered', question })
    const body = { answer: option, comment }
    call('POST', `/api/runs/${data.root}/questions/${question}`, { body }).catch((error: unknown) => dispatch({ type: 'refused', message: messageOf(error) }))
  }

  function askToCancel(): void {
    morphChildren(places.cancel, cancelView(state))
    places.cancel.returnValue = ''
    places.cancel.showModal()
  }

  // --- drawing ------------------------------------------------------------------------------------------------------

  function draw(): void {
    if (state.tree !== null) {
      morphChildren(places.head, [...headView(state).childNodes])
    }
    morphChildren(places.tabs, [...tabsView(state).childNodes])
    morphChildren(places.notices, noticesView(state))
    morphChildren(places.questions, questionsView(state))
    places.matrix.hidden = state.tab !== 'matrix'
    places.events.hidden = state.tab !== 'events'
    places.drawer.hidden = state.drawer === null
    document.body.classList.toggle('has-drawer', state.drawer !== null)
    if (state.tab === 'matrix') drawMatrix()
    else morphChildren(places.events, eventsView(state))
    drawDrawer()
  }

  function drawMatrix(): void {
    matrix.draw(state, layout())
    if (!isShown && state.tree !== null) {
      isShown = true
      showOpened(acts)
    }
    if (takesFocus && state.focus !== null) {
      takesFocus = false
      matrix.focus(state.focus)
    }
    askRows()
  }

  function drawDrawer(): void {
    const { drawer } = state
    if (drawer !== null) {
      morphChildren(drawerParts.top, drawerTop(state, drawer))
      morphChildren(drawerParts.logHead, logHead(drawer.log))
      morphChildren(drawerParts.bottom, drawerBottom(drawer))
    }
    drawLog(drawer?.log ?? null)
  }

  const acts: Acts = {
    state: () => state, layout, matrix, dispatch, control, answer, askToCancel, loadEarlier,
    loadLater: () => loadEvents(state.events.rows.at(-1)?.seq ?? 0),
    focusSoon: () => {
      takesFocus = true
      ask()
    },
  }
  listen(places, acts)
  window.setInterval(() => {
    dispatch({ type: 'tick', now: Date.now() })
    if (state.tab === 'events') readNewEvents()
  }, CLOCK_MS)
  afterChange({ ...state, drawer: null, tab: 'matrix' })
  ask()
}

/** What the drawer's records are about: when it changes they are read anew. */
function aboutDrawer({ drawer, tree }: PageState): string {
  if (drawer === null) return ''
  const { run, element, site } = drawer.opened
  return JSON.stringify([run, element, site, cellsOf(tree, run, element, site)])
}

function cellsOf(tree: Tree | null, run: number, element: string, site: number | null): readonly unknown[] {
  const band = tree?.bands.get(run)
  if (band === undefined) return []
  const position = band.names.indexOf(element)
  const sites = site === null ? band.columns.map(([number]) => number) : [site]
  return sites.map((one) => cellAt(band, position, one))
}

function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError'
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

startRunPage(pageData<PageData>())
