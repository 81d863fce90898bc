/** What is said of the word under the pointer: a step, a task, a flow, an input, a context key. Pure. */
import { calledBy, contextKey, inputNote, stepsOf, valuesOf } from './completions'
import type { Script } from './documents'
import type { Known } from './offers'
import { callAt, pathBefore, plainText, tokensOf, type Token } from './python_place'

export interface Told {
  readonly from: number
  readonly to: number
  /** How it is written, in the script's own letters. */
  readonly title: string
  readonly lines: readonly string[]
}

const OPTIONS: Readonly<Record<string, string>> = {
  check: 'False: when the step does not succeed the script goes on, and the result says so.',
  timeout: 'Seconds; stands for that of the task.',
  retries: 'How often the step is tried again; stands for that of the task.',
  element: 'Another element to run the task on: its name or its dict.',
  elements: 'The list that the child gets: dicts or names, in this order, each once.',
}

/** What is known of the place in a text; null where nothing is. */
export function toldAt(text: string, place: number, script: Script, known: Known): Told | null {
  const tokens = tokensOf(text)
  const at = tokens.findIndex(({ from, to }) => from <= place && place < to)
  const token = tokens[at]
  if (token === undefined) return null
  const told = token.kind === 'text' ? ofText(tokens, at, known) : token.kind === 'name' ? ofName(tokens, at, script, known) : null
  return told === null ? null : { from: token.from, to: token.to, ...told }
}

type Saying = Pick<Told, 'title' | 'lines'>

function ofText(tokens: readonly Token[], at: number, known: Known): Saying | null {
  const value = plainText(tokens[at])
  if (value === null) return null
  if (tokens[at - 1]?.code === '[') return ofKey(tokens, at, value, known)
  const call = callAt(tokens.slice(0, at))
  if (call === null || call.index !== 0 || !call.isAtStart) return null
  const found = calledBy({ word: call.word, first: value }, known)
  if (found === null) return null
  const inputs = found.inputs.map((input) => `${input.name}: ${inputNote(input)}`)
  const takes = inputs.length === 0 ? 'No inputs' : `Inputs: ${inputs.join('; ')}`
  return 'command_line' in found
    ? { title: `task ${value}, version ${found.version}`, lines: [found.command_line, takes, `Timeout ${found.timeout} s, ${found.retries} retries`] }
    : { title: `flow ${value}, version ${found.version}, ${found.mode}`, lines: [stepsOf(found), takes] }
}

function ofKey(tokens: readonly Token[], at: number, value: string, known: Known): Saying | null {
  const path = pathBefore(tokens, at - 1)
  if (path === null) return null
  if (path.root === 'inputs' && path.keys.length === 0) {
    const input = known.inputs.find(({ name }) => name === value)
    if (input === undefined) return { title: `input ${value}`, lines: ['This flow declares no such input.'] }
    const given = input.default === null ? [] : [`Default: ${JSON.stringify(input.default)}`]
    return { title: `input ${value}: ${inputNote(input)}`, lines: [input.description ?? '', ...given].filter((line) => line !== '') }
  }
  const key = contextKey({ ...path, keys: [...path.keys, value] })
  if (key === null || known.names === null) return null
  const isKnown = known.names.context_keys.some((one) => one === key || one.startsWith(`${key}.`))
  const values = valuesOf(known, key)
  return { title: `context key ${key}`, lines: [isKnown ? values : 'No element has it now.'].filter((line) => line !== '') }
}

function ofName(tokens: readonly Token[], at: number, script: Script, known: Known): Saying | null {
  const name = tokens[at]?.code ?? ''
  if (tokens[at - 1]?.code === '.') return null
  const call = tokens[at + 1]?.code === '=' ? callAt(tokens.slice(0, at)) : null
  if (call?.isAtStart) return ofKeyword(call, name, known)
  const word = known.names?.steps.find((one) => one.name === name && one.scripts.includes(script))
  return word === undefined ? null : { title: word.signature, lines: [word.doc] }
}

function ofKeyword(call: { readonly word: string; readonly first: string | null }, name: string, known: Known): Saying | null {
  const option = OPTIONS[name]
  if (option !== undefined && (call.word === 'run_task' || call.word === 'run_flow' || call.word === 'approve'))
    return { title: `${name}=`, lines: [option] }
  const input = calledBy(call, known)?.inputs.find((one) => one.name === name)
  if (input === undefined) return null
  const given = input.default === null ? [] : [`Default: ${JSON.stringify(input.default)}`]
  return { title: `${name}: ${inputNote(input)}`, lines: [input.description ?? '', ...given].filter((line) => line !== '') }
}
