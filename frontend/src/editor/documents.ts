/** What the server and the editor say to each other: scripts as text and as blocks, names, drafts (docs/api.md). */
import type { InputSpec, Mode, Target } from '../wire/types'

export type Script = 'execution' | 'processing'
export const SCRIPTS: readonly Script[] = ['execution', 'processing']

export type Span = readonly [first: number, last: number, nth: number]

/** What of a block is neither field nor input; given back as it came (flows/script/blocks/workspace.py). */
export interface Extra {
  readonly clauses?: readonly string[]
  readonly counts?: Readonly<Record<string, number>>
  readonly spans?: readonly (Span | null)[]
  readonly comments?: readonly (readonly string[])[]
  readonly sources?: Readonly<Record<string, string>>
  /** Of a raw block: why the code has no block of its own, in a sentence. */
  readonly why?: string
}

export interface FlatBlock {
  readonly id: string
  readonly type: string
  readonly fields: Readonly<Record<string, string>>
  readonly inputs: Readonly<Record<string, string>>
  readonly next: string | null
  readonly extra: Extra
}

export interface Blocks {
  readonly first: string | null
  readonly blocks: readonly FlatBlock[]
  readonly sites: readonly string[]
}

export const NO_BLOCKS: Blocks = { first: null, blocks: [], sites: [] }

/** A piece of the text in its own units: `text.slice(start, end)`. */
export interface Range {
  readonly start: number
  readonly end: number
}

/** An argument's value, with the parentheses around it; `from` is where its keyword begins. */
export interface Argument extends Range {
  readonly name: string | null
  readonly code: string
  readonly from?: number
}

/** `close` is where the last parenthesis stands. */
export interface CallRange extends Range {
  readonly args: readonly Argument[]
  readonly close: number
}

export interface Site {
  readonly site: number
  readonly step: string
  readonly name: string | null
  readonly line: number
  readonly end_line: number
  readonly block: string | null
  readonly call: CallRange
  /** The innermost statement around it. */
  readonly statement: Range
}

/** `line` and `col` count from 1; 0 where the problem is the blocks' alone. */
export interface Fault {
  readonly line: number
  readonly col: number
  readonly code: string
  readonly message: string
  readonly block: string | null
  /** The known name that is near to an unknown one. */
  readonly meant?: string | null
  /** Absent where the script cannot be published. */
  readonly severity?: 'warning'
}

/** The answer of one turn: the side that cannot be made is null. */
export interface Turn {
  readonly text: string | null
  readonly workspace: Blocks | null
  readonly sites: readonly Site[]
  readonly problems: readonly Fault[]
  readonly revision: number
}

export interface TaskName {
  readonly id: number
  readonly name: string
  readonly version: number
  readonly class: string
  /** The first line of its template that says something. */
  readonly command_line: string
  /** Seconds; what a call without a timeout has. */
  readonly timeout: number
  readonly retries: number
  /** The keys of the settings that it writes. */
  readonly saves: readonly string[]
  readonly inputs: readonly InputSpec[]
}

export interface FlowName {
  readonly id: number
  readonly name: string
  readonly version: number
  readonly mode: Mode
  readonly steps: readonly { readonly site: number; readonly step: string; readonly name: string | null }[]
  readonly inputs: readonly InputSpec[]
}

/** A word of the script language, as completion and hover tell it. */
export interface Word {
  readonly name: string
  readonly kind: 'step' | 'ending' | 'function' | 'variable'
  readonly signature: string
  readonly doc: string
  readonly scripts: readonly Script[]
}

export interface Names {
  readonly tasks: readonly TaskName[]
  readonly flows: readonly FlowName[]
  /** A word that acts otherwise in a processing script stands twice. */
  readonly steps: readonly Word[]
  readonly context_keys: readonly string[]
  /** By context key some of its values, the most frequent first; none of what is secret. */
  readonly values: Readonly<Record<string, readonly (string | number | boolean)[]>>
}

/** The keys of a flow that the editor changes; a draft may hold anything, publishing checks it. */
export interface Keys {
  readonly mode: Mode
  readonly target: Target | null
  readonly concurrency: number | string | null
  readonly batches: readonly (number | string)[] | null
  readonly soak: number | string | null
  readonly error_threshold: number | string | null
  readonly on_empty: string
  readonly refresh: readonly string[] | null
  readonly inputs: readonly InputSpec[]
  readonly processing_script: string
  readonly execution_script: string
}

export const KEYS = [
  'mode',
  'target',
  'concurrency',
  'batches',
  'soak',
  'error_threshold',
  'on_empty',
  'refresh',
  'inputs',
  'processing_script',
  'execution_script',
] as const satisfies readonly (keyof Keys)[]

