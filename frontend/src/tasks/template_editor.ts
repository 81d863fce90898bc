/** The template's field as an editor. The field itself stays in the form: it is what is sent, and works without this. */
import { acceptCompletion, autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from '@codemirror/autocomplete'
import type { Completion, CompletionContext, CompletionResult } from '@codemirror/autocomplete'
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands'
import { bracketMatching, syntaxHighlighting } from '@codemirror/language'
import { lintGutter, lintKeymap, setDiagnostics, type Diagnostic } from '@codemirror/lint'
import { Annotation, EditorState, type Text } from '@codemirror/state'
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from '@codemirror/view'

import { make } from '../lib/dom'
import { codeColours } from '../lib/code_colours'
import type { PreviewProblem } from './preview'
import { placeAt, type Offer, type Place } from './template_completion'
import { templateLanguage } from './template_language'

/** Marks what was taken over from the field: it is no edit of a person. */
const taken = Annotation.define<boolean>()

export class TemplateEditor {
  private readonly view: EditorView
  private shown: readonly PreviewProblem[] = []

  constructor(field: HTMLTextAreaElement, offers: (place: Place) => readonly Offer[]) {
    this.view = new EditorView({
      doc: field.value,
      extensions: [
        lineNumbers(),
        history(),
        drawSelection(),
        bracketMatching(),
        closeBrackets(),
        highlightActiveLine(),
        lintGutter(),
        EditorView.lineWrapping,
        templateLanguage,
        syntaxHighlighting(codeColours),
        autocompletion({ override: [(context) => complete(context, offers)], icons: false }),
        keymap.of([
          { key: 'Tab', run: acceptCompletion },
          ...closeBracketsKeymap, ...completionKeymap, ...lintKeymap, ...defaultKeymap, ...historyKeymap,
        ]),
        EditorState.readOnly.of(field.disabled || field.closest('fieldset:disabled') !== null),
        EditorView.contentAttributes.of(attributesOf(field)),
        EditorView.updateListener.of((update) => {
          if (!update.docChanged || update.transactions.some((one) => one.annotation(taken) === true)) return
          field.value = update.state.doc.toString()
          field.dispatchEvent(new Event('input', { bubbles: true }))
        }),
      ],
    })
    this.takeThePlaceOf(field)
  }

  /** Marks the problems of the command at their lines; the others are told beside the preview. */
  mark(problems: readonly PreviewProblem[]): void {
    if (problems === this.shown) return
    this.shown = problems
    const { doc } = this.view.state
    const found = problems.filter((one) => one.key === 'command' && one.line > 0)
    this.view.dispatch(setDiagnostics(this.view.state, found.map((one) => diagnostic(doc, one))))
  }

  private takeThePlaceOf(field: HTMLTextAreaElement): void {
    // CodeMirror writes the classes of its own element.
    field.before(make('div', { class: 'template-editor' }, this.view.dom))
    field.classList.add('replaced-field')
    field.tabIndex = -1
    field.setAttribute('aria-hidden', 'true')
    if (document.activeElement === field) this.view.focus()
    field.addEventListener('focus', () => this.view.focus())
    field.addEventListener('input', () => this.takeOver(field.value))
    // A page that the browser brings back has its fields filled after its scripts ran.
    window.addEventListener('pageshow', () => this.takeOver(field.value))
  }

  private takeOver(text: string): void {
    const { doc } = this.view.state
    if (doc.toString() === text.replace(/\r\n?/g, '\n')) return
    this.view.dispatch({ changes: { from: 0, to: doc.length, insert: text }, annotations: taken.of(true) })
  }
}

function attributesOf(field: HTMLTextAreaElement): Record<string, string> {
  const label = field.labels[0]?.textContent.trim() ?? ''
  const described = field.getAttribute('aria-describedby')
  return {
    'aria-label': label,
    tabindex: '0',
    ...(described === null ? {} : { 'aria-describedby': described }),
    ...(field.getAttribute('aria-invalid') === 'true' ? { 'aria-invalid': 'true' } : {}),
  }
}

function complete(context: CompletionContext, offers: (place: Place) => readonly Offer[]): CompletionResult | null {
  const place = placeAt(context.state.sliceDoc(0, context.pos))
  if (place === null || (place.kind === 'shell' && !context.explicit)) return null
  if (place.kind === 'name' && place.typed === '' && !context.explicit && !isJustOpened(context)) return null
  const options = offers(place).map((offer): Completion => ({
    label: offer.label, apply: offer.text, detail: offer.note, ...(offer.told === '' ? {} : { info: offer.told }),
  }))
  return { from: context.pos - place.typed.length, options, validFor: place.kind === 'filter' ? /^\w*$/ : /^[\w.]*$/ }
}

function isJustOpened(context: CompletionContext): boolean {
  return context.matchBefore(/\{[{%]\s?/) !== null
}

function diagnostic(doc: Text, problem: PreviewProblem): Diagnostic {
  const line = doc.line(Math.min(problem.line, doc.lines))
  return { from: line.from, to: line.to, severity: problem.severity, message: problem.message }
}
