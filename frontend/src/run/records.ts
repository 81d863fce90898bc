/** What the drawer and the list of events ask REST for: attempts, an element of a run, the journal. */
import type { ElementState, Page, StepState } from '../wire/types'
import { call } from '../wire/api'
import type { Opened } from './address'
import { isRefresh, placed } from './places'

/** The outcome of one attempt of one step. */
export interface Attempt {
  readonly id: number
  readonly element: string
  readonly site: number
  readonly turn: number
  readonly attempt: number
  readonly step: string
  readonly name: string | null
  readonly target: string | null
  readonly line: number
  readonly status: StepState
  readonly reason: string
  readonly advice: string
  readonly exit_code: number | null
  readonly result: Readonly<Record<string, unknown>>
  readonly started_at: string | null
  readonly finished_at: string
}

/** An element in a run; `snapshot` is what the scripts saw of it. */
export interface ElementDetail {
  readonly position: number
  readonly name: string
  readonly state: ElementState
  readonly message: string
  readonly snapshot: Readonly<Record<string, unknown>>
}

export interface JournalEvent {
  readonly seq: number
  readonly run: number
  readonly type: string
  readonly at: string
  readonly [key: string]: unknown
}

/** The attempts of a step, or of all steps of an element, in the order in which they ended; the last 1000. */
export async function readAttempts({ run, element, site }: Opened, signal: AbortSignal): Promise<readonly Attempt[]> {
  const query = new URLSearchParams({ element, ordering: '-id', page_size: '1000' })
  if (site !== null) query.set('site', String(isRefresh(site) ? 0 : site))
  const page = await call<Page<Attempt>>('GET', `/api/runs/${run}/steps?${query.toString()}`, { signal })
  return page.results.map(placed).filter((attempt) => site === null || attempt.site === site).reverse()
}

export async function readElement({ run, element }: Opened, signal: AbortSignal): Promise<ElementDetail | null> {
  const query = new URLSearchParams({ name: element })
  const page = await call<Page<ElementDetail>>('GET', `/api/runs/${run}/elements?${query.toString()}`, { signal })
  return page.results[0] ?? null
}

export const EVENTS_AT_ONCE = 200

export async function readEvents(
  run: number, after: number, limit = EVENTS_AT_ONCE,
): Promise<{ readonly events: readonly JournalEvent[]; readonly last_seq: number }> {
  return call('GET', `/api/runs/${run}/events?after=${after}&limit=${limit}`)
}
