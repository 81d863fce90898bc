/** The one fold of matrix frames: `applyFrame` gives a new tree and never changes an old one (docs/api.md, Matrix).
 *
 * States and cells lie in typed arrays, one for each run and one for each of its columns; a frame copies those that it
 * changes, 10 KB for a column of 10,000 rows. So an array that is the same object holds the same values.
 */
import type {
  Band as WireBand, Cell, Counts, Column, ElementChange, ElementState, MatrixDelta, MatrixSnapshot, Mode, Question, RunChange, RunState,
  SiteTallies, StepState,
} from '../wire/types'

export const ELEMENT_STATES: readonly ElementState[] = [
  'queued', 'waiting', 'running', 'succeeded', 'failed', 'unreachable', 'stopped', 'cancelled', 'excluded', 'skipped', 'not_started',
]
/** The worst last. Code 0 is a step that was not reached. */
export const STEP_STATES: readonly StepState[] = [
  'succeeded', 'skipped', 'queued', 'waiting', 'running', 'retrying', 'cancelled', 'unknown', 'still_running_there', 'interrupted',
  'unreachable', 'failed',
]
const ELEMENT_CODES = new Map(ELEMENT_STATES.map((state, code) => [state, code]))
const STEP_CODES = new Map(STEP_STATES.map((state, index) => [state, index + 1]))
const MOST_TURNS = 0xff_ffff

/** What an element said when it ended, and the last step that it finished. */
export interface Ending {
  readonly message: string
  readonly lastStep: readonly [site: number, turn: number] | null
}

export interface CellView {
  readonly state: StepState
  readonly turn: number
}

/** One run of the tree. Positions count its elements from 0, in execution order. */
export interface Band {
  readonly run: number
  readonly number: number
  readonly parent: number | null
  readonly site: number | null
  readonly turn: number | null
  readonly callers: readonly string[]
  readonly callersTotal: number
  /** Null, like the names empty, until the run has begun. */
  readonly flow: string | null
  readonly version: number | null
  readonly mode: Mode | null
  readonly firstRow: number
  readonly names: readonly string[]
  readonly state: RunState
  readonly reason: string
  readonly asked: readonly [what: string, by: string] | null
  readonly startedAt: string | null
  readonly endedAt: string | null
  readonly soaking: readonly [batch: number, until: number] | null
  /** The positions at which the second batch and those after it begin. */
  readonly batches: readonly number[]
  readonly columns: readonly Column[]
  readonly counts: Counts
  readonly sites: SiteTallies
  /** By position, an index into `ELEMENT_STATES`. */
  readonly states: Uint8Array
  readonly endings: ReadonlyMap<number, Ending>
  /** By site and position: the turn and, in the low byte, the state of the step. */
  readonly cells: ReadonlyMap<number, Uint32Array>
}

export interface Tree {
  readonly seq: number
  readonly root: number
  /** The run that the page shows; all bands are it or below it. */
  readonly run: number
  readonly runsTotal: number
  readonly bands: ReadonlyMap<number, Band>
  readonly questions: readonly Question[]
}

/** The tree after a frame. A delta before the first snapshot tells nothing. */
export function applyFrame(tree: Tree | null, frame: MatrixSnapshot | MatrixDelta): Tree | null {
  switch (frame.type) {
    case 'snapshot':
      return fromSnapshot(frame)
    case 'delta':
      return tree === null ? null : afterDelta(tree, frame)
    default:
      return frame satisfies never
  }
}

export function bandOf(tree: Tree): Band | undefined {
  return tree.bands.get(tree.run)
}

export function elementState(band: Band, position: number): ElementState {
  return ELEMENT_STATES[band.states[position] ?? 0] ?? 'queued'
}

/** Null where the element has not been. */
export function cellAt(band: Band, position: number, site: number): CellView | null {
  const value = band.cells.get(site)?.[position] ?? 0
  const state = STEP_STATES[(value & 0xff) - 1]
  return state === undefined ? null : { state, turn: value >>> 8 }
}

/** The positions of the elements in any of these states whose names hold the text; null: all of them. */
export function matchingPositions(band: Band, states: readonly ElementState[] | null, text: string): Uint32Array | null {
  if (states === null && text === '') return null
  const codes = states === null ? null : new Set(states.map(elementCode))
  const needle = text.toLowerCase()
  const found: number[] = []
  band.names.forEach((name, position) => {
    if ((codes === null || codes.has(band.states[position] ?? 0)) && (needle === '' || name.toLowerCase().includes(needle))) found.push(position)
  })
  return Uint32Array.from(found)
}

function elementCode(state: ElementState): number {
  return ELEMENT_CODES.get(state) ?? 0
}

function fromSnapshot(frame: MatrixSnapshot): Tree {
  const bands = new Map(frame.runs.map((run) => [run.run, fromWire(run, frame.letters)]))
  const tree: Tree = {
    seq: frame.seq, root: frame.root, run: frame.run, runsTotal: frame.runs_total, bands, questions: frame.questions,
  }
  return withRows(tree, [], frame.cells)
}

