/** The page's one state, and every way in which it changes. Pure: effects stand in main.ts. */
import type { Link } from '../wire/socket'
import type { ElementState, LogFrame, MatrixDelta, MatrixSnapshot, Mode, StepName } from '../wire/types'
import type { Opened, Shown, Tab } from './address'
import type { Filter } from './layout'
import type { Attempt, ElementDetail, JournalEvent } from './records'
import { applyFrame, cellAt, type Tree } from './tree'

/** What the server wrote into the page: what no frame tells. */
export interface PageData {
  readonly run: number
  readonly root: number
  readonly parent: number | null
  readonly flow: string
  readonly flow_id: number | null
  readonly version: number | null
  readonly is_try: boolean
  readonly mode: Mode
  readonly started_by: string
  readonly schedule: string | null
  readonly run_reason: string
  readonly created_at: string
  readonly inputs: Readonly<Record<string, unknown>>
  readonly narrowed: readonly string[] | null
  readonly error_threshold: number | string | null
  readonly plan: RunPlan | null
  /** How long this flow took lately when it went well, in seconds. */
  readonly usual_s: number | null
}

/** What the run was to do, and where it left that. */
export interface RunPlan {
  readonly problem?: string
  readonly complete?: boolean
  readonly waves?: number
  readonly departed_at?: { readonly n: number; readonly what: string } | null
}

/** A cell of the grid: a site, or 0 for the element itself. */
export interface Focus {
  readonly run: number
  readonly position: number
  readonly site: number
}

export type Loading<Value> =
  | { readonly kind: 'loading' }
  | { readonly kind: 'loaded'; readonly value: Value }
  | { readonly kind: 'failed'; readonly message: string }

/** The text of one attempt. `cut` when its beginning was let go to keep the page light. */
export interface Log {
  readonly step: StepName
  readonly pieces: readonly (readonly [stream: 'stdout' | 'stderr', text: string])[]
  readonly dropped: number
  readonly end: number
  readonly isRead: boolean
}

export interface Drawer {
  readonly opened: Opened
  readonly attempts: Loading<readonly Attempt[]>
  readonly element: Loading<ElementDetail | null>
  /** The attempt that a person chose; null: the newest. */
  readonly chosen: { readonly turn: number; readonly attempt: number } | null
  readonly log: Log | null
}

export interface Events {
  readonly rows: readonly JournalEvent[]
  readonly lastSeq: number
  readonly isLoading: boolean
  readonly problem: string
}

export type Verb = 'pause' | 'resume' | 'cancel'

export interface PageState {
  readonly data: PageData
  readonly tree: Tree | null
  readonly link: Link
  readonly refusal: string
  readonly filter: Filter
  readonly tab: Tab
  readonly folds: ReadonlyMap<number, boolean>
  readonly focus: Focus | null
  readonly drawer: Drawer | null
  readonly events: Events
  /** Asked for by this page and not yet told of by the run. */
  readonly asking: Verb | null
  readonly answering: number | null
  readonly problem: string
  readonly now: number
}

export type Action =
  | { readonly type: 'frame'; readonly frame: MatrixSnapshot | MatrixDelta }
  | { readonly type: 'log'; readonly frame: LogFrame }
  | { readonly type: 'link'; readonly link: Link; readonly refusal: string }
  | { readonly type: 'tick'; readonly now: number }
  | { readonly type: 'address'; readonly shown: Shown }
  | { readonly type: 'filter state'; readonly state: ElementState | null }
  | { readonly type: 'filter text'; readonly text: string }
  | { readonly type: 'tab'; readonly tab: Tab }
  | { readonly type: 'fold'; readonly run: number; readonly open: boolean }
  | { readonly type: 'focus'; readonly focus: Focus }
  | { readonly type: 'open'; readonly opened: Opened }
  | { readonly type: 'close' }
  | { readonly type: 'attempts'; readonly opened: Opened; readonly attempts: Loading<readonly Attempt[]> }
  | { readonly type: 'element'; readonly opened: Opened; readonly element: Loading<ElementDetail | null> }
  | { readonly type: 'choose attempt'; readonly turn: number; readonly attempt: number }
  | { readonly type: 'read log'; readonly step: StepName | null }
  | { readonly type: 'events asked' }
  | { readonly type: 'events'; readonly rows: readonly JournalEvent[]; readonly lastSeq: number }
  | { readonly type: 'events failed'; readonly message: string }
  | { readonly type: 'asked'; readonly verb: Verb }
  | { readonly type: 'answered'; readonly question: number }
  | { readonly type: 'refused'; readonly message: string }
  | { readonly type: 'problem read' }

