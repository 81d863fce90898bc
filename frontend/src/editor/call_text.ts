/** Edits of one call in the text of a script: only what is asked for changes, every other byte and comment stays. Pure.
 *
 * A call's range is where the server found a step's call (`sites[].call` of `POST scripts/blocks`); offsets count in UTF-16
 * units. Every edit gives the new text with the call as it stands there, so that edits can follow each other.
 */
import type { Argument, CallRange } from './documents'


export interface Edited {
  readonly text: string
  readonly call: CallRange
}

interface Piece {
  readonly from: number
  readonly to: number
  readonly insert: string
}

export function isEmptyText(code: string): boolean {
  return code === "''" || code === '""'
}

/** The argument that is given by this name, or as the `place`-th without a name. */
export function argumentOf(call: CallRange, name: string, place: number | null = null): Argument | null {
  const named = call.args.find((one) => one.name === name)
  if (named !== undefined || place === null) return named ?? null
  const unnamed = call.args.filter((one) => one.name === null)
  const found = unnamed[place]
  return found === undefined || unnamed.slice(0, place + 1).some((one) => one.code.startsWith('*')) ? null : found
}

/** Gives the argument this code: in its place if it is there, else behind the others. */
export function setArgument(text: string, call: CallRange, name: string, code: string, place: number | null = null): Edited {
  const given = argumentOf(call, name, place)
  if (given !== null) return withValue(text, call, given, code)
  const isUnnamed = place !== null && place === call.args.filter((one) => one.name === null).length
  return inserted(text, call, isUnnamed && call.args.length === place ? null : name, code)
}

/** Takes the argument out with its comma; a line that is empty then goes too, a comment stays. */
export function removeArgument(text: string, call: CallRange, name: string, place: number | null = null): Edited {
  const given = argumentOf(call, name, place)
  if (given === null) return { text, call }
  const from = given.from ?? openedBefore(text, call, given)
  const after = tailOf(text, call, given)
  const pieces = after.comma === null ? lastOut(text, call, given, from, after.end) : firstOut(text, from, after.comma)
  return applied(text, { ...call, args: call.args.filter((one) => one !== given) }, pieces)
}

function withValue(text: string, call: CallRange, given: Argument, code: string): Edited {
  const edited = applied(text, call, [{ from: given.start, to: given.end, insert: code }])
  const args = edited.call.args.map((one, at) =>
    call.args[at] === given ? { ...one, start: given.start, end: given.start + code.length, code } : one,
  )
  return { text: edited.text, call: { ...edited.call, args } }
}

/** Behind the last argument: on a line of its own if that one has such a line. */
function inserted(text: string, call: CallRange, name: string | null, code: string): Edited {
  const word = name === null ? code : `${name}=${code}`
  const last = call.args.at(-1)
  if (last === undefined) return withArgument(text, call, name, code, call.close, word, 0)
  const { comma, end } = tailOf(text, call, last)
  const lineStart = startOfLine(text, last.from ?? last.start)
  const indent = text.slice(lineStart, last.from ?? last.start)
  if (indent.trim() !== '' || lineStart <= call.start) {
    if (comma === null) return withArgument(text, call, name, code, end, `, ${word}`, 2)
    return withArgument(text, call, name, code, comma + 1, ` ${word},`, 1)
  }
  const newLine = endOfLines(text) + indent
  const lineEnd = endOfLine(text, comma ?? end)
  if (comma !== null) {
    const at = Math.min(lineEnd, call.close)
    return withArgument(text, call, name, code, at, `${newLine}${word},`, newLine.length)
  }
  if (lineEnd > call.close) return withArgument(text, call, name, code, end, `,${newLine}${word}`, newLine.length + 1)
  const rest = `,${text.slice(end, lineEnd)}${newLine}`
  return withArgument(text, call, name, code, end, `${rest}${word}`, rest.length, lineEnd)
}

/** `skips` is how much of what is inserted stands before the argument. */
function withArgument(
  text: string,
  call: CallRange,
  name: string | null,
  code: string,
  at: number,
  insert: string,
  skips: number,
  to = at,
): Edited {
  const edited = applied(text, call, [{ from: at, to, insert }])
  const from = at + skips
  const start = name === null ? from : from + name.length + 1
  const argument = { name, code, start, end: start + code.length, ...(name === null ? {} : { from }) }
  return { text: edited.text, call: { ...edited.call, args: [...edited.call.args, argument] } }
}

