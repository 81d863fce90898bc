/** Edits of whole statements in the text of a script: put into a `try`, taken out of it, one more below. Pure.
 *
 * Lines inside a text of several lines keep what stands at their beginning: it is part of a value.
 */
import { endOfLine, endOfLines, startOfLine } from './call_text'
import type { Range } from './documents'

const STEP = '    '
const HANDLER = 'except StepFailed as error:'
/** What is done when a step fails, until its author writes something better. */
const HANDLED = 'log(str(error))'

/** The statement in a `try` that catches its failure; null where it shares its lines with another statement. */
export function wrappedInTry(text: string, statement: Range): string | null {
  const first = startOfLine(text, statement.start)
  const last = endOfLine(text, statement.end)
  const indent = text.slice(first, statement.start)
  const rest = text.slice(statement.end, last).trim()
  if (indent.trim() !== '' || (rest !== '' && !rest.startsWith('#'))) return null
  const end = endOfLines(text)
  const step = indent.includes('\t') ? '\t' : STEP
  const body = shifted(text.slice(first, last), (line) => (line.trim() === '' ? line : step + line))
  const lines = [`${indent}try:`, body, indent + HANDLER, indent + step + HANDLED]
  return text.slice(0, first) + lines.join(end) + text.slice(last)
}

/** Lines, from 1: that of `try:`, that of its only `except`, and the last one of what is done then. */
export interface TryLines {
  readonly head: number
  readonly handler: number
  readonly last: number
}

/** The body of a `try` without it; what its handler does goes. */
export function unwrappedFromTry(text: string, { head, handler, last }: TryLines): string {
  const starts = startsOfLines(text)
  const at = (line: number): number => starts[line - 1] ?? text.length
  const indent = /^[ \t]*/.exec(text.slice(at(head)))?.[0] ?? ''
  const body = text.slice(at(head + 1), at(handler))
  const step = (/^[ \t]*/.exec(body.trimStart() === '' ? '' : body)?.[0] ?? '').slice(indent.length)
  const dedented = shifted(body, (line) => (line.startsWith(indent + step) ? indent + line.slice(indent.length + step.length) : line))
  return text.slice(0, at(head)) + dedented + text.slice(at(last + 1))
}

/** One more statement on the line after `line` (from 1; 0 for the first), indented as the statement at `indent`. */
export function insertedBelow(text: string, line: number, indent: string, code: string): string {
  const end = endOfLines(text)
  const starts = startsOfLines(text)
  const at = line >= starts.length ? text.length : (starts[line] ?? text.length)
  const isOpen = at > 0 && !/[\r\n]$/.test(text.slice(0, at))
  return `${text.slice(0, at)}${isOpen ? end : ''}${indent}${code}${end}${text.slice(at)}`
}

/** What stands before the first word of a line (from 1). */
export function indentOf(text: string, line: number): string {
  const at = startsOfLines(text)[line - 1]
  return at === undefined ? '' : (/^[ \t]*/.exec(text.slice(at))?.[0] ?? '')
}

/** The line, from 1, that a place is on. */
export function lineOfPlace(text: string, place: number): number {
  return startsOfLines(text).findLastIndex((start) => start <= place) + 1
}

export function startsOfLines(text: string): readonly number[] {
  return [0, ...[...text.matchAll(/\r\n|\r|\n/g)].map((found) => found.index + found[0].length)]
}

/** Each line changed, but those that begin inside a text. */
function shifted(text: string, change: (line: string) => string): string {
  const inside = placesInTexts(text)
  const starts = startsOfLines(text)
  return starts
    .map((start, at) => {
      const line = text.slice(start, starts[at + 1] ?? text.length)
      return inside(start) ? line : change(line)
    })
    .join('')
}

const TEXTS = /#[^\r\n]*|("""|''')(?:\\[^]|(?!\1)[^])*(?:\1|$)|"(?:\\\r\n|\\[^]|[^"\\\r\n])*"?|'(?:\\\r\n|\\[^]|[^'\\\r\n])*'?/g

/** Tells whether a place is inside a text. */
function placesInTexts(text: string): (place: number) => boolean {
  const found = [...text.matchAll(TEXTS)].filter((one) => !one[0].startsWith('#'))
  return (place) => found.some((one) => one.index < place && place < one.index + one[0].length)
}
