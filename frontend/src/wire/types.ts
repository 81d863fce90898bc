/** The shapes that REST and WebSocket speak (docs/api.md). `types.check.ts` holds them against the OpenAPI schema. */

export type RunState =
  | 'queued' | 'running' | 'waiting' | 'paused' | 'needs_attention' | 'succeeded' | 'partial' | 'failed' | 'cancelled'

export type StepState =
  | 'queued' | 'waiting' | 'running' | 'retrying' | 'succeeded' | 'failed' | 'unreachable' | 'cancelled'
  | 'still_running_there' | 'unknown' | 'interrupted' | 'skipped'

export type ElementState =
  | 'queued' | 'waiting' | 'running' | 'succeeded' | 'failed' | 'unreachable' | 'stopped' | 'cancelled' | 'excluded'
  | 'skipped' | 'not_started'

export type Mode = 'serial' | 'parallel'

/** The body of every error. */
export interface Problem {
  readonly code: string
  readonly message: string
  readonly fields: Readonly<Record<string, readonly string[]>>
}

export interface Page<Row> {
  readonly count: number
  readonly next: string | null
  readonly previous: string | null
  readonly results: readonly Row[]
}

/** Which elements a flow runs on: all, or those that a profile, groups and filters choose together. */
export interface Target {
  readonly all?: boolean
  readonly profile?: string | null
  readonly groups?: readonly string[]
  readonly filters?: readonly string[]
}

/** What a target selects while it is written; null where something in it is wrong. */
export interface TargetEffect {
  readonly count: number | null
  /** Elements before the first filter. */
  readonly base: number | null
  readonly problem: string
  readonly filters: readonly FilterEffect[]
  /** Elements that the search finds among those selected. */
  readonly found: number
  readonly rows: readonly TargetRow[]
}

export interface FilterEffect {
  readonly left: number | null
  readonly problem: string
  /** Where in the filter, from 0. */
  readonly position: number | null
}

export interface TargetRow {
  readonly name: string
  readonly profile: string
  readonly groups: readonly string[]
}

export interface InputSpec {
  readonly name: string
  /** Any plain value where it is left out. */
  readonly type?: string
  readonly required: boolean
  readonly default: unknown
  /** Of a choice, or of a list of choices. */
  readonly choices?: readonly string[]
  /** The type of a list's items; any plain value where it is left out. */
  readonly of?: string
  readonly description?: string
}

/** What the server shows instead of the value of a secret input. */
export const MASKED = '•••'

export type Counts = Readonly<Partial<Record<ElementState, number>>>

/** A run as `/ws/runs/` sums it up. */
export interface RunSummary {
  readonly id: number
  readonly flow: string
  readonly version: number | null
  readonly is_try: boolean
  readonly mode: Mode
  readonly state: RunState
  readonly reason: string
  readonly run_reason: string
  readonly started_by: string
  readonly last_seq: number
  readonly counts: Counts
  readonly created_at: string
  readonly started_at: string | null
  readonly ended_at: string | null
}

export interface RunsSnapshot {
  readonly type: 'snapshot'
  readonly kept: number
  readonly runs: readonly RunSummary[]
}

export interface RunsDelta {
  readonly type: 'delta'
  readonly runs: readonly RunSummary[]
}

export interface SocketError extends Problem {
  readonly type: 'error'
}

export type RunsFrame = RunsSnapshot | RunsDelta | SocketError

// --- the matrix of one run ------------------------------------------------------------------------------------------

/** `[site, step, name, line]`, known before a step runs; the tasks of `refresh` are the sites -1, -2, ... */
export type Column = readonly [site: number, step: string, name: string | null, line: number]

/** `[row, site, turn, state]`; rows count from 0 over the whole tree. */
export type Cell = readonly [row: number, site: number, turn: number, state: StepState]

