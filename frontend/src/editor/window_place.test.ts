import { expect, test } from 'vitest'

import { placeOf } from './window_place'

const list = { width: 300, height: 200 }
const room = { width: 1000, height: 600 }

test.each([
  ['below', { left: 100, top: 80, bottom: 100 }, { left: 100, top: 104 }],
  ['above, where there is no room below', { left: 100, top: 480, bottom: 500 }, { left: 100, top: 276 }],
  ['within the right edge', { left: 900, top: 80, bottom: 100 }, { left: 692, top: 104 }],
  ['within the left edge', { left: -50, top: 80, bottom: 100 }, { left: 8, top: 104 }],
])('a list stands %s', (_, opener, place) => {
  expect(placeOf(opener, list, room)).toEqual(place)
})

test('a list that fits nowhere beside what opened it stays whole in the window', () => {
  expect(placeOf({ left: 0, top: 150, bottom: 300 }, list, { width: 320, height: 400 })).toEqual({ left: 8, top: 192 })
})
