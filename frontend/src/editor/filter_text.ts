/** Completion of one filter, `key op value` or `not key exists` (4.3), by where the caret stands. Pure. */

/** `insert` takes the place of the text between `from` and `to`. */
export interface Offer {
  readonly label: string
  readonly note: string
  readonly insert: string
}

export interface Completion {
  readonly what: 'key' | 'operator' | 'value'
  readonly from: number
  readonly to: number
  readonly offers: readonly Offer[]
}

export interface Known {
  readonly keys: readonly string[]
  readonly values: Readonly<Record<string, readonly unknown[]>>
}

const OPERATORS: readonly (readonly [operator: string, says: string])[] = [
  ['==', 'is'],
  ['!=', 'is not, or is missing'],
  ['<', 'less than'],
  ['<=', 'at most'],
  ['>', 'more than'],
  ['>=', 'at least'],
  ['in', 'is one of a, b, c'],
  ['contains', 'has this item, key or part'],
  ['matches', 'regular expression over the whole value'],
  ['exists', 'has any value'],
]
const OWN_KEYS: readonly (readonly [key: string, says: string])[] = [
  ['name', 'of the element'],
  ['address', 'of the element'],
]
const MOST_OFFERS = 50
const KEY = String.raw`[^\s=!<>~,'"]`
const IN_KEY = new RegExp(String.raw`^\s*(not\s+)?(${KEY}*)$`)
const IN_OPERATOR = new RegExp(String.raw`^\s*(not\s+)?(${KEY}+)(?:\s+([a-z]*|[=!<>~]+)|([=!<>~]+))$`)
const IN_VALUE = new RegExp(String.raw`^\s*(${KEY}+)(?:\s*([=!<>~]+)\s*|\s+(in|contains|matches)\s+)(.*)$`)

/** What may stand at the caret; null where nothing is known. */
export function completionOf(text: string, caret: number, known: Known): Completion | null {
  const before = text.slice(0, caret)
  const key = IN_KEY.exec(before)
  if (key !== null) return ofKey(text, caret, key[2] ?? '', key[1] !== undefined, known)
  const value = IN_VALUE.exec(before)
  if (value !== null && isOperator(value[2] ?? value[3] ?? '')) {
    const isWhole = value[2] === undefined || (value[4] ?? '') !== '' || /\s$/.test(before) || !['<', '>'].includes(value[2])
    if (isWhole) return ofValue(text, caret, value[1] ?? '', value[3] === 'in', value[4] ?? '', known)
  }
  const operator = IN_OPERATOR.exec(before)
  if (operator === null) return null
  return ofOperator(text, caret, operator[3] ?? operator[4] ?? '', operator[1] !== undefined)
}

function ofKey(text: string, caret: number, typed: string, isNegated: boolean, { keys }: Known): Completion {
  const not: readonly Offer[] = isNegated ? [] : [{ label: 'not', note: 'has no value for a key', insert: 'not ' }]
  const rest = (/^[^\s=!<>~,'"]*/.exec(text.slice(caret)) ?? [''])[0].length
  const gap = /^\s/.test(text.slice(caret + rest)) ? '' : ' '
  const offers = [
    ...OWN_KEYS.filter(() => !isNegated).map(([key, note]) => ({ label: key, note, insert: `${key}${gap}` })),
    ...keys.map((key) => ({ label: key, note: 'context', insert: `${key}${gap}` })),
    ...not,
  ]
  return { what: 'key', from: caret - typed.length, to: caret + rest, offers: matching(offers, typed) }
}

function ofOperator(text: string, caret: number, typed: string, isNegated: boolean): Completion {
  const space = /[\w.-]$/.test(text.slice(0, caret - typed.length)) ? ' ' : ''
  const fit = OPERATORS.filter(([name]) => (isNegated ? name === 'exists' : true))
  const offers = fit.map(([name, note]) => ({ label: name, note, insert: `${space}${name}${name === 'exists' ? '' : ' '}` }))
  const shown = offers.filter(({ label }) => label.startsWith(typed))
  return { what: 'operator', from: caret - typed.length, to: caret, offers: shown }
}

function ofValue(text: string, caret: number, key: string, isList: boolean, typed: string, { values }: Known): Completion {
  const part = isList ? (/[^,]*$/.exec(typed)?.[0] ?? '').trimStart() : typed
  const taken = isList ? typed.split(',').map((item) => item.trim()) : []
  const rest = isList ? (/^[^,]*/.exec(text.slice(caret))?.[0] ?? '').length : text.length - caret
  const texts = [...new Set((values[key] ?? []).flatMap(textsOf))].filter((value) => !taken.includes(value))
  const offers = texts.map((value) => ({ label: value, note: '', insert: isList && value.includes(',') ? `'${value}'` : value }))
  return { what: 'value', from: caret - part.length, to: caret + rest, offers: matching(offers, part.replace(/^['"]/, '')) }
}

/** The texts that a filter compares a value with: the items of a list, nothing of a mapping. */
function textsOf(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((item: unknown) => textsOf(item))
  if (value === null || typeof value === 'boolean' || typeof value === 'number') return [String(value)]
  return typeof value === 'string' && value.trim() !== '' ? [value] : []
}

function isOperator(name: string): boolean {
  return OPERATORS.some(([operator]) => operator === name)
}

/** True where a key is begun and not written to its end: the first offer goes on with it. */
export function isKeyBegun(text: string, { what, from, to, offers }: Completion, { keys }: Known): boolean {
  const word = text.slice(from, to)
  const isWhole = [...OWN_KEYS.map(([key]) => key), ...keys].includes(word)
  return what === 'key' && word !== '' && !isWhole && offers[0]?.label.toLowerCase().startsWith(word.toLowerCase()) === true
}

/** Those that begin with what was typed, then those that hold it. */
export function matching(offers: readonly Offer[], typed: string): readonly Offer[] {
  const wanted = typed.trim().toLowerCase()
  const begins = offers.filter(({ label }) => label.toLowerCase().startsWith(wanted))
  const holds = offers.filter(({ label }) => !label.toLowerCase().startsWith(wanted) && label.toLowerCase().includes(wanted))
  return [...begins, ...holds].slice(0, MOST_OFFERS)
}

/** The field after an offer was taken: its text, and where the caret stands. */
export function taken(text: string, { from, to }: Completion, offer: Offer): { readonly text: string; readonly caret: number } {
  return { text: `${text.slice(0, from)}${offer.insert}${text.slice(to)}`, caret: from + offer.insert.length }
}
