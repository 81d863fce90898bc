/** Keys of the grid: arrows move between cells, over the bounds of bands; Enter opens the drawer. Pure. */
import { firstRow, type Layout, rowBeside, type RowPlace } from './layout'
import type { Focus } from './state'
import { type Band, ELEMENT_STATES, type Tree } from './tree'

const PAGE_ROWS = 20

/** Where a key leads from a cell; null for a key that moves nothing. */
export function moved(tree: Tree, layout: Layout, from: Focus, key: string, isFar: boolean): Focus | null {
  switch (key) {
    case 'ArrowDown':
      return inColumn(tree, rowBeside(layout, from.run, from.position, 1), from.site)
    case 'ArrowUp':
      return inColumn(tree, rowBeside(layout, from.run, from.position, -1), from.site)
    case 'PageDown':
      return inColumn(tree, rowBeside(layout, from.run, from.position, PAGE_ROWS), from.site)
    case 'PageUp':
      return inColumn(tree, rowBeside(layout, from.run, from.position, -PAGE_ROWS), from.site)
    case 'ArrowRight':
      return { ...from, site: siteBeside(tree, from, 1) }
    case 'ArrowLeft':
      return { ...from, site: siteBeside(tree, from, -1) }
    case 'Home':
      return isFar ? { ...(firstRow(layout) ?? from), site: 0 } : { ...from, site: 0 }
    case 'End':
      return isFar ? { ...rowBeside(layout, from.run, from.position, Number.MAX_SAFE_INTEGER), site: from.site } : { ...from, site: sitesOf(tree, from.run).at(-1) ?? 0 }
    default:
      return null
  }
}

function sitesOf(tree: Tree, run: number): readonly number[] {
  return [0, ...(tree.bands.get(run)?.columns ?? []).map(([site]) => site)]
}

function siteBeside(tree: Tree, { run, site }: Focus, step: number): number {
  const sites = sitesOf(tree, run)
  return sites[Math.max(0, Math.min(sites.length - 1, sites.indexOf(site) + step))] ?? 0
}

/** The same site where the row's run has it, else its element. */
function inColumn(tree: Tree, place: RowPlace, site: number): Focus {
  return { ...place, site: sitesOf(tree, place.run).includes(site) ? site : 0 }
}

const TROUBLE = new Set(['failed', 'unreachable', 'stopped', 'cancelled'])

/** The next row in trouble after (or before) this place, round the tree; null when there is none. */
export function nextTrouble(tree: Tree, from: RowPlace | null, step: 1 | -1): Focus | null {
  const bands = [...tree.bands.values()].sort((one, other) => one.number - other.number)
  const found: Focus[] = bands.flatMap((band) => troubled(band))
  if (found.length === 0) return null
  const rowOf = (place: RowPlace): number => (tree.bands.get(place.run)?.firstRow ?? 0) + place.position
  if (from === null) return (step === 1 ? found[0] : found.at(-1)) ?? null
  const here = rowOf(from)
  const ahead = step === 1 ? found.find((one) => rowOf(one) > here) : found.findLast((one) => rowOf(one) < here)
  return ahead ?? (step === 1 ? found[0] : found.at(-1)) ?? null
}

/** The rows of a band in trouble, each at the step that ended it. */
function troubled(band: Band): readonly Focus[] {
  const found: Focus[] = []
  band.states.forEach((code, position) => {
    if (TROUBLE.has(ELEMENT_STATES[code] ?? '')) found.push({ run: band.run, position, site: band.endings.get(position)?.lastStep?.[0] ?? 0 })
  })
  return found
}
