/** The list as one value, and everything that may happen to it. Rows change where they stand; new ones wait while
 * somebody points at the table. */
import type { Link } from '../wire/socket'
import type { RunSummary } from '../wire/types'
import { type Filters, matches } from './filters'

/** One page of rows, as the server gives it. */
export interface RunsPage {
  readonly filters: Filters
  readonly rows: readonly RunSummary[]
  readonly page: number
  readonly pages: number
  readonly total: number
  readonly size: number
  /** Whether there is any run at all. */
  readonly any: boolean
}

export interface State extends RunsPage {
  /** The newest that the socket has told of each run. */
  readonly live: ReadonlyMap<number, RunSummary>
  /** New rows that are not shown yet. */
  readonly waiting: readonly RunSummary[]
  /** Somebody points at the table: no row may move. */
  readonly held: boolean
  readonly link: Link
  readonly detail: string
  readonly problem: string
}

export type Happening =
  | { readonly type: 'page'; readonly page: RunsPage }
  | { readonly type: 'told'; readonly runs: readonly RunSummary[] }
  | { readonly type: 'held'; readonly held: boolean }
  | { readonly type: 'shown' }
  | { readonly type: 'link'; readonly link: Link; readonly detail: string }
  | { readonly type: 'problem'; readonly message: string }

export function firstState(page: RunsPage): State {
  return { ...page, live: new Map(), waiting: [], held: false, link: 'connecting', detail: '', problem: '' }
}

export function after(state: State, happening: Happening): State {
  switch (happening.type) {
    case 'page':
      return settled({ ...state, ...happening.page, rows: happening.page.rows.map((row) => newest(state, row)), problem: '' })
    case 'told':
      return told(state, happening.runs)
    case 'held':
      return happening.held ? { ...state, held: true } : settled({ ...state, held: false })
    case 'shown':
      return settled(state)
    case 'link':
      return { ...state, link: happening.link, detail: happening.detail }
    case 'problem':
      return { ...state, problem: happening.message }
    default:
      return happening satisfies never
  }
}

function told(state: State, runs: readonly RunSummary[]): State {
  const live = new Map(state.live)
  for (const run of runs) live.set(run.id, run)
  const known = { ...state, live, any: state.any || runs.length > 0 }
  const next = { ...known, rows: state.rows.map((row) => newest(known, row)) }
  return state.held ? { ...next, waiting: arrivals(next) } : settled(next)
}

/** The rows that belong to the first page now; later pages keep what they have. */
function settled(state: State): State {
  if (state.page > 1) return state
  const arrived = arrivals(state)
  const kept = state.rows.filter((row) => matches(row, state.filters))
  const rows = [...arrived, ...kept].sort((one, other) => other.id - one.id).slice(0, state.size)
  const total = state.total + arrived.length - (state.rows.length - kept.length)
  return { ...state, rows, total, pages: Math.max(1, Math.ceil(total / state.size)), waiting: [] }
}

/** Runs that match and are not in the table; below a full page's last row they are another page's. */
function arrivals(state: State): readonly RunSummary[] {
  if (state.page > 1) return []
  const there = new Set(state.rows.map((row) => row.id))
  const last = state.rows.length < state.size ? undefined : state.rows.at(-1)
  const oldest = last === undefined ? oldestWanted(state) : last.id
  return [...state.live.values()].filter((run) => run.id > oldest && !there.has(run.id) && matches(run, state.filters))
}

/** With pages after this one a short first page says nothing about older runs: they are counted there already. */
function oldestWanted(state: State): number {
  return state.pages > 1 ? (state.rows.at(-1)?.id ?? 0) : 0
}

function newest(state: State, row: RunSummary): RunSummary {
  const live = state.live.get(row.id)
  return live !== undefined && live.last_seq >= row.last_seq ? live : row
}
