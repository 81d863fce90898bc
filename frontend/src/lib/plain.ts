/** Any plain value as a person types it: JSON where it reads as JSON, else a text. Pure. */

/** The value; undefined for JSON with a number that this language cannot hold. */
export function readPlain(text: string): unknown {
  const lost: number[] = []
  try {
    const value: unknown = JSON.parse(text, (_key, found: unknown) => {
      if (typeof found === 'number' && !isExact(found)) lost.push(found)
      return found
    })
    return lost.length === 0 ? value : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return text
    throw error
  }
}

/** The text that reads as the value: a text that would read as JSON stands in quotes. */
export function plainText(value: unknown): string {
  if (value === null || value === undefined) return ''
  return typeof value === 'string' && readPlain(value) === value ? value : JSON.stringify(value)
}

function isExact(found: number): boolean {
  return Number.isInteger(found) ? Number.isSafeInteger(found) : Number.isFinite(found)
}
