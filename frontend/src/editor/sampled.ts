/** What a step's arguments are for one element, as far as the page can tell without running anything. Pure. */
import type { InputSpec } from '../wire/types'
import { literalOf } from './literals'

/** One element as scripts see it; `context` has dotted keys. */
export interface SampleElement {
  readonly name: string
  readonly address: string
  readonly profile: string
  readonly context: ReadonlyMap<string, unknown>
}

export interface Given {
  readonly name: string
  readonly code: string | null
  readonly kind: string
}

export interface Sampled {
  /** The values that are known. */
  readonly values: Readonly<Record<string, unknown>>
  /** Those that only a run can compute, with their Python. */
  readonly unknown: readonly Given[]
}

/** The values of the arguments; `typed` are those that a person gave for what the page cannot tell. */
export function sampledInputs(
  given: readonly Given[],
  element: SampleElement | null,
  flowInputs: readonly InputSpec[],
  typed: Readonly<Record<string, string>>,
): Sampled {
  const values: Record<string, unknown> = {}
  const unknown: Given[] = []
  for (const one of given) {
    const value = one.code === null ? undefined : valueOfCode(one.code, element, flowInputs)
    if (one.code === null || value === null) continue
    if (value !== undefined) values[one.name] = value
    else {
      unknown.push(one)
      if ((typed[one.name] ?? '') !== '') values[one.name] = typed[one.name]
    }
  }
  return { values, unknown }
}

const KEY = String.raw`\[(['"])([^'"\\]+)\N\]`
const INPUT = new RegExp(`^inputs${KEY.replace('\\N', '\\1')}$`)
const OF_ELEMENT = new RegExp(`^element${KEY.replace('\\N', '\\1')}((?:\\[[^\\]]+\\])*)$`)

/** The names of the arguments that a secret goes into: by the task, by what their Python reads, or, not given, by the flow's
 * input of the same name, which the task is given then. */
export function secretsOf(given: readonly Given[], flowInputs: readonly InputSpec[]): readonly string[] {
  const secret = flowInputs.filter(({ type }) => type === 'secret').map(({ name }) => name)
  const reads = (code: string): boolean => secret.some((name) => code.includes(`'${name}'`) || code.includes(`"${name}"`))
  return given.filter(({ name, kind, code }) => kind === 'secret' || (code === null ? secret.includes(name) : reads(code))).map(({ name }) => name)
}

/** The inputs of the flow that the template of a task reads and the task does not declare: `inputs.name` or `inputs['name']`. */
export function readFromFlow(template: string, declared: readonly InputSpec[], flowInputs: readonly InputSpec[]): readonly InputSpec[] {
  const found = template.matchAll(/\binputs\s*(?:\.\s*(\w+)|\[\s*(['"])([^'"]+)\2\s*\])/g)
  const read = new Set([...found].map((one) => one[1] ?? one[3]))
  return flowInputs.filter(({ name }) => read.has(name) && !declared.some((one) => one.name === name))
}

/** Undefined where it cannot be told. */
export function valueOfCode(code: string, element: SampleElement | null, flowInputs: readonly InputSpec[]): unknown {
  const literal = literalOf(code)
  if (literal !== undefined) return literal
  const input = INPUT.exec(code.trim())
  if (input !== null) return flowInputs.find(({ name }) => name === input[2])?.default ?? undefined
  const path = OF_ELEMENT.exec(code.trim())
  return path === null || element === null ? undefined : ofElement(element, path[2] ?? '', path[3] ?? '')
}

function ofElement(element: SampleElement, key: string, rest: string): unknown {
  if (key === 'name' || key === 'address' || key === 'profile') return rest === '' ? element[key] : undefined
  const keys = [...rest.matchAll(/\[(['"])([^'"\\]+)\1\]/g)]
  const isWhole = keys.map((one) => one[0]).join('') === rest
  if (key !== 'context' || !isWhole) return undefined
  return element.context.get(keys.map((one) => one[2]).join('.'))
}

/** What may stand where a value of an element, of the inputs or of a variable is wanted. */
export function expressions(flowInputs: readonly InputSpec[], contextKeys: readonly string[], isElement: boolean): readonly string[] {
  const inputs = flowInputs.map(({ name }) => `inputs['${name}']`)
  const context = contextKeys.map((key) => `element['context']${key.split('.').map((part) => `['${part}']`).join('')}`)
  const elements = ['elements[first]', 'elements[last]', 'elements']
  return [...(isElement ? elements : []), ...inputs, "element['name']", "element['address']", ...context]
}
