/** What is told beside the order: how old values are, where they come from, values in a cell. Pure. */
import type { Names, ReadKey } from './documents'
import { ageWords } from './words'

const MOST_NAMES = 5

/** "written 2 min ago – 3 days ago", "written 3 days ago, 2 from the group eu", "time not known, from a profile". */
export function agesOf(key: ReadKey, now: number): string {
  const { oldest_at, newest_at, untimed, origins } = key
  const from = ['group', 'profile'].filter((origin) => (origins[origin] ?? 0) > 0).map((origin) => fromWords(key, origin))
  if (oldest_at === null || newest_at === null) return [...(untimed === 0 ? [] : ['time not known']), ...from].join(', ')
  const [newest, oldest] = [ageWords(newest_at, now), ageWords(oldest_at, now)]
  const unknown = untimed === 0 ? [] : [`${untimed} at a time not known`]
  return [newest === oldest ? `written ${newest}` : `written ${newest} – ${oldest}`, ...unknown, ...from].join(', ')
}

/** "from the group eu" where all have it from there; "2 from a group". */
function fromWords({ origins, sources }: ReadKey, origin: string): string {
  const those = sources.filter((source) => source.startsWith(`${origin} `))
  const from = those.length === 1 ? `from the ${those[0] ?? origin}` : `from a ${origin}`
  const isAll = Object.entries(origins).every(([other, count]) => other === origin || count === 0)
  return isAll ? from : `${origins[origin] ?? 0} ${from}`
}

/** Whether groups and profiles alone say it: people write those, so no task can read it anew. */
export function isByHand({ origins }: ReadKey): boolean {
  return (origins['setting'] ?? 0) === 0 && (origins['group'] ?? 0) + (origins['profile'] ?? 0) > 0
}

/** "missing in db3, db9 and 4 more". */
export function missingIn(names: readonly string[], total = names.length): string {
  if (total === 0) return ''
  const more = total > MOST_NAMES ? ` and ${total - MOST_NAMES} more` : ''
  return `missing in ${names.slice(0, MOST_NAMES).join(', ')}${more}`
}

/** The task among those that read facts first which writes this key, or one that lies under it. */
export function readerOf(key: string, refresh: readonly string[], names: Names | null): string | null {
  const readers = (names?.tasks ?? []).filter(({ name }) => refresh.includes(name))
  return readers.find(({ saves }) => saves.some((saved) => saved === key || saved.startsWith(`${key}.`)))?.name ?? null
}

/** A fact in a cell: a text as it is, nothing as a dash. */
export function factText(value: unknown): string {
  if (value === undefined) return '–'
  return typeof value === 'string' ? value : JSON.stringify(value)
}
