/** What an edit moved in the plan: cells that are new or stand elsewhere in the order, and elements that do. Pure. */
import { columnKeys } from './dock_board'
import type { DraftPlan } from './documents'

export interface Moves {
  /** `element|key of the column`. */
  readonly cells: ReadonlySet<string>
  readonly rows: ReadonlySet<string>
}

export const NO_MOVES: Moves = { cells: new Set(), rows: new Set() }

/** A wave that only has another number because something was put in before it has not moved. */
export function movesBetween(before: DraftPlan, now: DraftPlan): Moves {
  const old = placesOf(before)
  const cells = new Set<string>()
  const common: { readonly name: string; readonly before: number; readonly now: number }[] = []
  for (const [name, wave] of placesOf(now)) {
    const earlier = old.get(name)
    if (earlier === undefined) cells.add(name)
    else common.push({ name, before: earlier, now: wave })
  }
  common.sort((one, other) => one.before - other.before || one.now - other.now)
  const stayed = longestRise(common.map(({ now: wave }) => wave))
  for (const [place, { name }] of common.entries()) if (!stayed.has(place)) cells.add(name)
  return { cells, rows: movedRows(before.rows, now.rows) }
}

export function cellName(element: string, columnKey: string): string {
  return `${element}|${columnKey}`
}

function placesOf(plan: DraftPlan): ReadonlyMap<string, number> {
  const keys = columnKeys(plan.columns)
  return new Map(
    plan.cells.map(([row, column, waves]) => [cellName(plan.rows[row] ?? '', keys[column] ?? ''), waves[0] ?? 0]),
  )
}

function movedRows(before: readonly string[], now: readonly string[]): ReadonlySet<string> {
  const places = new Map(before.map((name, place) => [name, place]))
  const common = now.flatMap((name) => {
    const place = places.get(name)
    return place === undefined ? [] : [{ name, place }]
  })
  const stayed = longestRise(common.map(({ place }) => place))
  const moved = common.filter((_, at) => !stayed.has(at)).map(({ name }) => name)
  return new Set([...moved, ...now.filter((name) => !places.has(name))])
}

/** The places of a longest subsequence that never falls. */
export function longestRise(values: readonly number[]): ReadonlySet<number> {
  const ends: number[] = []
  const previous: number[] = []
  for (const [place, value] of values.entries()) {
    let low = 0
    let high = ends.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((values[ends[middle] ?? 0] ?? 0) <= value) low = middle + 1
      else high = middle
    }
    previous[place] = low === 0 ? -1 : (ends[low - 1] ?? -1)
    ends[low] = place
  }
  const found = new Set<number>()
  for (let at = ends.at(-1) ?? -1; at >= 0; at = previous[at] ?? -1) found.add(at)
  return found
}
