import { describe, expect, it } from 'vitest'

import { type Start, dayInWords, timesInWords, weekOf } from './week'

const now = new Date(2026, 10, 26, 12, 0)

function start(schedule: number, ...at: readonly [number, number, number]): Start {
  return { schedule, name: `S${schedule}`, flow: 'F', at: new Date(2026, 10, ...at).toISOString() }
}

describe('the starts of a week', () => {
  it('stand on their day, those of a schedule together, in the order of the first', () => {
    const week = weekOf([start(2, 26, 13, 0), start(1, 26, 14, 30), start(2, 26, 15, 0), start(1, 29, 2, 0)], now)
    expect(week.map((day) => day.entries.map((entry) => [entry.name, entry.times.length]))).toEqual([
      [
        ['S2', 2],
        ['S1', 1],
      ],
      [],
      [],
      [['S1', 1]],
      [],
      [],
      [],
    ])
  })

  it('are left out when they come after the last day shown', () => {
    expect(weekOf([start(1, 33, 0, 0)], now).flatMap((day) => day.entries)).toEqual([])
    expect(weekOf([start(1, 32, 23, 59)], now).flatMap((day) => day.entries)).toHaveLength(1)
  })

  it('cover seven days although the clock changes in between', () => {
    const days = weekOf([], new Date(2026, 9, 22, 23, 30)).map((day) => day.date.getDate())
    expect(days).toEqual([22, 23, 24, 25, 26, 27, 28])
  })
})

describe('words', () => {
  it('tell few times one by one and many by the first, the last and their number', () => {
    const times = [2, 8, 14, 20].map((hour) => new Date(2026, 10, 26, hour))
    expect(timesInWords(times.slice(0, 2))).toBe('02:00, 08:00')
    expect(timesInWords(times)).toBe('02:00 to 20:00, 4 times')
    expect(timesInWords([])).toBe('')
  })

  it('call the day of today by its name', () => {
    expect(dayInWords(new Date(2026, 10, 26), now)).toBe('Today')
    expect(dayInWords(new Date(2026, 10, 27), now)).toContain('27')
  })
})
