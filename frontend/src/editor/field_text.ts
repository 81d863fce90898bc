/** A value of a field as a person types it, and its Python. Pure. */
import { plainText, readPlain } from '../lib/plain'
import type { Field } from './inspected'
import { literalOf, pythonOf, quoteOf, type Plain } from './literals'
import { itemsOf } from './values'

/** What the field shows of the code; null where only Python can. Nothing given is '', and so is an empty text that must be given. */
export function shownValue(field: Pick<Field, 'kind' | 'code' | 'choices' | 'of' | 'isRequired' | 'flowInput'>): string | null {
  if (field.code === null) return ''
  const value = literalOf(field.code)
  if (value === '' && (field.isRequired || field.flowInput === 'has') && (field.kind === 'text' || field.kind === 'any')) return ''
  if (value === undefined || value === null || value === '') return null
  const said = textOf(field, value, field.code.trim())
  // A field of one line would lose the line ends.
  const shown = said === null || /[\r\n]/.test(said) ? null : said
  // What would be read as another value is left to Python: a list of the text '5'.
  const typed = shown === null ? null : codeFor(field, shown)
  return typed !== null && JSON.stringify(literalOf(typed)) === JSON.stringify(value) ? shown : null
}

function textOf(field: Pick<Field, 'kind' | 'choices'>, value: Plain, code: string): string | null {
  switch (field.kind) {
    case 'python':
      return null
    case 'number':
      return typeof value === 'number' ? code : null
    case 'boolean':
      return typeof value === 'boolean' ? code : null
    case 'choice':
      return typeof value === 'string' && field.choices.includes(value) ? value : null
    case 'list':
      return listText(value)
    case 'any':
      return plainText(value)
    default:
      return typeof value === 'string' ? value : null
  }
}

/** The Python of what was typed; null for nothing. What does not fit goes as text: the check says what is expected. */
export function codeFor(field: Pick<Field, 'kind' | 'code' | 'of'>, typed: string): string | null {
  if (typed.trim() === '') return null
  const like = quoteOf(field.code ?? '')
  switch (field.kind) {
    case 'python':
      return typed.trim()
    case 'number':
      return /^-?(\d+(\.\d+)?|\.\d+)$/.test(typed.trim()) ? typed.trim() : pythonOf(typed, like)
    case 'boolean':
      return typed === 'True' || typed === 'False' ? typed : pythonOf(typed, like)
    case 'list':
      return pythonOf(
        itemsOf(typed).map((item) => (field.of === 'string' || field.of === 'choice' || field.of === 'element' ? item : plain(item))),
        like,
      )
    case 'any':
      return pythonOf(plain(typed), like)
    default:
      return pythonOf(typed, like)
  }
}

/** JSON where it reads as JSON; a number that this language cannot hold stays text. */
function plain(typed: string): Plain {
  return (readPlain(typed) ?? typed) as Plain
}

/** Items with commas between. */
function listText(value: Plain): string | null {
  const items = Array.isArray(value) ? (value as readonly Plain[]) : []
  return items.length === 0 || items.some((item) => typeof item === 'object') ? null : items.map(String).join(', ')
}
