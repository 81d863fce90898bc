/** Where everything of the matrix stands: bands in the order of calls, each with its head, its columns' heads and its rows. Pure. */
import type { Band, Tree } from './tree'
import { matchingPositions } from './tree'
import type { ElementState } from '../wire/types'
import { isEnded } from './words'

export const ROW = 24
export const HEAD = 32
export const COLUMNS = 40
/** A tree of this many runs is shown unfolded; in a larger one the runs that went well are folded. */
const FEW_RUNS = 8

export interface Filter {
  readonly state: ElementState | null
  readonly text: string
}

export type Line =
  | { readonly kind: 'head'; readonly run: number; readonly y: number }
  | { readonly kind: 'columns'; readonly run: number; readonly y: number }
  | { readonly kind: 'row'; readonly run: number; readonly y: number; readonly position: number }

/** The lines of one band. `positions` null: all elements, in their order. */
export interface Segment {
  readonly run: number
  readonly depth: number
  readonly open: boolean
  readonly y: number
  readonly headHeight: number
  readonly columnsHeight: number
  readonly rows: number
  readonly positions: Uint32Array | null
  readonly height: number
}

export interface Layout {
  readonly segments: readonly Segment[]
  readonly height: number
}

/** `folds` holds what the person opened or closed; a filter hides the runs in which nothing matches. */
export function layOut(tree: Tree, filter: Filter, folds: ReadonlyMap<number, boolean>): Layout {
  const children = byParent(tree)
  const isFiltered = filter.state !== null || filter.text !== ''
  const segments: Segment[] = []
  let y = 0
  const place = (band: Band, depth: number): void => {
    const positions = matchingPositions(band, filter.state === null ? null : [filter.state], filter.text)
    const isTop = band.run === tree.run
    if (isTop || positions === null || positions.length > 0) {
      const open = folds.get(band.run) ?? (isFiltered || isOpenByItself(tree, band))
      const segment = segmentOf(band, { depth, open, y, positions, hasHead: !isTop || tree.bands.size > 1 })
      segments.push(segment)
      y += segment.height
    }
    for (const child of children.get(band.run) ?? []) place(child, depth + 1)
  }
  const top = tree.bands.get(tree.run)
  if (top !== undefined) place(top, 0)
  return { segments, height: y }
}

interface Place {
  readonly depth: number
  readonly open: boolean
  readonly y: number
  readonly positions: Uint32Array | null
  readonly hasHead: boolean
}

function segmentOf(band: Band, { depth, open, y, positions, hasHead }: Place): Segment {
  const rows = open ? (positions?.length ?? band.names.length) : 0
  const headHeight = hasHead ? HEAD : 0
  const columnsHeight = open && band.names.length > 0 ? COLUMNS : 0
  return { run: band.run, depth, open, y, headHeight, columnsHeight, rows, positions, height: headHeight + columnsHeight + rows * ROW }
}

function byParent(tree: Tree): ReadonlyMap<number, readonly Band[]> {
  const children = new Map<number, Band[]>()
  for (const band of [...tree.bands.values()].sort((one, other) => one.number - other.number)) {
    if (band.run === tree.run) continue
    // A run whose caller was left out of the snapshot stands below the top.
    const parent = band.parent !== null && tree.bands.has(band.parent) ? band.parent : tree.run
    const list = children.get(parent)
    if (list === undefined) children.set(parent, [band])
    else list.push(band)
  }
  return children
}

function isOpenByItself(tree: Tree, band: Band): boolean {
  return band.run === tree.run || tree.bands.size <= FEW_RUNS || !isEnded(band.state) || band.state !== 'succeeded'
}

