/** A plan as the dock shows it: which columns are open, what stands in each cell, and in words why there is no more. Pure. */
import { stepPhrase } from '../lib/steps'
import type { DraftPlan, PlanColumn } from './documents'

export interface ViewColumn {
  /** Its place in the plan's columns. */
  readonly place: number
  readonly column: PlanColumn
  /** The same column in the plan after an edit, as far as anybody can tell. */
  readonly key: string
  /** How many columns its child has; 0 where it calls none. */
  readonly holds: number
  readonly isFolded: boolean
}

/** The columns of one child next to each other; `from` and `to` are places among those shown. */
export interface Band {
  readonly label: string
  readonly depth: number
  readonly from: number
  readonly to: number
}

export interface Cell {
  readonly waves: readonly number[]
  readonly count: number
}

export interface Row {
  readonly name: string
  /** By place among the columns that are shown. */
  readonly cells: readonly (Cell | null)[]
  /** Nobody can know whether this element has a part in the plan at all. */
  readonly isOpen: boolean
}

export interface Board {
  readonly columns: readonly ViewColumn[]
  readonly bands: readonly Band[]
  readonly rows: readonly Row[]
  /** The first cell that nobody can fill in, in the order of the rows. */
  readonly unknown: { readonly row: number; readonly column: number } | null
}

/** What a cell is when the waves are played up to one. */
export type Played = 'done' | 'now' | 'next'

export function boardOf(plan: DraftPlan, folded: ReadonlySet<string>): Board {
  const keys = columnKeys(plan.columns)
  const columns = shownColumns(plan.columns, keys, folded)
  const rows = rowsOf(plan, columns)
  return { columns, bands: bandsOf(columns), rows, unknown: firstUnknown(rows, columns) }
}

/** A name for each column that stays when steps are put in before it. */
export function columnKeys(columns: readonly PlanColumn[]): readonly string[] {
  const keys: string[] = []
  const seen = new Map<string, number>()
  for (const { step, name, within } of columns) {
    const key = `${within === null ? '' : `${keys[within]}›`}${step} ${name ?? ''}`
    const nth = (seen.get(key) ?? 0) + 1
    seen.set(key, nth)
    keys.push(nth === 1 ? key : `${key} #${nth}`)
  }
  return keys
}

function shownColumns(
  columns: readonly PlanColumn[],
  keys: readonly string[],
  folded: ReadonlySet<string>,
): readonly ViewColumn[] {
  const hidden = new Set<number>()
  const holds = new Map<number, number>()
  for (const [place, { within }] of columns.entries()) {
    if (within === null) continue
    if (hidden.has(within) || folded.has(keys[within] ?? '')) hidden.add(place)
    for (let above: number | null = within; above !== null; above = columns[above]?.within ?? null)
      holds.set(above, (holds.get(above) ?? 0) + 1)
  }
  return columns.flatMap((column, place) =>
    hidden.has(place)
      ? []
      : [{ place, column, key: keys[place] ?? '', holds: holds.get(place) ?? 0, isFolded: folded.has(keys[place] ?? '') }],
  )
}

function bandsOf(columns: readonly ViewColumn[]): readonly Band[] {
  const bands: Band[] = []
  for (const [place, { column }] of columns.entries()) {
    if (column.depth === 0) continue
    const label = column.path.slice(1).join(' › ')
    const last = bands.at(-1)
    if (last?.to === place && last.label === label) bands[bands.length - 1] = { ...last, to: place + 1 }
    else bands.push({ label, depth: column.depth, from: place, to: place + 1 })
  }
  return bands
}

function rowsOf(plan: DraftPlan, columns: readonly ViewColumn[]): readonly Row[] {
  const places = new Map(columns.map(({ place }, shown) => [place, shown]))
  const cells = plan.rows.map(() => new Array<Cell | null>(columns.length).fill(null))
  const begun = new Set<number>()
  for (const [row, column, waves, count] of plan.cells) {
    begun.add(row)
    const shown = places.get(column)
    const own = cells[row]
    if (shown !== undefined && own !== undefined) own[shown] = { waves, count: count ?? waves.length }
  }
  const mayHaveMore = plan.plan?.complete === false && plan.plan.mode === 'serial'
  return plan.rows.map((name, row) => ({ name, cells: cells[row] ?? [], isOpen: mayHaveMore && !begun.has(row) }))
}

