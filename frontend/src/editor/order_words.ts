/** What is told beside the order: how old facts are, where they come from, values in a cell. Pure. */
import type { Names, ReadKey } from './documents'
import { ageWords } from './words'

const MOST_NAMES = 5

/** "written 2 min ago – 3 days ago"; what groups and profiles say has no age. */
export function agesOf({ oldest_at, newest_at, origins }: ReadKey, now: number): string {
  const others = ['group', 'profile'].filter((origin) => (origins[origin] ?? 0) > 0).map((origin) => `${origins[origin] ?? 0} from a ${origin}`)
  if (oldest_at === null || newest_at === null) return others.join(', ')
  const [newest, oldest] = [ageWords(newest_at, now), ageWords(oldest_at, now)]
  return [newest === oldest ? `written ${newest}` : `written ${newest} – ${oldest}`, ...others].join(', ')
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