/** What is seen between two heights, in order; at most what fits and one more. */
export function visibleLines(layout: Layout, from: number, to: number): readonly Line[] {
  const lines: Line[] = []
  for (const segment of layout.segments) {
    if (segment.y + segment.height <= from || segment.y >= to) continue
    const { run, y } = segment
    const columnsY = y + segment.headHeight
    const rowsY = columnsY + segment.columnsHeight
    if (segment.headHeight > 0 && columnsY > from) lines.push({ kind: 'head', run, y })
    if (segment.columnsHeight > 0 && columnsY < to && rowsY > from) lines.push({ kind: 'columns', run, y: columnsY })
    const first = Math.max(0, Math.floor((from - rowsY) / ROW))
    const last = Math.min(segment.rows, Math.ceil((to - rowsY) / ROW))
    for (let index = first; index < last; index += 1) {
      lines.push({ kind: 'row', run, y: rowsY + index * ROW, position: segment.positions?.[index] ?? index })
    }
  }
  return lines
}

/** The height of a row; null when it is folded, filtered out or not of this tree. */
export function rowY(layout: Layout, run: number, position: number): number | null {
  const segment = layout.segments.find((one) => one.run === run)
  if (segment === undefined || !segment.open) return null
  const index = segment.positions === null ? position : segment.positions.indexOf(position)
  if (index < 0 || index >= segment.rows) return null
  return segment.y + segment.headHeight + segment.columnsHeight + index * ROW
}

export interface RowPlace {
  readonly run: number
  readonly position: number
}

/** The row so many lines below (or above) this one, over the bounds of bands; the same row at an end. */
export function rowBeside(layout: Layout, run: number, position: number, step: number): RowPlace {
  const flat = layout.segments.filter((segment) => segment.rows > 0)
  let at = flat.findIndex((segment) => segment.run === run)
  const segment = flat[at]
  if (segment === undefined) return firstRow(layout) ?? { run, position }
  let index = (segment.positions === null ? position : Math.max(0, segment.positions.indexOf(position))) + step
  for (;;) {
    const here = flat[at]
    if (here === undefined) return { run, position }
    if (index < 0) {
      const before = flat[at - 1]
      if (before === undefined) return rowOf(here, 0)
      at -= 1
      index += before.rows
    } else if (index >= here.rows) {
      if (flat[at + 1] === undefined) return rowOf(here, here.rows - 1)
      at += 1
      index -= here.rows
    } else return rowOf(here, index)
  }
}

export function firstRow(layout: Layout): RowPlace | null {
  const segment = layout.segments.find((one) => one.rows > 0)
  return segment === undefined ? null : rowOf(segment, 0)
}

function rowOf(segment: Segment, index: number): RowPlace {
  return { run: segment.run, position: segment.positions?.[index] ?? index }
}

// --- what the server shall tell of ----------------------------------------------------------------------------------

export interface Window {
  readonly run: number
  readonly from: number
  readonly to: number
  /** Positions outside of it, where a filter took the rows between away. */
  readonly also: readonly number[]
}

/** Limits of the protocol. */
const MOST_WINDOWS = 16
const MOST_ALSO = 200
/** Windows begin and end at multiples of this, so that scrolling asks seldom. */
const CHUNK = 50

/** The rows that are looked at, a screen around them included: at most 16 runs, the first ones on the screen. */
export function windowsFor(layout: Layout, from: number, to: number): readonly Window[] {
  const room = to - from
  const byRun = new Map<number, number[]>()
  for (const line of visibleLines(layout, from - room, to + room)) {
    if (line.kind !== 'row') continue
    const list = byRun.get(line.run)
    if (list === undefined) byRun.set(line.run, [line.position])
    else list.push(line.position)
  }
  const filtered = new Map(layout.segments.map((segment) => [segment.run, segment.positions !== null]))
  return [...byRun].slice(0, MOST_WINDOWS).map(([run, positions]) => windowOf(run, positions, filtered.get(run) ?? false))
}

function windowOf(run: number, positions: readonly number[], isFiltered: boolean): Window {
  const first = Math.min(...positions)
  const last = Math.max(...positions)
  if (isFiltered && last - first >= positions.length) return { run, from: 0, to: 0, also: positions.slice(0, MOST_ALSO) }
  const from = Math.floor(first / CHUNK) * CHUNK
  return { run, from, to: Math.min(from + 500, Math.ceil((last + 1) / CHUNK) * CHUNK), also: [] }
}
