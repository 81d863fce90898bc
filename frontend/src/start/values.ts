/** Inputs as they stand in their fields, and back: by the declared type. Pure. */
import { plainText, readPlain } from '../lib/plain'
import { MASKED, type InputSpec } from '../wire/types'

const LEAST_SECRET = 4

/** What a field begins with. A secret is never filled in: what is shown of an earlier one is a mask. */
export function textFor(spec: InputSpec, given: unknown): string {
  const value = given ?? spec.default
  if (spec.type === 'secret' || value === MASKED) return ''
  if (spec.type === 'list' && Array.isArray(value)) return value.map(textOf).join('\n')
  if (value === null && isCheckbox(spec)) return 'false'
  if (takesAny(spec)) return plainText(value)
  return textOf(value)
}

/** Whether any plain value is one: JSON where it reads as JSON, else a text. */
export function takesAny(spec: InputSpec): boolean {
  return (spec.type ?? 'any') === 'any'
}

/** A yes or no of which there is no third: without a default, one that need not be given may be left open. */
export function isCheckbox(spec: InputSpec): boolean {
  return spec.type === 'boolean' && (spec.required || spec.default !== null)
}

/** The value, or undefined where the text is none of this type. */
export function valueOf(spec: InputSpec, text: string): unknown {
  if (takesAny(spec)) return readPlain(text)
  switch (spec.type) {
    case 'integer':
      return /^\s*-?\d+\s*$/.test(text) ? Number(text) : undefined
    case 'number':
      return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : undefined
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : undefined
    case 'choice':
      return (spec.choices ?? []).includes(text) ? text : undefined
    case 'element':
      return text.trim()
    case 'secret':
      return text.trim().length >= LEAST_SECRET ? text : undefined
    case 'list':
      return itemsOf(spec, text)
    default:
      return text
  }
}

export function expected(spec: InputSpec): string {
  if (takesAny(spec)) return 'a text, or JSON whose whole numbers have at most 15 digits (put longer ones in quotes)'
  switch (spec.type) {
    case 'choice':
      return `one of ${(spec.choices ?? []).join(', ')}`
    case 'list':
      return spec.of === undefined ? 'values, one a line' : `one a line, each ${expected({ ...spec, type: spec.of })}`
    case 'secret':
      return `at least ${LEAST_SECRET} characters, since a shorter secret could not be masked`
    default:
      return WORDS[spec.type ?? ''] ?? 'a text'
  }
}

/** What is wrong with the text of a field; that of a secret is not repeated. */
export function misfit(spec: InputSpec, text: string): string {
  return spec.type === 'secret' ? `Expected ${expected(spec)}.` : `Found “${text}”, expected ${expected(spec)}.`
}

const WORDS: Readonly<Record<string, string>> = { integer: 'a whole number', number: 'a number', boolean: 'yes or no', element: 'the name of an enabled element' }

function itemsOf(spec: InputSpec, text: string): readonly unknown[] | undefined {
  const lines = text.split('\n').map((line) => line.trim()).filter((line) => line !== '')
  const items = lines.map((line) => valueOf({ ...spec, type: spec.of ?? 'string' }, line))
  return items.includes(undefined) ? undefined : items
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}
