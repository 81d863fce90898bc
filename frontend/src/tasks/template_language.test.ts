import { StringStream } from '@codemirror/language'
import { describe, expect, it } from 'vitest'

import { templateParser } from './template_language'

/** The coloured pieces of a template, line after line. */
function pieces(text: string): readonly (readonly [kind: string, text: string])[] {
  const state = templateParser.startState?.(2)
  if (state === undefined) throw new Error('the parser begins with a state')
  const found: [string, string][] = []
  for (const line of text.split('\n')) {
    const stream = new StringStream(line, 2, 2)
    while (!stream.eol()) {
      stream.start = stream.pos
      const kind = templateParser.token(stream, state)
      if (stream.pos === stream.start) throw new Error(`no step at ${stream.pos} of ${line}`)
      if (kind !== null) found.push([kind, stream.current()])
    }
  }
  return found
}

describe('the colours of a template', () => {
  it('tell values with their filters from the shell around them', () => {
    expect(pieces('if systemctl stop {{ inputs.service | quote }}; then')).toEqual([
      ['keyword', 'if'], ['brace', '{{'], ['name', 'inputs.service'], ['filter', '| quote'], ['brace', '}}'], ['keyword', 'then'],
    ])
  })

  it('go into a text of the shell and come back to it, over lines', () => {
    expect(pieces('echo "a {{ b }} c\nd" # e')).toEqual([
      ['string', '"'], ['string', 'a '], ['brace', '{{'], ['name', 'b'], ['brace', '}}'], ['string', ' c'], ['string', 'd"'],
      ['comment', '# e'],
    ])
  })

  it('know statements, notes over lines, numbers and variables', () => {
    expect(pieces("{% for x in [1] -%}{# a\nb #} $x ${y} 'q' #")).toEqual([
      ['brace', '{%'], ['keyword', 'for'], ['name', 'x'], ['keyword', 'in'], ['number', '1'], ['brace', '-%}'],
      ['comment', '{#'], ['comment', ' a'], ['comment', 'b #}'], ['variable', '$x'], ['variable', '${y}'], ['string', "'"],
      ['string', "q'"], ['comment', '#'],
    ])
  })

  it('never stand still, whatever is typed', () => {
    for (const text of ["{{ 'open", '{', '{{ | }', '\\', '"\\', '{% %', '}}', '$', '{#', "'{{", '# {{ a }} b']) expect(() => pieces(text)).not.toThrow()
  })
})