/** `[row, message, last step]` of an element that ended with a message or half-way. */
export type End = readonly [row: number, message: string, lastStep: readonly [site: number, turn: number] | null]

export type ElementChange =
  | readonly [row: number, state: ElementState]
  | readonly [row: number, state: ElementState, message: string, lastStep: readonly [site: number, turn: number] | null]

export type SiteTallies = Readonly<Record<string, Readonly<Partial<Record<StepState, number>>>>>

export interface RunChange {
  readonly run: number
  readonly state: RunState
  readonly reason: string
  readonly asked: readonly [what: string, by: string] | null
  readonly started_at: string | null
  readonly ended_at: string | null
  /** Until when (Unix seconds) the run waits after this batch. */
  readonly soaking: readonly [batch: number, until: number] | null
  readonly columns: readonly Column[]
}

export interface Band extends RunChange {
  readonly number: number
  readonly parent: number | null
  readonly site: number | null
  readonly turn: number | null
  readonly callers: readonly string[]
  readonly callers_total: number
  readonly path: readonly string[]
  /** These three are null until the run has its elements. */
  readonly flow: string | null
  readonly version: number | null
  readonly mode: Mode | null
  /** The positions at which the second batch and those after it begin. */
  readonly batches: readonly number[]
  readonly first_row: number
  readonly elements: readonly string[]
  readonly states: string
  readonly ends: readonly End[]
  readonly counts: Counts
  readonly sites: SiteTallies
}

export interface Question {
  readonly question: number
  readonly kind: 'interrupted' | 'approval'
  readonly callers: readonly string[]
  readonly callers_total: number
  /** When an approval times out, in Unix seconds. */
  readonly until: number | null
  readonly run: number
  readonly element: string
  readonly site: number
  readonly turn: number
  readonly attempt: number
  readonly message: string
  readonly options: readonly string[]
  readonly row: number
}

export interface MatrixSnapshot {
  readonly type: 'snapshot'
  readonly seq: number
  readonly root: number
  readonly run: number
  readonly letters: Readonly<Record<string, ElementState>>
  readonly runs_total: number
  readonly runs: readonly Band[]
  readonly questions: readonly Question[]
  readonly cells: readonly Cell[]
}

export interface MatrixDelta {
  readonly type: 'delta'
  readonly seq: number
  readonly counts: Readonly<Record<string, Counts>>
  readonly cells: readonly Cell[]
  readonly sites?: Readonly<Record<string, SiteTallies>>
  readonly elements?: readonly ElementChange[]
  readonly runs?: readonly RunChange[]
  readonly new?: readonly Band[]
  readonly questions?: readonly Question[]
}

export interface StepName {
  readonly run: number
  readonly element: string
  readonly site: number
  readonly turn: number
  readonly attempt: number
}

export interface LogFrame {
  readonly type: 'log'
  readonly step: StepName
  readonly offset: number
  readonly pieces: readonly (readonly [stream: 'stdout' | 'stderr', text: string])[]
  readonly end: number
}

export type MatrixFrame = MatrixSnapshot | MatrixDelta | LogFrame | SocketError

export type MatrixMessage =
  | { readonly type: 'rows'; readonly run: number; readonly from: number; readonly to: number; readonly also?: readonly number[] }
  | { readonly type: 'log'; readonly step: StepName | null; readonly offset: number }

// --- one task tried on one element ----------------------------------------------------------------------------------

/** The answer of `GET runs/{id}/tried`; all but the run's state and reason is null while it goes on. */
export interface Tried {
  readonly state: RunState
  readonly reason: string
  readonly status: StepState | null
  readonly exit_code: number | null
  readonly output: string | null
  /** The output again, each piece with its stream, in the order in which it came. */
  readonly pieces: readonly (readonly [stream: 'stdout' | 'stderr', text: string])[] | null
  readonly data: unknown
  readonly message: string | null
  readonly attempts: number | null
  readonly duration_s: number | null
  readonly command: string | null
}
