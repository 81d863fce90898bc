/** What the two sides do with text: line ends, the piece that changed, what of a long text is shown. Pure. */

const MOST_LINES = 12
export const MOST_CHARACTERS = 56
const MOST_FOLDED = 48

/** CodeMirror keeps lines without their ends. */
export function plainEnds(text: string): string {
  return text.replaceAll(/\r\n|\r/g, '\n')
}

/** What a person typed, with the line ends that the text had before if they were all alike. */
export function withEndsOf(before: string, typed: string): string {
  const ends = new Set(before.match(/\r\n|\r|\n/g) ?? [])
  const [only] = ends
  return ends.size === 1 && only !== undefined && only !== '\n' ? typed.replaceAll('\n', only) : typed
}

/** The one piece in which two texts differ. */
export function difference(
  from: string,
  to: string,
): { readonly from: number; readonly to: number; readonly insert: string } {
  const { start, end } = alike(from, to)
  return { from: start, to: from.length - end, insert: to.slice(start, to.length - end) }
}

/** How many items two lists, or two texts, begin and end with alike. */
export function alike(one: ArrayLike<string>, other: ArrayLike<string>): { readonly start: number; readonly end: number } {
  const most = Math.min(one.length, other.length)
  let start = 0
  while (start < most && one[start] === other[start]) start += 1
  let end = 0
  while (end < most - start && one[one.length - 1 - end] === other[other.length - 1 - end]) end += 1
  return { start, end }
}

/** Where a line of `text`, from 1, stands in `other`, which differs from it in one piece; null for a line of that piece. */
export function lineIn(other: string, text: string, line: number): number | null {
  const [from, to] = [linesIn(text), linesIn(other)]
  const { start, end } = alike(from, to)
  if (line <= start) return line
  return line > from.length - end ? line + to.length - from.length : null
}

export function linesIn(text: string): readonly string[] {
  return text.split(/\r\n|\r|\n/)
}

/** Long lines are folded between words; the field holds them as they are. */
export function shown(value: string): readonly string[] {
  const lines = linesIn(value).flatMap((line) => wrapped(line))
  return lines.length > MOST_LINES
    ? [...lines.slice(0, MOST_LINES - 1), `… ${lines.length - MOST_LINES + 1} more lines`]
    : lines
}

/** The first line, and how many more there are. */
export function folded(value: string): string {
  const [first = '', ...more] = linesIn(value)
  const line = first.length > MOST_FOLDED ? `${first.slice(0, first.lastIndexOf(' ', MOST_FOLDED))}…` : first
  return more.length === 0 ? line : `${line.replace(/…$/, '')}… ${more.length} more`
}

/** The line in pieces that are not too long, broken between words. */
export function wrapped(line: string): readonly string[] {
  const lines: string[] = []
  let rest = line
  while (rest.length > MOST_CHARACTERS) {
    const blank = rest.lastIndexOf(' ', MOST_CHARACTERS)
    const end = blank > MOST_CHARACTERS / 2 ? blank + 1 : MOST_CHARACTERS
    lines.push(rest.slice(0, end))
    rest = rest.slice(end)
  }
  return [...lines, rest]
}