export interface Draft extends Keys {
  readonly flow: number
  readonly name: string
  readonly revision: number
  readonly base_version: number | null
  readonly published_version: number | null
  readonly written_by: string
  readonly written_at: string
  readonly is_draft: boolean
}

/** A problem of publishing: `key` is dotted, `line` 0 where the key has no lines. */
export interface KeyProblem {
  readonly key: string
  readonly line: number
  readonly message: string
}

/** A problem in a sentence; those of keys name their key themselves. */
export function toldProblem(problem: KeyProblem): string {
  const words = problemWords(problem)
  return isOfTarget(problem) ? `Target: ${words}` : words
}

/** The same for where the card *Target* is named already. */
export function problemWords(problem: KeyProblem): string {
  const { key, line } = problem
  const message = problem.message.replace(/^inputs\.(\d+)(?:\.(\w+))?/, inputWords)
  if (isOfTarget(problem)) return message.replace(/^target(\.\w+)*: /, '')
  if (line === 0 && (message.startsWith(key) || message !== problem.message)) return message
  const name = AS_CARDS[key] ?? key.replaceAll('_', ' ')
  return line > 0 ? `${name}, line ${line}: ${message}` : `${name}: ${message}`
}

/** inputs.0.name: the first input's name. */
function inputWords(_: string, index: string, key: string | undefined): string {
  return key === undefined ? `input ${Number(index) + 1}` : `input ${Number(index) + 1}, ${key}`
}

/** What is read as a key in a file is read as a card here. */
const AS_CARDS: Readonly<Record<string, string>> = { execution_script: 'Steps', processing_script: 'Order' }

function isOfTarget({ key }: KeyProblem): boolean {
  return key === 'target' || key.startsWith('target.')
}

export interface Selection {
  readonly count: number
  readonly names: readonly string[]
}

/** The plan of a draft as the dock shows it (docs/api.md). */
export interface DraftPlan {
  /** Not empty: the draft has no plan until they are mended. */
  readonly problems: readonly KeyProblem[]
  readonly reason: string | null
  /** What was put in for required inputs that have no value. */
  readonly sampled: Readonly<Record<string, unknown>>
  readonly plan: PlanSummary | null
  /** The names of the first elements in the order of the run. */
  readonly rows: readonly string[]
  /** Of the flow itself and of its children. */
  readonly rows_total: number
  readonly columns: readonly PlanColumn[]
  readonly columns_total: number
  readonly cells: readonly PlanCell[]
}

/** `count` stands only where there are more waves than are told. */
export type PlanCell = readonly [row: number, column: number, waves: readonly number[], count?: number]

export interface PlanSummary {
  readonly mode: Mode
  readonly concurrency: number
  readonly complete: boolean
  readonly stops_at: {
    readonly path: readonly string[]
    readonly line: number
    readonly site: number | null
    readonly reason: string
    readonly may_run: readonly number[]
  } | null
  readonly hash: string
  readonly notes: readonly string[]
  readonly elements_total: number
  readonly waves_total: number
}

/** One step site; those of the flow itself have depth 0, those of a child come right after the step that runs it. */
export interface PlanColumn {
  readonly path: readonly string[]
  readonly site: number
  readonly depth: number
  readonly step: string
  readonly name: string | null
  readonly line: number
  readonly may_run: boolean
  /** The place of the column that calls its flow. */
  readonly within: number | null
}

/** What the processing script makes of the selected elements (docs/api.md). */
export interface OrderPreview {
  /** The script in short: "patroni_leader master last". */
  readonly words: string
  readonly selected: number
  readonly kept: number
  readonly rows: readonly OrderRow[]
  readonly dropped: readonly (OrderRow & { readonly line: number | null; readonly why: string })[]
  readonly keys: readonly ReadKey[]
  readonly problem: { readonly line: number; readonly message: string } | null
}

export interface OrderRow {
  readonly name: string
  readonly facts: Readonly<Record<string, unknown>>
  /** Of those that come from the context, where it is known. */
  readonly written_at: Readonly<Record<string, string>>
}

/** A context key that the script read. */
export interface ReadKey {
  readonly key: string
  /** The first of them. */
  readonly missing: readonly string[]
  readonly missing_total: number
  readonly oldest_at: string | null
  readonly newest_at: string | null
  /** Of the elements' own values only. */
  readonly oldest_setting_at: string | null
  /** Elements whose value has no time. */
  readonly untimed: number
  readonly origins: Readonly<Record<string, number>>
  /** "group eu", "profile linux". */
  readonly sources: readonly string[]
}

/** Something that was asked of the server: the last answer stays while the next is on its way. */
export interface Asked<Answer> {
  readonly answer: Answer | null
  readonly isAsking: boolean
  /** Why there was no answer. */
  readonly problem: string | null
}

export const NOT_ASKED: Asked<never> = { answer: null, isAsking: false, problem: null }
