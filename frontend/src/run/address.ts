/** The address bar as the page's memory: filter and tab in the query, the open cell behind the `#`. Pure. */
import type { ElementState } from '../wire/types'
import type { Filter } from './layout'
import { ELEMENT_STATES } from './tree'

export const TABS = ['matrix', 'blocks', 'events'] as const
export type Tab = (typeof TABS)[number]

/** What the drawer shows: an element of a run, or one step of it. */
export interface Opened {
  readonly run: number
  readonly element: string
  readonly site: number | null
}

export interface Shown {
  readonly filter: Filter
  readonly tab: Tab
  readonly opened: Opened | null
}

export function readAddress(search: string, hash: string): Shown {
  const query = new URLSearchParams(search)
  return {
    filter: { state: knownState(query.get('state')), text: query.get('q') ?? '' },
    tab: knownTab(query.get('tab')),
    opened: readHash(hash),
  }
}

export function writeAddress(path: string, { filter, tab, opened }: Shown): string {
  const query = new URLSearchParams()
  if (tab !== 'matrix') query.set('tab', tab)
  if (filter.state !== null) query.set('state', filter.state)
  if (filter.text !== '') query.set('q', filter.text)
  const text = query.toString()
  return `${path}${text === '' ? '' : `?${text}`}${opened === null ? '' : writeHash(opened)}`
}

export function writeHash({ run, element, site }: Opened): string {
  return `#/run/${run}/element/${encodeURIComponent(element)}${site === null ? '' : `/site/${site}`}`
}

function readHash(hash: string): Opened | null {
  const found = /^#\/run\/(\d+)\/element\/([^/]+)(?:\/site\/(-?\d+))?$/.exec(hash)
  const [, run, element, site] = found ?? []
  if (run === undefined || element === undefined) return null
  return { run: Number(run), element: decoded(element), site: site === undefined ? null : Number(site) }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text // somebody typed a lone %
  }
}

export function knownTab(text: string | null | undefined): Tab {
  return TABS.find((tab) => tab === text) ?? 'matrix'
}

function knownState(text: string | null): ElementState | null {
  return ELEMENT_STATES.find((state) => state === text) ?? null
}