/** A log on the page is at most so long; older text is let go. */
const MOST_LOG_CHARS = 400_000

export function firstState(data: PageData, shown: Shown, now: number): PageState {
  return {
    data, now, tree: null, link: 'connecting', refusal: '', filter: shown.filter, tab: shown.tab, folds: new Map(), focus: null,
    drawer: shown.opened === null ? null : drawerOf(shown.opened), events: { rows: [], lastSeq: 0, isLoading: false, problem: '' },
    asking: null, answering: null, problem: '',
  }
}

export function reduce(state: PageState, action: Action): PageState {
  switch (action.type) {
    case 'frame':
      return withTree(state, applyFrame(state.tree, action.frame))
    case 'log':
      return inDrawer(state, (drawer) => ({ ...drawer, log: withText(drawer.log, action.frame) }))
    case 'link':
      return { ...state, link: action.link, refusal: action.refusal }
    case 'tick':
      return { ...state, now: action.now }
    case 'address':
      return withShown(state, action.shown)
    case 'filter state':
      return { ...state, filter: { ...state.filter, state: action.state }, tab: 'matrix' }
    case 'filter text':
      return { ...state, filter: { ...state.filter, text: action.text } }
    case 'tab':
      return { ...state, tab: action.tab }
    case 'fold':
      return { ...state, folds: new Map(state.folds).set(action.run, action.open) }
    case 'focus':
      return { ...state, focus: action.focus }
    case 'open':
      return { ...state, drawer: sameOpened(state.drawer?.opened, action.opened) ? state.drawer : drawerOf(action.opened) }
    case 'close':
      return { ...state, drawer: null }
    case 'attempts':
      return inDrawer(state, (drawer) => (sameOpened(drawer.opened, action.opened) ? { ...drawer, attempts: action.attempts } : drawer))
    case 'element':
      return inDrawer(state, (drawer) => (sameOpened(drawer.opened, action.opened) ? { ...drawer, element: action.element } : drawer))
    case 'choose attempt':
      return inDrawer(state, (drawer) => ({ ...drawer, chosen: { turn: action.turn, attempt: action.attempt } }))
    case 'read log':
      return inDrawer(state, (drawer) => ({ ...drawer, log: action.step === null ? null : emptyLog(action.step) }))
    case 'events asked':
      return { ...state, events: { ...state.events, isLoading: true, problem: '' } }
    case 'events':
      return { ...state, events: withEvents(state.events, action.rows, action.lastSeq) }
    case 'events failed':
      return { ...state, events: { ...state.events, isLoading: false, problem: action.message } }
    case 'asked':
      return { ...state, asking: action.verb, problem: '' }
    case 'answered':
      return { ...state, answering: action.question, problem: '' }
    case 'refused':
      return { ...state, asking: null, answering: null, problem: action.message }
    case 'problem read':
      return { ...state, problem: '' }
    default:
      return action satisfies never
  }
}

export function sameOpened(one: Opened | null | undefined, other: Opened | null | undefined): boolean {
  if (one === null || one === undefined || other === null || other === undefined) return (one ?? null) === (other ?? null)
  return one.run === other.run && one.element === other.element && one.site === other.site
}

