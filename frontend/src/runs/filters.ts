/** What the list is filtered by: in the address, in the form, and as a question to each run that comes live. */
import type { RunState, RunSummary } from '../wire/types'

export interface Filters {
  readonly state: readonly RunState[]
  readonly flow: string
  readonly started_by: string
  readonly search: string
  /** Tries alone, or none of them; empty for all runs. */
  readonly tries: '' | 'only' | 'none'
}

export function isFiltered(filters: Filters): boolean {
  return addressOf(filters, 1) !== ''
}

/** "?state=failed&page=2"; what asks for all is left out, so that one view has one address. */
export function addressOf(filters: Filters, page: number): string {
  const query = new URLSearchParams()
  for (const state of filters.state) query.append('state', state)
  if (filters.flow !== '') query.set('flow', filters.flow)
  if (filters.started_by !== '') query.set('started_by', filters.started_by)
  if (filters.search.trim() !== '') query.set('search', filters.search.trim())
  if (filters.tries !== '') query.set('tries', filters.tries)
  if (page > 1) query.set('page', String(page))
  const text = query.toString()
  return text === '' ? '' : `?${text}`
}

/** The same answer as `flows.queries.runs.list_runs` gives. */
export function matches(run: RunSummary, filters: Filters): boolean {
  return (
    (filters.state.length === 0 || filters.state.includes(run.state)) &&
    (filters.flow === '' || run.flow === filters.flow) &&
    (filters.tries === '' || run.is_try === (filters.tries === 'only')) &&
    (filters.started_by === '' || run.started_by === filters.started_by) &&
    mentions(run, filters.search.trim().toLowerCase())
  )
}

function mentions(run: RunSummary, text: string): boolean {
  if (text === '' || text.replace(/^#/, '') === String(run.id)) return true
  return run.flow.toLowerCase().includes(text) || run.run_reason.toLowerCase().includes(text)
}
