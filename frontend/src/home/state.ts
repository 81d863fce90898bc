/** Home as one value. What runs comes live; the rest is the server's overview, asked for again when it may have changed. */
import { isOver } from '../lib/states'
import type { Link } from '../wire/socket'
import type { ElementState, RunSummary } from '../wire/types'

export interface Failing {
  /** The run itself, or a child of it. */
  readonly run: number
  readonly element: string
  readonly site: number
  readonly name: string | null
}

export interface Trouble extends RunSummary {
  readonly failing: Failing | null
  /** How often its flow has failed in the last seven days; this run is the newest of them. */
  readonly times: number
}

export interface NextStarts {
  readonly id: number
  readonly schedule: string
  readonly flow: string
  readonly flow_id: number
  readonly at: readonly string[]
}

export interface Overview {
  readonly troubles: readonly Trouble[]
  readonly starts: readonly NextStarts[]
  readonly elements: {
    readonly by_state: Readonly<Partial<Record<ElementState, number>>>
    readonly never_run: number
    readonly disabled: number
  }
}

export interface State {
  readonly overview: Overview
  readonly runs: ReadonlyMap<number, RunSummary>
  /** Whether the socket has told what runs: before that, no run is not none. */
  readonly isTold: boolean
  readonly link: Link
  readonly detail: string
  /** The overview may say less than the truth. */
  readonly isOld: boolean
  readonly problem: string
}

export type Happening =
  | { readonly type: 'told'; readonly runs: readonly RunSummary[]; readonly whole: boolean }
  | { readonly type: 'overview'; readonly overview: Overview }
  | { readonly type: 'asked' }
  | { readonly type: 'link'; readonly link: Link; readonly detail: string }
  | { readonly type: 'problem'; readonly message: string }
  | { readonly type: 'time'; readonly now: number }

export function firstState(overview: Overview): State {
  return { overview, runs: new Map(), isTold: false, link: 'connecting', detail: '', isOld: false, problem: '' }
}

export function after(state: State, happening: Happening): State {
  switch (happening.type) {
    case 'told':
      return told(state, happening.runs, happening.whole)
    case 'overview':
      return { ...state, overview: happening.overview, problem: '' }
    case 'asked':
      return { ...state, isOld: false }
    case 'link':
      return { ...state, link: happening.link, detail: happening.detail }
    case 'problem':
      return { ...state, isOld: true, problem: happening.message }
    case 'time':
      return { ...state, isOld: state.isOld || hasStarted(state.overview.starts, happening.now) }
    default:
      return happening satisfies never
  }
}

/** Runs that go on, the newest first; those that wait for an answer stand among what needs a look. */
export function runningOf(state: State): readonly RunSummary[] {
  const open = [...state.runs.values()].filter((run) => !isOver(run.state) && run.state !== 'needs_attention')
  return open.sort((one, other) => other.id - one.id)
}

/** The next start of each schedule, the earliest first. */
export function comingOf(starts: readonly NextStarts[], now: number): readonly { readonly start: NextStarts; readonly at: string }[] {
  return starts
    .flatMap((start) => {
      const at = start.at.find((instant) => Date.parse(instant) > now)
      return at === undefined ? [] : [{ start, at }]
    })
    .sort((one, other) => Date.parse(one.at) - Date.parse(other.at))
}

/** What an opening socket does not tell of is over, however long the page was without it. */
function told(state: State, runs: readonly RunSummary[], whole: boolean): State {
  const next = new Map(whole ? [] : state.runs)
  for (const run of runs) next.set(run.id, run)
  return { ...state, runs: next, isTold: true, isOld: state.isOld || runs.some((run) => isNews(run, state)) }
}

/** A run in another state than before; what an opening socket tells is none. */
function isNews(run: RunSummary, state: State): boolean {
  return state.isTold && state.runs.get(run.id)?.state !== run.state
}

/** Only a schedule whose known starts have all passed needs the server. */
function hasStarted(starts: readonly NextStarts[], now: number): boolean {
  return starts.some((start) => start.at.length > 0 && start.at.every((instant) => Date.parse(instant) <= now))
}
