/** Values of the flow's keys as text in a form, and back. What does not fit is kept, for publishing to refuse. Pure. */

export function numberOr<Other>(text: string, other: Other): number | Other {
  const trimmed = text.trim()
  return /^\d+$/.test(trimmed) ? Number(trimmed) : other
}

export function textOf(value: unknown): string {
  return value === null || value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value)
}

/** A default of this type; what does not fit is kept as text, and publishing says what is wrong. */
export function valueOf(text: string, type: string): unknown {
  if (text === '') return null
  if (type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true'
  if ((type === 'integer' || type === 'number') && text.trim() !== '' && Number.isFinite(Number(text)))
    return Number(text)
  return text
}