function afterDelta(tree: Tree, frame: MatrixDelta): Tree {
  const bands = new Map(tree.bands)
  for (const change of frame.runs ?? []) update(bands, change.run, (band) => ({ ...band, ...headOf(change) }))
  for (const [run, counts] of Object.entries(frame.counts)) update(bands, Number(run), (band) => ({ ...band, counts }))
  for (const [run, sites] of Object.entries(frame.sites ?? {})) update(bands, Number(run), (band) => ({ ...band, sites }))
  const changed = withRows({ ...tree, seq: frame.seq, bands, questions: frame.questions ?? tree.questions }, frame.elements ?? [], [])
  const all = new Map(changed.bands)
  let added = 0
  for (const run of frame.new ?? []) {
    if (!all.has(run.run) && run.number > largestNumber(tree)) added += 1
    all.set(run.run, fromWire(run, LETTERS))
  }
  return withRows({ ...changed, bands: all, runsTotal: Math.max(tree.runsTotal + added, all.size) }, [], frame.cells)
}

/** `new` tells of runs that began and of older ones that were left out; only the former make the tree larger. */
function largestNumber(tree: Tree): number {
  return Math.max(0, ...[...tree.bands.values()].map((band) => band.number))
}

function update(bands: Map<number, Band>, run: number, change: (band: Band) => Band): void {
  const band = bands.get(run)
  if (band !== undefined) bands.set(run, change(band))
}

/** Deltas have no letters of their own; these are those that every snapshot tells. */
const LETTERS: Readonly<Record<string, ElementState>> = {
  q: 'queued', w: 'waiting', r: 'running', s: 'succeeded', f: 'failed', u: 'unreachable', t: 'stopped', c: 'cancelled', x: 'excluded',
  k: 'skipped', n: 'not_started',
}

function fromWire(run: WireBand, letters: Readonly<Record<string, ElementState>>): Band {
  return {
    ...headOf(run),
    run: run.run, number: run.number, parent: run.parent, site: run.site, turn: run.turn, callers: run.callers,
    callersTotal: run.callers_total, flow: run.flow, version: run.version, mode: run.mode, batches: run.batches, firstRow: run.first_row, names: run.elements,
    counts: run.counts, sites: run.sites,
    states: Uint8Array.from(run.states, (letter) => elementCode(letters[letter] ?? 'queued')),
    endings: new Map(run.ends.map(([row, message, lastStep]) => [row - run.first_row, { message, lastStep }])),
    cells: new Map(),
  }
}

function headOf(run: RunChange): Pick<Band, 'state' | 'reason' | 'asked' | 'startedAt' | 'endedAt' | 'soaking' | 'columns'> {
  const { state, reason, asked, soaking, columns } = run
  return { state, reason, asked, startedAt: run.started_at, endedAt: run.ended_at, soaking, columns }
}

/** Rows are numbered over the whole tree: each change goes to the band that holds its row, copied once. */
function withRows(tree: Tree, elements: readonly ElementChange[], cells: readonly Cell[]): Tree {
  if (elements.length === 0 && cells.length === 0) return tree
  const bands = new Map(tree.bands)
  const ordered = [...tree.bands.values()].sort((one, other) => one.firstRow - other.firstRow)
  for (const [run, changes] of byBand(ordered, elements)) update(bands, run, (band) => withElements(band, changes))
  for (const [run, changes] of byBand(ordered, cells)) update(bands, run, (band) => withCells(band, changes))
  return { ...tree, bands }
}

function byBand<Change extends readonly [row: number, ...rest: unknown[]]>(
  ordered: readonly Band[], changes: readonly Change[],
): ReadonlyMap<number, readonly Change[]> {
  const found = new Map<number, Change[]>()
  let band: Band | undefined
  for (const change of changes) {
    if (band === undefined || !holds(band, change[0])) band = bandOfRow(ordered, change[0])
    if (band === undefined) continue
    const list = found.get(band.run)
    if (list === undefined) found.set(band.run, [change])
    else list.push(change)
  }
  return found
}

function holds(band: Band, row: number): boolean {
  return row >= band.firstRow && row < band.firstRow + band.names.length
}

function bandOfRow(ordered: readonly Band[], row: number): Band | undefined {
  let low = 0
  let high = ordered.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((ordered[middle]?.firstRow ?? 0) <= row) low = middle + 1
    else high = middle
  }
  // Runs without elements share their first row with the next one.
  for (let index = low - 1; index >= 0; index -= 1) {
    const band = ordered[index]
    if (band !== undefined && band.names.length > 0) return holds(band, row) ? band : undefined
  }
  return undefined
}

function withElements(band: Band, changes: readonly ElementChange[]): Band {
  const states = band.states.slice()
  let endings: Map<number, Ending> | null = null
  for (const change of changes) {
    const position = change[0] - band.firstRow
    states[position] = elementCode(change[1])
    if (change.length === 4) {
      endings ??= new Map(band.endings)
      endings.set(position, { message: change[2], lastStep: change[3] })
    }
  }
  return { ...band, states, endings: endings ?? band.endings }
}

function withCells(band: Band, changes: readonly Cell[]): Band {
  const cells = new Map(band.cells)
  const copied = new Set<number>()
  for (const [row, site, turn, state] of changes) {
    let column = cells.get(site)
    if (column === undefined || !copied.has(site)) {
      column = column?.slice() ?? new Uint32Array(band.names.length)
      cells.set(site, column)
      copied.add(site)
    }
    column[row - band.firstRow] = (Math.min(turn, MOST_TURNS) << 8) | (STEP_CODES.get(state) ?? 0)
  }
  return { ...band, cells }
}
