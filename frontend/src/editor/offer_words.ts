/** What a list of blocks calls a row: its label, with a word for each hole. Pure. */
import type { Row } from './catalog'
import { CHOICE } from './parts'

/** A run of words; those of a hole stand for what is to be filled in. */
export interface Word {
  readonly text: string
  readonly isHole: boolean
}

/** Left out: what a new block does not have yet. */
const NONE_YET = new Set(['INPUTS', 'OPTIONS', 'ENTRIES'])
/** By the name of the hole; any other is called as it is. */
const WORDS: Readonly<Record<string, string>> = {
  CODE: 'Python',
  COUNT: 'number',
  DEFAULT: 'value',
  DIGITS: '…',
  END: 'number',
  LEFT: 'value',
  NEW: 'text',
  NO: 'value',
  OLD: 'text',
  PART: 'text',
  PARTS: 'with values',
  PATH: 'key',
  RIGHT: 'value',
  SECONDS: '…',
  START: 'number',
  TEST: 'condition',
  TIMES: '…',
  TYPE: 'failure',
  WHAT: 'list or dict',
  YES: 'value',
}
const SHOWN_OPTIONS = 2
const ASKING = ['ask', 'approval', 'question', 'confirm', 'pause', 'prompt', 'manual']
/** What else people look for, by the row that they mean. */
const MEANT_BY: Readonly<Record<string, readonly string[]>> = {
  approve: ASKING,
  approve_result: ASKING,
  sleep: ['wait', 'sleep', 'delay', 'pause'],
}

/** "keep each element where condition", the words of the holes marked. */
export function offerWords(row: Row): readonly Word[] {
  if (row.label === `{${CHOICE}}`) return [word(row.options.join(', '))]
  const parts = row.label.split(/\{(\w+)\}/)
  const words = parts.map((part, index) => (index % 2 === 0 ? word(part) : holeOf(row, part, parts[index - 2] ?? '')))
  const shown = words.filter(({ text }) => text !== '').map((one) => ({ ...one, text: one.text.replaceAll(/\s+/g, ' ') }))
  // A row that is nothing but a hole is called by it.
  return shown.length === 1 ? shown.map(({ text }) => word(text)) : shown
}

/** The words that a search finds the row by before all that is merely named like them. */
export function searchWords(row: Row): readonly string[] {
  return MEANT_BY[row.type] ?? []
}

export function textOf(words: readonly Word[]): string {
  return words
    .map(({ text }) => text)
    .join('')
    .replaceAll(/\s+/g, ' ')
    .trim()
}

function holeOf(row: Row, name: string, before: string): Word {
  if (name === CHOICE) return word(choiceOf(row))
  if (NONE_YET.has(name)) return word('')
  if (name === 'NAME') return hole(nameOf(row))
  // Further ones are of the kind of the first.
  if (name === 'MORE') return holeOf(row, before === CHOICE ? 'FIRST' : before, '')
  if (name === 'FIRST') return hole(row.category === 'decide' ? 'condition' : 'value')
  return hole(WORDS[name] ?? name.toLowerCase())
}

function nameOf(row: Row): string {
  const { picks, is_field: isField } = row.holes.find((one) => one.name === 'NAME') ?? {}
  if (row.label.includes('each {NAME}')) return 'x'
  if (isField !== true) return '…'
  return picks === 'tasks' ? 'task' : picks === 'flows' ? 'flow' : 'name'
}

/** A sign is an example of all signs; of words two are shown. One that may be left out is. */
function choiceOf(row: Row): string {
  const [first = '', ...others] = row.options
  if (first === '' || others.length === 0) return ''
  if (!/[a-z]/.test(first)) return first
  return `${row.options.slice(0, SHOWN_OPTIONS).join(' / ')}${row.options.length > SHOWN_OPTIONS ? ' …' : ''}`
}

function word(text: string): Word {
  return { text, isHole: false }
}

function hole(text: string): Word {
  return { text, isHole: true }
}
