import { expect, it } from 'vitest'

import { ROWS } from './catalog'
import { shapeOf } from './sign_shapes'
import { signOf } from './signs'

it('every block has a shape for its icon', () => {
  // Its paths are joined, so each must begin at a place of its own.
  for (const row of ROWS) expect(shapeOf(signOf(row)), row.type).toMatch(/^M(?!.* m)/)
})

it('a name without a shape is told with what to do', () => {
  expect(() => shapeOf('anchor')).toThrow('No shape is named anchor: add it to the list in sign_shapes.ts.')
})
