/** How CodeMirror colours code: by the variables of code.css, so that both themes are right. */
import { HighlightStyle } from '@codemirror/language'
import { tags } from '@lezer/highlight'

export const codeColours = HighlightStyle.define([
  { tag: [tags.keyword, tags.controlKeyword, tags.operatorKeyword], color: 'var(--code-keyword)', fontWeight: '600' },
  { tag: [tags.string, tags.special(tags.string)], color: 'var(--code-string)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--code-number)' },
  { tag: tags.comment, color: 'var(--code-comment)', fontStyle: 'italic' },
  { tag: [tags.function(tags.variableName), tags.definition(tags.function(tags.variableName))], color: 'var(--code-call)' },
  { tag: tags.special(tags.variableName), color: 'var(--code-name)' },
  { tag: tags.brace, color: 'var(--code-name)', fontWeight: '600' },
])
