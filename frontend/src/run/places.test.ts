import { expect, test } from 'vitest'

import { placed, recorded } from './places'

test('the second task of refresh is a site of its own, and becomes a step of site 0 again', () => {
  const step = { run: 100, element: 'db1', site: 0, turn: 2, attempt: 3 }
  expect(placed(step)).toEqual({ run: 100, element: 'db1', site: -2, turn: 1, attempt: 3 })
  expect(recorded(placed(step))).toEqual(step)
})

test('steps of the script stay as they are', () => {
  const step = { site: 3, turn: 2 }
  expect([placed(step), recorded(step)]).toEqual([step, step])
})
