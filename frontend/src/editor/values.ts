/** Values of the flow's keys as text in a form, and back. What does not fit is kept, for publishing to refuse. Pure. */
import { plainText, readPlain } from '../lib/plain'
import type { InputSpec } from '../wire/types'

export function numberOr<Other>(text: string, other: Other): number | Other {
  const trimmed = text.trim()
  return /^\d+$/.test(trimmed) ? Number(trimmed) : other
}

export function secondsOr<Other>(text: string, other: Other): number | Other {
  const trimmed = text.trim()
  return /^\d+(\.\d+)?$/.test(trimmed) ? Number(trimmed) : other
}

export function textOf(value: unknown): string {
  return value === null || value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value)
}

/** A default as one types it: a list with commas. */
export function defaultText(value: unknown, type = 'any'): string {
  if (type === 'any') return plainText(value)
  return Array.isArray(value) ? value.map(textOf).join(', ') : textOf(value)
}

/** What stands between commas. */
export function itemsOf(text: string): readonly string[] {
  return text.split(',').map((item) => item.trim()).filter((item) => item !== '')
}

/** A default of the input's type; what does not fit is kept as text, and publishing says what is wrong. */
export function valueOf(text: string, input: Pick<InputSpec, 'type' | 'of'> | undefined): unknown {
  if (text === '') return null
  return input?.type === 'list' ? itemsOf(text).map((item) => typed(item, input.of ?? '')) : typed(text, input?.type ?? 'any')
}

function typed(text: string, type: string): unknown {
  if (type === 'any') return readPlain(text) ?? text
  if (type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true'
  if ((type === 'integer' || type === 'number') && text.trim() !== '' && Number.isFinite(Number(text)))
    return Number(text)
  return text
}
