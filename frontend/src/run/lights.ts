/** What the blocks of the picture are lit by: for each step, over all runs of the flow it stands in, where it is. Pure. */
import type { StepState } from '../wire/types'
import { lookOf } from '../lib/states'
import type { Focus } from './state'
import { type Band, elementState, STEP_STATES, type Tree } from './tree'
import { isEnded } from './words'

export interface Light {
  /** The worst that is there; queued while some elements have not come and nothing is worse. */
  readonly state: StepState
  readonly counts: Readonly<Partial<Record<StepState, number>>>
  readonly total: number
  /** Whether nobody can come any more. */
  readonly isOver: boolean
}

/** The lights of these sites, `path` being those that lead from the shown run to theirs, "2.1"; null where nothing was. */
export function lightOf(tree: Tree, path: string, sites: readonly number[]): Light | null {
  return sites.map((site) => siteLight(bandsAt(tree, path), site)).reduce(worse, null)
}

/** "3 of 6 done, 1 failed"; of a step that is over, and that not all came to, "1 done, not reached by 5". */
export function lightText({ counts, total, isOver }: Light): string {
  const done = (counts.succeeded ?? 0) + (counts.skipped ?? 0)
  const others = STEP_STATES.toReversed().filter((state) => state !== 'succeeded' && state !== 'skipped' && (counts[state] ?? 0) > 0)
  const told = others.map((state) => `${counts[state] ?? 0} ${lookOf(state).word}`)
  const missing = total - cameTo(counts)
  if (!isOver || missing === 0) return [`${done} of ${total} done`, ...told].join(', ')
  return [...(done > 0 ? [`${done} done`] : []), ...told, `not reached by ${missing}`].join(', ')
}

/** "3/6", where there is no room for more; the icon beside it tells how it stands. */
export function lightInShort({ counts, total }: Light): string {
  return `${(counts.succeeded ?? 0) + (counts.skipped ?? 0)}/${total}`
}

function cameTo(counts: Light['counts']): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0)
}

/** The cell in the matrix to go to from a block: the element that gives it its light, where that can be told. */
export function placeOfBlock(tree: Tree, path: string, sites: readonly number[]): Focus | null {
  const bands = bandsAt(tree, path)
  if (bands.length === 0) return placeOfCaller(tree, path)
  const found = bands.flatMap((band) => sites.map((site) => ({ band, site, light: siteLight([band], site) })))
  const chosen = found.reduce((one, other) => (rank(other.light) > rank(one.light) ? other : one))
  return { run: chosen.band.run, position: positionIn(chosen.band, chosen.site), site: chosen.site }
}

function placeOfCaller(tree: Tree, path: string): Focus | null {
  const sites = path.split('.')
  const last = sites.pop()
  return last === undefined || last === '' ? null : placeOfBlock(tree, sites.join('.'), [Number(last)])
}

/** The row whose script ended at the site, else the first one that is under way, else the first. */
function positionIn(band: Band, site: number): number {
  const ended = band.names.findIndex((_, position) => band.endings.get(position)?.lastStep?.[0] === site)
  if (ended >= 0) return ended
  const running = band.names.findIndex((_, position) => ['running', 'waiting'].includes(elementState(band, position)))
  return Math.max(running, 0)
}

/** The runs of the flow that stands at a path. A run whose caller was left out of the page is at none. */
function bandsAt(tree: Tree, path: string): readonly Band[] {
  const sites = path === '' ? [] : path.split('.').map(Number)
  let bands = [...tree.bands.values()].filter((band) => band.run === tree.run)
  for (const site of sites) {
    const callers = new Set(bands.map((band) => band.run))
    bands = [...tree.bands.values()].filter((band) => band.parent !== null && callers.has(band.parent) && band.site === site)
  }
  return bands
}

function siteLight(bands: readonly Band[], site: number): Light | null {
  const counts: Partial<Record<StepState, number>> = {}
  for (const band of bands) {
    for (const [state, count] of Object.entries(band.sites[String(site)] ?? {})) {
      counts[state as StepState] = (counts[state as StepState] ?? 0) + count
    }
  }
  const worst = STEP_STATES.findLast((state) => (counts[state] ?? 0) > 0)
  if (worst === undefined) return null
  const total = bands.reduce((sum, band) => sum + band.names.length, 0)
  const isOver = bands.every((band) => isEnded(band.state))
  const isGoing = !isOver && cameTo(counts) < total
  const isDone = worst === 'succeeded' || worst === 'skipped'
  return { state: isGoing && isDone ? 'queued' : worst, counts, total, isOver }
}

function worse(one: Light | null, other: Light | null): Light | null {
  return rank(other) > rank(one) ? other : one
}

function rank(light: Light | null): number {
  return light === null ? -1 : STEP_STATES.indexOf(light.state)
}
