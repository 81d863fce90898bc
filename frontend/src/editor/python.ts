/** The Python pane: CodeMirror with our colours, problems on their lines, and the names that a script may use. */
import {
  autocompletion,
  completionKeymap,
  type Completion,
  type CompletionContext,
  type CompletionResult,
} from '@codemirror/autocomplete'
import { defaultKeymap } from '@codemirror/commands'
import { python } from '@codemirror/lang-python'
import { bracketMatching, HighlightStyle, indentOnInput, indentUnit, syntaxHighlighting } from '@codemirror/language'
import { lintGutter, setDiagnostics, type Diagnostic } from '@codemirror/lint'
import { Annotation, EditorState, StateEffect, StateField, type Text } from '@codemirror/state'
import {
  Decoration,
  drawSelection,
  EditorView,
  highlightActiveLine,
  hoverTooltip,
  keymap,
  lineNumbers,
  type DecorationSet,
  type Tooltip,
} from '@codemirror/view'
import { tags } from '@lezer/highlight'

import { make } from '../lib/dom'
import { completionsAt } from './completions'
import type { Fault, Script } from './documents'
import { toldAt } from './hover'
import type { Known } from './offers'
import { difference, plainEnds } from './texts'

export interface PythonEvents {
  readonly edited: (text: string) => void
  /** The cursor is on this line, counted from 1. */
  readonly moved: (line: number) => void
  /** The focus came in. */
  readonly entered: () => void
}

/** Marks what the page itself writes: it is no edit of a person. */
const written = Annotation.define<boolean>()
const lit = StateEffect.define<readonly [first: number, last: number] | null>()

const hinted = StateEffect.define<readonly [first: number, last: number] | null>()

const litLines = markedLines(lit, 'is-lit')
const hintedLines = markedLines(hinted, 'is-hinted')

/** Lines with a class of their own, as the last effect says. */
function markedLines(marks: typeof lit, css: string): StateField<DecorationSet> {
  return StateField.define<DecorationSet>({
    create: () => Decoration.none,
    update(lines, transaction) {
      for (const effect of transaction.effects)
        if (effect.is(marks)) return linesMarked(transaction.state.doc, effect.value, css)
      return lines.map(transaction.changes)
    },
    provide: (field) => EditorView.decorations.from(field),
  })
}

const colours = HighlightStyle.define([
  { tag: [tags.keyword, tags.controlKeyword, tags.operatorKeyword], color: 'var(--ed-keyword)', fontWeight: '600' },
  { tag: [tags.string, tags.special(tags.string)], color: 'var(--ed-string)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--ed-number)' },
  { tag: [tags.comment], color: 'var(--ed-comment)', fontStyle: 'italic' },
  {
    tag: [tags.function(tags.variableName), tags.definition(tags.function(tags.variableName))],
    color: 'var(--ed-call)',
  },
])

export class Python {
  private readonly view: EditorView
  private shown: readonly Fault[] = []
  /** The cursor is being put somewhere: the focus that comes with it does not move it. */
  private isLed = false

  constructor(place: HTMLElement, isReadOnly: boolean, script: () => Script, known: () => Known, events: PythonEvents) {
    this.view = new EditorView({
      parent: place,
      extensions: [
        lineNumbers(),
        drawSelection(),
        indentOnInput(),
        bracketMatching(),
        highlightActiveLine(),
        lintGutter(),
        litLines,
        hintedLines,
        EditorView.lineWrapping,
        python(),
        indentUnit.of('    '),
        syntaxHighlighting(colours),
        autocompletion({ override: [(context) => complete(context, script(), known())], icons: false }),
        hoverTooltip((view, place) => told(view, place, script(), known())),
        keymap.of([...completionKeymap, ...defaultKeymap]),
        EditorState.readOnly.of(isReadOnly),
        EditorView.domEventHandlers({
          mousedown: () => this.lead(),
          focus: () => events.entered(),
        }),
        EditorView.contentAttributes.of({ 'aria-label': 'The script in Python', tabindex: '0' }),
        EditorView.updateListener.of((update) => {
          const isWritten = update.transactions.some((one) => one.annotation(written) === true)
          if (update.docChanged && !isWritten) events.edited(update.state.doc.toString())
          if ((update.selectionSet || update.focusChanged) && !isWritten && update.view.hasFocus)
            events.moved(update.state.doc.lineAt(update.state.selection.main.head).number)
        }),
      ],
    })
  }

  /** Shows this text by the smallest change, so that the cursor and what can be undone stay. */
  show(text: string): void {
    const now = this.view.state.doc.toString()
    const wanted = plainEnds(text)
    if (now === wanted) return
    this.view.dispatch({ changes: difference(now, wanted), annotations: written.of(true) })
  }

  mark(problems: readonly Fault[]): void {
    if (problems === this.shown) return
    this.shown = problems
    const { doc } = this.view.state
    this.view.dispatch(
      setDiagnostics(
        this.view.state,
        problems.filter((one) => one.line > 0).map((one) => diagnostic(doc, one)),
      ),
    )
  }

