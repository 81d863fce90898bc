import { expect, test } from 'vitest'

import { leadsAway, leavingWords } from './leaving_words'

test.each([
  [['Command'], 'Not saved: Command.'],
  [['Command', 'Priority'], 'Not saved: Command, Priority.'],
  [['a', 'b', 'c', 'd', 'e', 'f'], 'Not saved: a, b, c, d and 2 more.'],
  [[], 'The form was not accepted: nothing of it is stored.'],
])('leaving says what is not saved: %j', (fields, words) => {
  expect(leavingWords(fields)).toBe(words)
})

test.each([
  ['/tasks/', true],
  ['/tasks/3/', true],
  ['?version=1', true],
  ['#form-problems', false],
  ['/tasks/3/#form-problems', true],
  ['https://elsewhere.example/', false],
  ['mailto:somebody@example.org', false],
])('from a task with an address of its own, %s leads away: %s', (href, leads) => {
  expect(leadsAway(href, 'https://flows.example/tasks/3/?version=2')).toBe(leads)
})
