/** Where the server tells which elements a target selects now: their count and names. */
import type { Target } from './types'

/** Null for a target that chooses nothing, which the server refuses. */
export function targetAddress(target: Target): string | null {
  const query = new URLSearchParams()
  if (target.all === true) query.set('all', 'true')
  if (typeof target.profile === 'string' && target.profile !== '') query.set('profile', target.profile)
  for (const group of target.groups ?? []) query.append('groups', group)
  for (const filter of target.filters ?? []) query.append('filter', filter)
  return query.size === 0 ? null : `/api/targets/?${query.toString()}`
}
