/** Where a place in a script stands: inside which text, which call, behind which keys. Works on half-written code. Pure. */

export interface Token {
  readonly kind: 'text' | 'comment' | 'name' | 'number' | 'sign' | 'line'
  readonly from: number
  readonly to: number
  readonly code: string
}

/** A call whose parentheses are open at the place. */
export interface OpenCall {
  /** `run_task`; '' for parentheses that are no call of a plain name. */
  readonly word: string
  /** What its first argument says where that is a plain text. */
  readonly first: string | null
  readonly keywords: readonly string[]
  /** The keyword whose value is being written. */
  readonly keyword: string | null
  /** Nothing of the argument stands there yet. */
  readonly isAtStart: boolean
  /** Which argument it is, from 0. */
  readonly index: number
}

/** `element['context']['a']`: the name and the keys behind it. */
export interface Path {
  readonly root: string
  readonly keys: readonly string[]
}

export interface Where {
  /** What stands between the quotes before the place; null outside of texts. */
  readonly inText: { readonly typed: string; readonly from: number } | null
  readonly isInComment: boolean
  /** The word before the place, and where it begins. */
  readonly word: string
  readonly wordFrom: number
  readonly call: OpenCall | null
  /** The path whose next key is being written: `element['context'][`, `element['context'].get(`. */
  readonly path: Path | null
  /** What closes behind that key. */
  readonly close: ']' | ')'
  /** What a text may be quoted with: not as the f-string around it. */
  readonly quote: '"' | "'"
  /** The path that the text is compared with: `x['context']['env'] == '`. */
  readonly compared: Path | null
  readonly isAttribute: boolean
}

