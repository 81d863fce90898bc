/** What of a call is not as usual, in a few words: "timeout 90", "3 retries", "on db1". Pure. */

/** A value that a badge can say: the type and fields of its block. */
export interface PlainValue {
  readonly type: string
  readonly fields: Readonly<Record<string, string>>
}

const SAYS: Readonly<Record<string, (value: PlainValue) => string | null>> = {
  check: (value) =>
    value.type !== 'boolean' ? null : value.fields['CHOICE'] === 'False' ? 'goes on if it fails' : 'stops if it fails',
  timeout: (value) => (value.type === 'number' ? `timeout ${value.fields['NUMBER'] ?? ''}` : null),
  retries: (value) => (value.type === 'number' ? counted(value.fields['NUMBER'] ?? '') : null),
  element: (value) => on(value),
  elements: (value) => on(value),
}

/** The words for a keyword with this value; null where only the value's own block says it. */
export function badgeFor(keyword: string, value: PlainValue | null): string | null {
  return value === null ? null : (SAYS[keyword]?.(value) ?? null)
}

/** The field of a plain value that holds what a person types. */
export function plainField(value: Pick<PlainValue, 'type'>): string | null {
  return PLAIN[value.type] ?? null
}

const PLAIN: Readonly<Record<string, string>> = {
  boolean: 'CHOICE',
  number: 'NUMBER',
  text: 'TEXT',
  variable: 'NAME',
  position: 'CHOICE',
}

function counted(number: string): string {
  return number === '1' ? '1 retry' : `${number} retries`
}

function on(value: PlainValue): string | null {
  switch (value.type) {
    case 'text':
      return `on ${value.fields['TEXT'] ?? ''}`
    case 'variable':
      return `on ${value.fields['NAME'] ?? ''}`
    case 'position':
      return `on the ${value.fields['CHOICE'] ?? ''} element`
    case 'elements':
      return 'on all elements'
    case 'element':
      return 'on this element'
    default:
      return null
  }
}