/** An argument with a comma behind it: both, and the blanks up to what follows on the line. */
function firstOut(text: string, from: number, comma: number): readonly Piece[] {
  let to = comma + 1
  while (text[to] === ' ' || text[to] === '\t') to += 1
  return [emptied(text, from, to)]
}

/** The last argument has the comma before it. */
function lastOut(text: string, call: CallRange, given: Argument, from: number, end: number): readonly Piece[] {
  const at = call.args.indexOf(given)
  const before = call.args[at - 1]
  if (before === undefined) return [emptied(text, from, end)]
  const { comma } = tailOf(text, call, before)
  if (comma === null) return [emptied(text, from, end)]
  if (text.slice(comma + 1, from).trim() === '') return [{ from: comma, to: end, insert: '' }]
  return [{ from: comma, to: comma + 1, insert: '' }, emptied(text, from, end)]
}

/** The piece that is taken out, with its whole line if nothing else stands there. */
function emptied(text: string, from: number, to: number): Piece {
  const start = startOfLine(text, from)
  const end = endOfLine(text, to)
  if (start === 0 || text.slice(start, from).trim() !== '' || text.slice(to, end).trim() !== '')
    return { from, to, insert: '' }
  const next = text.startsWith('\r\n', end) ? end + 2 : end + 1
  return { from: start, to: Math.min(next, text.length), insert: '' }
}

/** What stands between an argument and the next one: where its own parentheses end, and its comma if there is one. */
function tailOf(text: string, call: CallRange, argument: Argument): { readonly comma: number | null; readonly end: number } {
  const next = call.args[call.args.indexOf(argument) + 1]
  const until = next === undefined ? call.close : (next.from ?? next.start)
  let end = argument.end
  for (let at = argument.end; at < until; at += 1) {
    const sign = text[at]
    if (sign === '#') at = endOfLine(text, at) - 1
    else if (sign === ')') end = at + 1
    else if (sign === ',') return { comma: at, end }
  }
  return { comma: null, end }
}

/** Where an argument without a keyword begins, with the parentheses around it. */
function openedBefore(text: string, call: CallRange, given: Argument): number {
  const before = call.args[call.args.indexOf(given) - 1]
  const floor = before === undefined ? text.indexOf('(', call.start) + 1 : before.end
  let start = given.start
  for (let at = given.start - 1; at >= floor && /[\s(]/.test(text[at] ?? ''); at -= 1) if (text[at] === '(') start = at
  return start
}

function applied(text: string, call: CallRange, pieces: readonly Piece[]): Edited {
  let shown = ''
  let at = 0
  for (const piece of pieces) {
    shown += text.slice(at, piece.from) + piece.insert
    at = piece.to
  }
  const movedBy = (isBefore: (piece: Piece) => boolean): number =>
    pieces.reduce((sum, one) => (isBefore(one) ? sum + one.insert.length - (one.to - one.from) : sum), 0)
  const moved = (place: number): number => place + movedBy((one) => one.to <= place)
  // What is put in right behind an argument is no part of it.
  const movedEnd = (place: number): number => place + movedBy((one) => one.to <= place && one.from < place)
  const argument = (one: Argument): Argument => ({
    ...one,
    start: moved(one.start),
    end: movedEnd(one.end),
    ...(one.from === undefined ? {} : { from: moved(one.from) }),
  })
  return {
    text: shown + text.slice(at),
    call: { start: moved(call.start), end: moved(call.end), close: moved(call.close), args: call.args.map(argument) },
  }
}

export function startOfLine(text: string, at: number): number {
  return Math.max(text.lastIndexOf('\n', at - 1), text.lastIndexOf('\r', at - 1)) + 1
}

/** Where the line's end begins. */
export function endOfLine(text: string, at: number): number {
  const found = text.slice(at).search(/[\r\n]/)
  return found === -1 ? text.length : at + found
}

/** How the lines of a text end; those of a text of one line as those of a new one. */
export function endOfLines(text: string): string {
  return /\r\n|\r|\n/.exec(text)?.[0] ?? '\n'
}