const TOKENS =
  /(?<comment>#[^\n]*)|(?<text>[rRbBuUfF]{0,2}(?:"""(?:\\[^]|(?!""")[^])*(?:"""|$)|'''(?:\\[^]|(?!''')[^])*(?:'''|$)|"(?:\\[^]|[^"\\\n])*"?|'(?:\\[^]|[^'\\\n])*'?))|(?<name>[\p{L}_][\p{L}\p{N}_]*)|(?<number>\d[\w.]*)|(?<line>\n)|(?<sign>==|!=|<=|>=|\S)/gu

export function tokensOf(text: string): readonly Token[] {
  return [...text.matchAll(TOKENS)].map((found) => {
    const kind = (Object.entries(found.groups ?? {}).find(([, code]) => (code as string | undefined) !== undefined)?.[0] ?? 'sign') as Token['kind']
    return { kind, from: found.index, to: found.index + found[0].length, code: found[0] }
  })
}

/** What is known of a place from what stands before it. */
export function whereAt(before: string): Where {
  const tokens = tokensOf(before)
  const last = tokens.at(-1)
  if (last?.kind === 'text' && isOpen(last.code)) return inText(before, tokens, last)
  const isInComment = last?.kind === 'comment'
  const word = last?.kind === 'name' && last.to === before.length ? last : null
  const others = word === null ? tokens : tokens.slice(0, -1)
  return {
    inText: null,
    isInComment,
    word: word?.code ?? '',
    wordFrom: word?.from ?? before.length,
    call: callAt(others),
    path: pathOpen(others, others.length),
    close: others.at(-1)?.code === '(' ? ')' : ']',
    quote: "'",
    compared: null,
    isAttribute: others.at(-1)?.code === '.',
  }
}

/** The value of a text token that is closed and plain, without its quotes; null where it is more than that. */
export function plainText(token: Token | undefined): string | null {
  if (token?.kind !== 'text' || isOpen(token.code) || !/^["']/.test(token.code) || token.code.includes('\\')) return null
  return token.code.replaceAll(/^("""|'''|"|')|("""|'''|"|')$/g, '')
}

/** The path that ends before the token at `end`: name, then `[text]` again and again. */
export function pathBefore(tokens: readonly Token[], end: number): Path | null {
  const keys: string[] = []
  let at = end - 1
  for (; tokens[at]?.code === ']' && tokens[at - 2]?.code === '['; at -= 3) {
    const key = plainText(tokens[at - 1])
    if (key === null) break
    keys.unshift(key)
  }
  // What is taken from a list of elements is one of them: elements[0]['context'].
  if (tokens[at]?.code === ']') {
    const open = openingOf(tokens, at)
    return tokens[open - 1]?.code === 'elements' ? { root: 'element', keys } : null
  }
  const root = tokens[at]
  return root?.kind === 'name' && tokens[at - 1]?.code !== '.' ? { root: root.code, keys } : null
}

/** The path whose next key begins at the token at `end`. */
function pathOpen(tokens: readonly Token[], end: number): Path | null {
  if (tokens[end - 1]?.code === '[') return pathBefore(tokens, end - 1)
  const isGet = tokens[end - 1]?.code === '(' && tokens[end - 2]?.code === 'get' && tokens[end - 3]?.code === '.'
  return isGet ? pathBefore(tokens, end - 3) : null
}

/** The innermost call that is open before the end of the tokens. */
export function callAt(tokens: readonly Token[]): OpenCall | null {
  const opened: number[] = []
  for (const [at, { code, kind }] of tokens.entries()) {
    if (kind !== 'sign') continue
    if (code === '(' || code === '[' || code === '{') opened.push(at)
    else if (code === ')' || code === ']' || code === '}') opened.pop()
  }
  const open = opened.at(-1)
  if (open === undefined || tokens[open]?.code !== '(') return null
  const callee = tokens[open - 1]
  const word = callee?.kind === 'name' && tokens[open - 2]?.code !== '.' ? callee.code : ''
  return { word, ...argumentsOf(tokens.slice(open + 1).filter(({ kind }) => kind !== 'line' && kind !== 'comment')) }
}

function argumentsOf(tokens: readonly Token[]): Omit<OpenCall, 'word'> {
  const keywords: string[] = []
  let depth = 0
  let start = 0
  let index = 0
  for (const [at, { code, kind }] of tokens.entries()) {
    if (kind !== 'sign') continue
    if (code === '(' || code === '[' || code === '{') depth += 1
    else if (code === ')' || code === ']' || code === '}') depth -= 1
    else if (depth === 0 && code === ',') {
      start = at + 1
      index += 1
    } else if (depth === 0 && code === '=' && at === start + 1) keywords.push(tokens[start]?.code ?? '')
  }
  const isKeyword = tokens[start]?.kind === 'name' && tokens[start + 1]?.code === '='
  const isPlain = tokens.length === 1 || tokens[1]?.code === ','
  return {
    first: isPlain ? plainText(tokens[0]) : null,
    keywords,
    keyword: isKeyword ? (tokens[start]?.code ?? null) : null,
    isAtStart: start === tokens.length,
    index,
  }
}

function inText(before: string, tokens: readonly Token[], last: Token): Where {
  const [, prefix = '', quote = ''] = /^([rRbBuUfF]*)("""|'''|"|')/.exec(last.code) ?? []
  const typed = last.code.slice(prefix.length + quote.length)
  const brace = typed.lastIndexOf('{')
  if (/f/i.test(prefix) && brace > typed.lastIndexOf('}') && typed[brace - 1] !== '{') {
    const inner = whereAt(typed.slice(brace + 1))
    const shift = last.to - typed.length + brace + 1
    return {
      ...inner,
      quote: quote.startsWith("'") ? '"' : "'",
      wordFrom: inner.wordFrom + shift,
      inText: inner.inText === null ? null : { ...inner.inText, from: inner.inText.from + shift },
    }
  }
  const end = tokens.length - 1
  const sign = tokens[end - 1]?.code ?? ''
  return {
    inText: { typed, from: before.length - typed.length },
    isInComment: false,
    word: '',
    wordFrom: before.length,
    call: callAt(tokens.slice(0, -1)),
    path: pathOpen(tokens, end),
    close: sign === '(' ? ')' : ']',
    quote: "'",
    compared: sign === '==' || sign === '!=' ? pathBefore(tokens, end - 1) : null,
    isAttribute: false,
  }
}

function openingOf(tokens: readonly Token[], close: number): number {
  let depth = 0
  for (let at = close; at >= 0; at -= 1) {
    const code = tokens[at]?.code
    if (code === ']') depth += 1
    else if (code === '[') depth -= 1
    if (depth === 0) return at
  }
  return 0
}

function isOpen(code: string): boolean {
  const [, prefix = '', quote = ''] = /^([rRbBuUfF]*)("""|'''|"|')/.exec(code) ?? []
  const rest = code.slice(prefix.length + quote.length)
  return !rest.replaceAll(/\\[^]/g, '').endsWith(quote)
}

/** True for one whole value: every quote and bracket is closed, with no comment and no comma outside of brackets. */
export function isWholeValue(code: string): boolean {
  let open = ''
  for (const token of tokensOf(code)) {
    if (token.kind === 'comment' || token.kind === 'line') return false
    if (token.kind === 'text' && isOpen(token.code)) return false
    if (token.kind !== 'sign') continue
    const close = CLOSING[token.code]
    if (close !== undefined) open += close
    else if (')]}'.includes(token.code)) {
      if (!open.endsWith(token.code)) return false
      open = open.slice(0, -1)
    } else if (open === '' && (token.code === ',' || token.code === '=' || token.code === ';')) return false
  }
  return open === ''
}

const CLOSING: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' }