function firstUnknown(rows: readonly Row[], columns: readonly ViewColumn[]): Board['unknown'] {
  for (const [row, one] of rows.entries()) {
    const column = columns.findIndex((view, at) => isHatched(one, view.column, one.cells[at] ?? null))
    if (column >= 0) return { row, column }
  }
  return null
}

/** `3`, or `3 ×4` where the element is there four times. */
export function cellText({ waves, count }: Cell): string {
  return count === 1 ? String(waves[0]) : `${waves[0]} ×${count}`
}

export function playedAt({ waves, count }: Cell, wave: number): Played {
  if (waves.includes(wave)) return 'now'
  const last = waves.at(-1) ?? 0
  return last < wave && count === waves.length ? 'done' : 'next'
}

/** True where nobody can know whether the element comes to this step. */
export function isHatched(row: Row, column: PlanColumn, cell: Cell | null): boolean {
  return cell === null && (column.may_run || row.isOpen)
}

/** Where a wave stands: its column, and the elements among the rows. */
export function waveAt(plan: DraftPlan, wave: number): { readonly column: PlanColumn; readonly elements: readonly string[] } | null {
  const found = plan.cells.filter(([, , waves]) => waves.includes(wave))
  const column = plan.columns[found[0]?.[1] ?? -1]
  if (column === undefined) return null
  return { column, elements: found.map(([row]) => plan.rows[row] ?? '') }
}

export function toldWave(plan: DraftPlan, wave: number): string {
  const total = plan.plan?.waves_total ?? 0
  if (wave === 0) return 'All waves'
  const at = waveAt(plan, wave)
  const head = `Wave ${wave} of ${total}`
  if (at === null) return head
  const [first = ''] = at.elements
  const who = at.elements.length === 1 ? first : `${at.elements.length} elements`
  return `${head}: ${siteOf(at.column)} ${stepName(at.column)} on ${who}`
}

/** `3`, in a child `2.1`: the numbers of the editor's steps from the root on need the columns; a child's own is enough here. */
export function siteOf(column: PlanColumn): string {
  return String(column.site)
}

export function stepName({ step, name }: PlanColumn): string {
  return stepPhrase(step, name)
}

/** The whole of it: `3 Log: done, in Child`. */
export function stepTitle(column: PlanColumn): string {
  const inside = column.depth === 0 ? '' : `, in ${column.path.slice(1).join(' › ')}`
  return `${column.site} ${stepName(column)}${inside}`
}

/** Why a hatched cell is empty. */
export function toldUnknown(plan: DraftPlan): string {
  const stop = plan.plan?.stops_at ?? null
  if (stop === null) return ''
  if (stop.site === null) return 'depends on the run itself, which nobody knows before it starts'
  const inside = stop.path.length > 1 ? ` of ${stop.path.at(-1) ?? ''}` : ''
  return `depends on the result of step ${stop.site}${inside}`
}

/** The plan in a line. */
export function toldPlan(plan: DraftPlan): string {
  const summary = plan.plan
  if (summary === null) return ''
  const counted = `${plural(summary.waves_total, 'wave')} on ${plural(summary.elements_total, 'element')}`
  if (summary.complete && summary.waves_total === 0) return `No step runs on ${plural(summary.elements_total, 'element')}`
  if (summary.complete) return `${counted}: exactly what runs if nothing fails`
  return `${counted} known; what follows ${toldUnknown(plan)}`
}

export function toldCell(plan: DraftPlan, row: Row, column: PlanColumn, cell: Cell | null): string {
  const where = `${row.name}, step ${stepTitle(column)}`
  if (cell === null) return isHatched(row, column, cell) ? `${where}: ${toldUnknown(plan)}` : `${where}: does not run`
  const waves = cell.waves.join(', ')
  if (cell.count === 1) return `${where}: wave ${waves}`
  return `${where}: ${cell.count} times, waves ${waves}${cell.count > cell.waves.length ? ' and more' : ''}`
}

export function plural(count: number, word: string): string {
  return `${count.toLocaleString('en')} ${word}${count === 1 ? '' : 's'}`
}
