import { expect, it } from 'vitest'

import { capital } from './sentences'

it.each([
  ['line 3 needs more time', 'Line 3 needs more time'],
  ['web1 failed at 2 Stop: input speed is missing', 'web1 failed at 2 Stop: input speed is missing'],
  ['db1 fails: exit code 3', 'db1 fails: exit code 3'],
  ['', ''],
])('“%s” becomes “%s”', (text, shown) => {
  expect(capital(text)).toBe(shown)
})
