/** The starts of a week by day, where the viewer lives. Pure. */

export interface Start {
  readonly schedule: number
  readonly name: string
  readonly flow: string
  readonly at: string
}

/** What the server wrote into the page: `often` has the next start of each schedule that starts more than 24 times a day. */
export interface Calendar {
  readonly starts: readonly Start[]
  readonly often: readonly Start[]
}

/** All starts of one schedule on one day. */
export interface Entry {
  readonly schedule: number
  readonly name: string
  readonly flow: string
  readonly times: readonly Date[]
}

export interface Day {
  readonly date: Date
  readonly entries: readonly Entry[]
}

export const DAYS_SHOWN = 7

/** Seven days from today on; the schedules of a day in the order of their first start on it. */
export function weekOf(starts: readonly Start[], now: Date): readonly Day[] {
  return Array.from({ length: DAYS_SHOWN }, (_, ahead) => {
    const date = new Date(now.getFullYear(), now.getMonth(), now.getDate() + ahead)
    return { date, entries: entriesOn(date, starts) }
  })
}

function entriesOn(date: Date, starts: readonly Start[]): readonly Entry[] {
  const found = new Map<number, { readonly start: Start; readonly times: Date[] }>()
  for (const start of starts) {
    const at = new Date(start.at)
    if (at.toDateString() !== date.toDateString()) continue
    const entry = found.get(start.schedule) ?? { start, times: [] }
    entry.times.push(at)
    found.set(start.schedule, entry)
  }
  return [...found.values()].map(({ start, times }) => ({ schedule: start.schedule, name: start.name, flow: start.flow, times }))
}

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
const dayOfWeek = new Intl.DateTimeFormat(undefined, { weekday: 'short', day: 'numeric', month: 'short' })

/** "02:00", "02:00, 14:30", "00:00 to 23:00, 24 times". */
export function timesInWords(times: readonly Date[]): string {
  const [first, last] = [times[0], times.at(-1)]
  if (first === undefined || last === undefined) return ''
  if (times.length <= 3) return times.map((time) => clock.format(time)).join(', ')
  return `${clock.format(first)} to ${clock.format(last)}, ${times.length} times`
}

export function dayInWords(date: Date, now: Date): string {
  return date.toDateString() === now.toDateString() ? 'Today' : dayOfWeek.format(date)
}
