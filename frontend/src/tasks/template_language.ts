/** A task's template for CodeMirror: a POSIX shell with Jinja2 in it, coloured lightly. Nothing here checks it. */
import { StreamLanguage, type StreamParser, type StringStream } from '@codemirror/language'
import { tags } from '@lezer/highlight'

interface Reading {
  /** What the cursor is in: the shell, `{{ }}`, `{% %}`, or `{# #}`. */
  readonly place: 'shell' | 'value' | 'statement' | 'note'
  /** The quote of the shell's text that is open; Jinja2 may stand in it. */
  readonly quote: '' | "'" | '"'
}

type Writable = { -readonly [key in keyof Reading]: Reading[key] }

const SHELL_WORDS = /^(?:if|then|else|elif|fi|for|while|until|do|done|case|esac|in|exit|return|set|export|function)(?![\w-])/
const JINJA_WORDS =
  /^(?:if|elif|else|endif|for|endfor|in|is|not|and|or|set|endset|macro|endmacro|call|endcall|filter|endfilter|raw|endraw|with|endwith|true|false|none)(?!\w)/
const OPENS = { '{{': 'value', '{%': 'statement', '{#': 'note' } as const

function token(stream: StringStream, reading: Writable): string | null {
  if (reading.place === 'note') return note(stream, reading)
  if (reading.place !== 'shell') return jinja(stream, reading)
  const opened = stream.match(/^\{[{%#]/)
  if (opened !== null && opened !== false && opened !== true) {
    reading.place = OPENS[opened[0] as keyof typeof OPENS]
    return reading.place === 'note' ? 'comment' : 'brace'
  }
  return reading.quote === '' ? shell(stream, reading) : quoted(stream, reading)
}

function note(stream: StringStream, reading: Writable): string {
  if (stream.skipTo('#}')) {
    stream.match('#}')
    reading.place = 'shell'
  } else stream.skipToEnd()
  return 'comment'
}

function jinja(stream: StringStream, reading: Writable): string | null {
  if (stream.match(/^-?[}%]\}/)) {
    reading.place = 'shell'
    return 'brace'
  }
  if (stream.match(/^'(?:\\.|[^'\\])*'?/) || stream.match(/^"(?:\\.|[^"\\])*"?/)) return 'string'
  if (stream.match(/^\|\s*[A-Za-z_]\w*/)) return 'filter'
  if (stream.match(JINJA_WORDS)) return 'keyword'
  if (stream.match(/^[A-Za-z_][\w.]*/)) return 'name'
  if (stream.match(/^\d[\d.]*/)) return 'number'
  stream.next()
  return null
}

function shell(stream: StringStream, reading: Writable): string | null {
  const isWordStart = stream.sol() || /\s/.test(stream.string.charAt(stream.pos - 1))
  if (isWordStart && stream.peek() === '#') {
    upTo(stream, /\{[{%#]/)
    return 'comment'
  }
  const quote = stream.match(/^['"]/)
  if (quote !== null && quote !== false && quote !== true) {
    reading.quote = quote[0] as "'" | '"'
    return 'string'
  }
  if (stream.match(/^\$(?:\w+|\{[^}]*\}|[?$!#@*])/)) return 'variable'
  if (isWordStart && stream.match(SHELL_WORDS)) return 'keyword'
  if (stream.match(/^[^\s'"$#{;&|<>()\\]+/)) return null
  if (stream.match(/^\\./)) return null
  stream.next()
  return null
}

function quoted(stream: StringStream, reading: Writable): string {
  while (!stream.eol()) {
    if (stream.match(/^\{[{%#]/, false)) return 'string'
    if (reading.quote === '"' && stream.match(/^\\./)) continue
    if (stream.next() === reading.quote) {
      reading.quote = ''
      return 'string'
    }
  }
  return 'string'
}

function upTo(stream: StringStream, what: RegExp): void {
  const at = stream.string.slice(stream.pos).search(what)
  if (at < 0) stream.skipToEnd()
  else stream.pos += at
}

export const templateParser: StreamParser<Writable> = {
  name: 'template',
  startState: () => ({ place: 'shell', quote: '' }),
  token,
  tokenTable: {
    filter: tags.function(tags.variableName),
    name: tags.special(tags.variableName),
    variable: tags.number,
    brace: tags.brace,
  },
  languageData: { commentTokens: { line: '#' }, closeBrackets: { brackets: ['{', '('] } },
}

export const templateLanguage = StreamLanguage.define(templateParser)