  light(lines: readonly [first: number, last: number] | null, bring: boolean): void {
    const first = lines === null ? null : lineAt(this.view.state.doc, lines[0])
    const effects: StateEffect<unknown>[] = [lit.of(lines)]
    if (first !== null && bring) effects.push(EditorView.scrollIntoView(first.from, { y: 'nearest', yMargin: 40 }))
    this.view.dispatch({ effects })
  }

  /** Marks the lines that are pointed at without a click. */
  hint(lines: readonly [first: number, last: number] | null): void {
    this.view.dispatch({ effects: hinted.of(lines) })
  }

  /** The line at a place of the window, counted from 1. */
  lineUnder({ clientX, clientY }: MouseEvent): number | null {
    const place = this.view.posAtCoords({ x: clientX, y: clientY })
    return place === null ? null : this.view.state.doc.lineAt(place).number
  }

  isShown(): boolean {
    return this.view.dom.offsetParent !== null
  }

  /** Where the cursor is, from 1; null while the focus is elsewhere. */
  cursor(): { readonly line: number; readonly col: number } | null {
    if (!this.view.hasFocus) return null
    const place = this.at()
    const line = this.view.state.doc.lineAt(place)
    return { line: line.number, col: place - line.from + 1 }
  }

  /** The cursor as a place in the text. */
  at(): number {
    return this.view.state.selection.main.head
  }

  /** Puts the cursor there once the text that it counts in is shown. */
  put(at: number): void {
    requestAnimationFrame(() =>
      requestAnimationFrame(() => {
        const anchor = Math.min(at, this.view.state.doc.length)
        this.view.dispatch({ selection: { anchor }, effects: EditorView.scrollIntoView(anchor), annotations: written.of(true) })
      }),
    )
  }

  /** Puts the cursor there and takes the focus. */
  goTo(line: number, col: number): void {
    const at = lineAt(this.view.state.doc, line)
    const anchor = Math.min(at.to, at.from + Math.max(0, col - 1))
    this.view.dispatch({ selection: { anchor }, effects: EditorView.scrollIntoView(anchor, { y: 'center' }) })
    this.lead()
    this.view.focus()
  }

  /** Puts the cursor on these lines, unless it is there or is being put somewhere. */
  comeTo(lines: readonly [first: number, last: number] | null): void {
    const { doc } = this.view.state
    const line = doc.lineAt(this.at()).number
    if (this.isLed || lines === null || (line >= lines[0] && line <= lines[1])) return
    this.view.dispatch({ selection: { anchor: lineAt(doc, lines[0]).from }, scrollIntoView: true, annotations: written.of(true) })
  }

  private lead(): void {
    this.isLed = true
    window.setTimeout(() => (this.isLed = false))
  }
}

function complete(context: CompletionContext, script: Script, known: Known): CompletionResult | null {
  const { doc: text } = context.state
  const after = text.sliceString(context.pos, text.lineAt(context.pos).to)
  const found = completionsAt(text.sliceString(0, context.pos), script, known, after)
  if (found === null || (found.typed === '' && !context.explicit && !found.comesAlone)) return null
  const options = found.offers.map(
    ({ value, note, doc, apply }): Completion => ({
      label: value,
      detail: note,
      type: found.isText ? 'text' : 'variable',
      ...(doc ? { info: () => make('div', { class: 'told-doc' }, doc) } : {}),
      ...(apply === undefined ? {} : { apply, boost: 1 }),
    }),
  )
  return { from: context.pos - found.typed.length, options, validFor: found.isText ? /^[^'"\n]*$/ : /^\w*$/ }
}

/** What is said of the word under the pointer. */
function told(view: EditorView, place: number, script: Script, known: Known): Tooltip | null {
  const found = toldAt(view.state.doc.toString(), place, script, known)
  if (found === null) return null
  const create = (): { dom: HTMLElement } => ({
    dom: make(
      'div',
      { class: 'told' },
      make('code', {}, found.title),
      ...found.lines.map((line) => make('div', {}, line)),
    ),
  })
  return { pos: found.from, end: found.to, above: true, create }
}

function linesMarked(doc: Text, lines: readonly [first: number, last: number] | null, css: string): DecorationSet {
  if (lines === null) return Decoration.none
  const last = Math.min(lines[1], doc.lines)
  const numbers = Array.from({ length: Math.max(0, last - lines[0] + 1) }, (_, index) => lines[0] + index)
  return Decoration.set(numbers.map((number) => Decoration.line({ class: css }).range(doc.line(number).from)))
}

function diagnostic(doc: Text, problem: Fault): Diagnostic {
  const line = lineAt(doc, problem.line)
  const text = doc.sliceString(line.from, line.to)
  const before = Array.from(text).slice(0, Math.max(0, problem.col - 1)).join('').length
  const from = line.from + before
  // The word or the text at that place; at the end of a line the whole line.
  const length = /^(\w+|'[^']*'|"[^"]*"|\S)/.exec(text.slice(before))?.[0].length ?? 0
  const isWord = length > 0
  return { from: isWord ? from : line.from, to: isWord ? from + length : line.to, severity: problem.severity ?? 'error', message: problem.message }
}

function lineAt(doc: Text, number: number): { readonly from: number; readonly to: number } {
  return doc.line(Math.min(Math.max(1, number), doc.lines))
}
