/** Plain Python values as code, and code that is nothing but a plain value. Pure. */

export type Plain = string | number | boolean | null | readonly Plain[] | { readonly [key: string]: Plain }

/** How Python writes a value: `repr`, with the quotes of `like` where the value allows it. */
export function pythonOf(value: Plain, like = "'"): string {
  if (value === null) return 'None'
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (typeof value === 'number') return String(value)
  if (typeof value === 'string') return quoted(value, like)
  if (isList(value)) return `[${value.map((one) => pythonOf(one, like)).join(', ')}]`
  return `{${Object.entries(value)
    .map(([key, one]) => `${quoted(key, like)}: ${pythonOf(one, like)}`)
    .join(', ')}}`
}

function isList(value: Plain): value is readonly Plain[] {
  return Array.isArray(value)
}

function quoted(value: string, like: string): string {
  const wanted = like === '"' ? '"' : "'"
  const other = wanted === '"' ? "'" : '"'
  const quote = value.includes(wanted) && !value.includes(other) ? other : wanted
  let code = ''
  for (const sign of value) code += sign === quote || sign === '\\' ? `\\${sign}` : (ESCAPES.get(sign) ?? escaped(sign))
  return quote + code + quote
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
])

/** What no screen shows is written by its number. */
function escaped(sign: string): string {
  const number = sign.codePointAt(0) ?? 0
  if (!/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u.test(sign)) return sign
  if (number < 0x100) return `\\x${number.toString(16).padStart(2, '0')}`
  return number < 0x10000 ? `\\u${number.toString(16).padStart(4, '0')}` : `\\U${number.toString(16).padStart(8, '0')}`
}

/** The value that the code is; undefined where it is more than a plain value, or one that this language cannot hold. */
export function literalOf(code: string): Plain | undefined {
  try {
    const reader = new Reader(code)
    const value = reader.value()
    reader.end()
    return value
  } catch (error) {
    if (error instanceof NotPlain) return undefined
    throw error
  }
}

/** The quote in which a text is written, for what takes its place. */
export function quoteOf(code: string): string {
  return /^["']/.exec(code.trim())?.[0] ?? "'"
}

class NotPlain extends Error {}

const WORDS: ReadonlyMap<string, Plain> = new Map<string, Plain>([
  ['True', true],
  ['False', false],
  ['None', null],
])
const SIMPLE: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['\\', '\\'],
  ["'", "'"],
  ['"', '"'],
  ['\n', ''],
])

class Reader {
  private at = 0

  constructor(private readonly code: string) {}

  value(): Plain {
    const sign = this.peek()
    if (sign === '"' || sign === "'") return this.text()
    if (sign === '[') return this.items(']', () => this.value())
    if (sign === '{') return Object.fromEntries(this.items('}', () => this.pair()))
    return this.numberOrWord()
  }

  end(): void {
    if (this.peek() !== '') throw new NotPlain()
  }

  /** The next sign that is no blank, or ''. A comment is none: it would be lost. */
  private peek(): string {
    while (/\s/.test(this.code[this.at] ?? '')) this.at += 1
    return this.code[this.at] ?? ''
  }

  private take(pattern: RegExp): string | null {
    const found = pattern.exec(this.code.slice(this.at))?.[0] ?? null
    this.at += found?.length ?? 0
    return found
  }

  private numberOrWord(): Plain {
    const word = this.take(/^(?:True|False|None)\b/)
    if (word !== null) return WORDS.get(word) ?? null
    const number = this.take(/^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:e[+-]?\d+)?(?![\w.])/)
    const value = Number(number)
    if (number === null || !(Number.isInteger(value) ? Number.isSafeInteger(value) : Number.isFinite(value)))
      throw new NotPlain()
    // 5.0 is another value than 5, and would be written as 5.
    if (String(value) !== number) throw new NotPlain()
    return value
  }

  private text(): string {
    const quote = this.code[this.at] ?? ''
    if (this.code.startsWith(quote.repeat(3), this.at)) throw new NotPlain()
    this.at += 1
    let value = ''
    for (;;) {
      const sign = this.code[this.at]
      if (sign === undefined || sign === '\n' || sign === '\r') throw new NotPlain()
      this.at += 1
      if (sign === quote) return value
      value += sign === '\\' ? this.escape() : sign
    }
  }

  private escape(): string {
    const known = SIMPLE.get(this.code[this.at] ?? '')
    if (known !== undefined) {
      this.at += 1
      return known
    }
    const number = this.take(/^(?:x[\da-fA-F]{2}|u[\da-fA-F]{4}|U[\da-fA-F]{8})/)
    const point = number === null ? NaN : Number.parseInt(number.slice(1), 16)
    if (!(point <= 0x10ffff)) throw new NotPlain()
    return String.fromCodePoint(point)
  }

  private items<Item>(close: string, item: () => Item): readonly Item[] {
    this.at += 1
    const items: Item[] = []
    while (this.peek() !== close) {
      items.push(item())
      if (this.peek() === ',') this.at += 1
      else if (this.peek() !== close) throw new NotPlain()
    }
    this.at += 1
    return items
  }

  private pair(): readonly [string, Plain] {
    const key = this.value()
    if (typeof key !== 'string' || this.peek() !== ':') throw new NotPlain()
    this.at += 1
    return [key, this.value()]
  }
}
