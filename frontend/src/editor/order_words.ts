/** What is told beside the order: how old facts are, where they come from, values in a cell. Pure. */
import type { ReadKey } from './documents'
import { ageWords, counted } from './words'

const MOST_NAMES = 5

/** "read 2 min ago – 3 days ago"; facts of groups and profiles have no age. */
export function agesOf({ oldest_at, newest_at, origins }: ReadKey, now: number): string {
  if (oldest_at === null || newest_at === null) return Object.keys(origins).length === 0 ? '' : `from ${originsOf(origins)}`
  const [newest, oldest] = [ageWords(newest_at, now), ageWords(oldest_at, now)]
  const ages = newest === oldest ? `written ${newest}` : `written ${newest} – ${oldest}`
  return Object.keys(origins).every((origin) => origin === 'setting') ? ages : `${ages}, from ${originsOf(origins)}`
}

/** "6 own settings, 3 groups". */
function originsOf(origins: ReadKey['origins']): string {
  const words: Readonly<Record<string, readonly [string, string]>> = {
    setting: ['own setting', 'own settings'],
    group: ['group', 'groups'],
    profile: ['profile', 'profiles'],
  }
  return Object.entries(origins)
    .map(([origin, count]) => (origin === 'setting' ? counted(count, ...(words['setting'] ?? ['', ''])) : `a ${origin} for ${count}`))
    .join(', ')
}

/** "missing in db3, db9 and 4 more". */
export function missingIn(names: readonly string[]): string {
  if (names.length === 0) return ''
  const more = names.length > MOST_NAMES ? ` and ${names.length - MOST_NAMES} more` : ''
  return `missing in ${names.slice(0, MOST_NAMES).join(', ')}${more}`
}

/** A fact in a cell: a text as it is, nothing as a dash. */
export function factText(value: unknown): string {
  if (value === undefined) return '–'
  return typeof value === 'string' ? value : JSON.stringify(value)
}
