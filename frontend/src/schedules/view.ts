/** The strip of seven days, as elements. */
import { make } from '../lib/dom'
import { timeElement } from '../lib/times'
import { type Calendar, type Day, type Entry, type Start, dayInWords, timesInWords, weekOf } from './week'

export function drawWeek(calendar: Calendar, now: Date): readonly Node[] {
  const week = make('ol', { class: 'week' }, ...weekOf(calendar.starts, now).map((day) => drawDay(day, now)))
  return calendar.often.length > 0 ? [drawOften(calendar.often, now), week] : [week]
}

function drawDay(day: Day, now: Date): HTMLLIElement {
  const title = make('h3', {}, dayInWords(day.date, now))
  const body =
    day.entries.length > 0
      ? make('ul', {}, ...day.entries.map(drawEntry))
      : make('p', { class: 'nothing' }, 'nothing')
  return make('li', {}, title, body)
}

function drawEntry(entry: Entry): HTMLLIElement {
  const title = `${entry.flow}: ${entry.times.map((time) => time.toISOString()).slice(0, 3).join(', ')}`
  const link = make('a', { href: `#schedule-${entry.schedule}`, title }, entry.name)
  return make('li', {}, make('span', { class: 'times' }, timesInWords(entry.times)), link)
}

function drawOften(often: readonly Start[], now: Date): HTMLParagraphElement {
  const parts = often.flatMap((start, index) => [
    index > 0 ? '; ' : '',
    make('a', { href: `#schedule-${start.schedule}` }, start.name),
    ', next ',
    timeElement(start.at, now),
  ])
  return make('p', { class: 'often' }, 'Many times a day: ', ...parts, '.')
}
