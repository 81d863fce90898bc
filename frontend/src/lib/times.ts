/** Instants in the viewer's zone, with the exact instant on hover; durations in words that fit a table. */
import { make } from './dom'

const near = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' })
const far = new Intl.DateTimeFormat(undefined, { month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
const farther = new Intl.DateTimeFormat(undefined, { year: 'numeric', month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })

/** "14:03:22" today, "Nov 24, 14:03" this year. */
export function shownInstant(iso: string, now: Date): string {
  const at = new Date(iso)
  if (at.toDateString() === now.toDateString()) return near.format(at)
  return (at.getFullYear() === now.getFullYear() ? far : farther).format(at)
}

/** "850 ms" is noise here: "0 s", "42 s", "4 min 12 s", "2 h 05 min", "3 d 4 h". */
export function shownDuration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min ${pad(seconds % 60)} s`
  const hours = Math.floor(minutes / 60)
  if (hours < 24) return `${hours} h ${pad(minutes % 60)} min`
  return `${Math.floor(hours / 24)} d ${hours % 24} h`
}

/** A `<time>` that `localiseTimes` would make of the same instant. */
export function timeElement(iso: string, now: Date = new Date()): HTMLTimeElement {
  return make('time', { datetime: iso, title: iso }, shownInstant(iso, now))
}

/** Rewrites what the server wrote in UTC. */
export function localiseTimes(within: ParentNode, now: Date = new Date()): void {
  for (const time of within.querySelectorAll<HTMLTimeElement>('time[datetime]')) {
    time.title = time.dateTime
    time.textContent = shownInstant(time.dateTime, now)
  }
}

function pad(value: number): string {
  return String(value).padStart(2, '0')
}