export function sameStep(one: StepName | null, other: StepName | null): boolean {
  if (one === null || other === null) return one === other
  return (
    one.run === other.run && one.element === other.element && one.site === other.site && one.turn === other.turn && one.attempt === other.attempt
  )
}

/** The attempt whose log the drawer shows: the chosen one, the one under way, else the last that ended. */
export function shownStep(state: PageState): StepName | null {
  const { drawer, tree } = state
  if (drawer === null || drawer.opened.site === null || tree === null) return null
  const { run, element, site } = drawer.opened
  const band = tree.bands.get(run)
  const position = band?.names.indexOf(element) ?? -1
  if (band === undefined || position < 0) return null
  const cell = cellAt(band, position, site)
  const attempts = drawer.attempts.kind === 'loaded' ? drawer.attempts.value : []
  const last = attempts.at(-1)
  if (drawer.chosen !== null) return { run, element, site, ...drawer.chosen }
  if (cell !== null && isUnderWay(cell.state)) {
    const ended = attempts.filter((attempt) => attempt.turn === cell.turn)
    return { run, element, site, turn: cell.turn, attempt: (ended.at(-1)?.attempt ?? 0) + 1 }
  }
  return last === undefined ? null : { run, element, site, turn: last.turn, attempt: last.attempt }
}

export function isUnderWay(state: string): boolean {
  return state === 'queued' || state === 'waiting' || state === 'running' || state === 'retrying'
}

function withTree(state: PageState, tree: Tree | null): PageState {
  const before = state.tree?.bands.get(state.tree.run)
  const band = tree?.bands.get(tree.run)
  const isTold = band !== before && (band?.asked !== before?.asked || band?.state !== before?.state)
  const isAnswered = state.answering !== null && !tree?.questions.some(({ question }) => question === state.answering)
  return { ...state, tree, asking: isTold ? null : state.asking, answering: isAnswered ? null : state.answering }
}

function withShown(state: PageState, shown: Shown): PageState {
  const drawer = shown.opened === null ? null : sameOpened(state.drawer?.opened, shown.opened) ? state.drawer : drawerOf(shown.opened)
  return { ...state, filter: shown.filter, tab: shown.tab, drawer }
}

function drawerOf(opened: Opened): Drawer {
  return { opened, attempts: { kind: 'loading' }, element: { kind: 'loading' }, chosen: null, log: null }
}

function inDrawer(state: PageState, change: (drawer: Drawer) => Drawer): PageState {
  return state.drawer === null ? state : { ...state, drawer: change(state.drawer) }
}

function emptyLog(step: StepName): Log {
  return { step, pieces: [], dropped: 0, end: 0, isRead: false }
}

/** A frame of another step, or one that was told before the connection was lost, changes nothing. */
function withText(log: Log | null, frame: LogFrame): Log | null {
  if (log === null || !sameStep(log.step, frame.step) || frame.offset !== log.end) return log
  const pieces = [...log.pieces, ...frame.pieces]
  let size = pieces.reduce((sum, [, text]) => sum + text.length, 0)
  let drop = 0
  while (size > MOST_LOG_CHARS && drop < pieces.length - 1) {
    size -= pieces[drop]?.[1].length ?? 0
    drop += 1
  }
  return { ...log, pieces: pieces.slice(drop), dropped: log.dropped + drop, end: frame.end, isRead: true }
}

/** The rows are a gapless part of the journal: what comes is put before or behind it, and what overlaps counts once. */
function withEvents(events: Events, rows: readonly JournalEvent[], lastSeq: number): Events {
  const oldest = events.rows[0]?.seq ?? Number.POSITIVE_INFINITY
  const newest = events.rows.at(-1)?.seq ?? 0
  const earlier = events.rows.length === 0 ? [] : rows.filter(({ seq }) => seq < oldest)
  const later = rows.filter(({ seq }) => seq > newest)
  return { rows: [...earlier, ...events.rows, ...later], lastSeq: Math.max(lastSeq, events.lastSeq), isLoading: false, problem: '' }
}
