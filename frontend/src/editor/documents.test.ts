import { expect, test } from 'vitest'

import { toldProblem } from './documents'

test.each([
  [{ key: 'batches.1', line: 0, message: "batches.1 is '50%x', expected a whole number" }, "batches.1 is '50%x', expected a whole number"],
  [{ key: 'error_threshold', line: 0, message: 'it is too much' }, 'error threshold: it is too much'],
  [{ key: 'execution_script', line: 4, message: "no input 'release'" }, "Steps, line 4: no input 'release'"],
  [{ key: 'target', line: 0, message: "target.profile: there is no profile 'x'" }, "Target: there is no profile 'x'"],
  [{ key: 'target.groups', line: 0, message: "target: there is no group 'x'" }, "Target: there is no group 'x'"],
  [{ key: 'inputs.1.name', line: 0, message: "inputs.1.name is '2b', expected letters" }, "input 2, name is '2b', expected letters"],
  [{ key: 'inputs.0', line: 0, message: 'inputs.0: expected a name' }, 'input 1: expected a name'],
])('a problem of publishing names its place once: %j', (problem, told) => {
  expect(toldProblem(problem)).toBe(told)
})
