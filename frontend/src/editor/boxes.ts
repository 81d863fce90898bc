/** A dialog that is drawn from the state again and again, and listens in one place: `data-act` says what a button does. */
import { make } from '../lib/dom'
import { morphChildren } from '../lib/morph'

export interface Heard {
  readonly act: (what: string, button: HTMLElement) => void
  readonly input?: (field: HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement) => void
  readonly submit?: () => void
  readonly closed?: () => void
}

export class Box {
  private element: HTMLDialogElement | null = null
  private hasFocused = false

  constructor(
    private readonly name: string,
    private readonly heard: Heard,
  ) {}

  get isOpen(): boolean {
    return this.element !== null
  }

  /** What says `autofocus` has the focus as soon as it is drawn, until then the first thing that can take it. */
  open(): void {
    if (this.element !== null) return
    const dialog = make('dialog', { class: 'box ed-dialog', id: this.name, 'aria-labelledby': `${this.name}-title` })
    this.element = dialog
    this.hasFocused = false
    listen(dialog, this.heard)
    dialog.addEventListener('close', () => {
      dialog.remove()
      this.element = null
      this.heard.closed?.()
    })
    document.body.append(dialog)
    dialog.showModal()
  }

  draw(title: string, ...content: readonly Node[]): void {
    if (this.element === null) return
    morphChildren(this.element, [make('h2', { class: 'h3', id: `${this.name}-title` }, title), ...content])
    this.focusOnce(this.element)
  }

  /** What says `autofocus` may come later than the dialog: nobody has gone anywhere until then. */
  private focusOnce(dialog: HTMLDialogElement): void {
    const first = dialog.querySelector('[autofocus]')
    if (this.hasFocused || !(first instanceof HTMLElement) || first.closest('[hidden]') !== null) return
    this.hasFocused = true
    const { activeElement } = document
    if (!(activeElement instanceof HTMLInputElement || activeElement instanceof HTMLTextAreaElement) || !dialog.contains(activeElement)) first.focus()
  }

  close(): void {
    this.element?.close()
  }

  find<Kind extends Element>(selector: string, kind: new () => Kind): Kind | null {
    const found = this.element?.querySelector(selector)
    return found instanceof kind ? found : null
  }

  /** By what they say: the fields of the box. */
  fields(selector: string): readonly Element[] {
    return [...(this.element?.querySelectorAll(selector) ?? [])]
  }
}

function listen(dialog: HTMLDialogElement, heard: Heard): void {
  dialog.addEventListener('click', ({ target }) => {
    const button = target instanceof Element ? target.closest<HTMLElement>('[data-act]') : null
    if (button !== null) heard.act(button.dataset['act'] ?? '', button)
  })
  dialog.addEventListener('input', ({ target }) => {
    if (target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement)
      heard.input?.(target)
  })
  dialog.addEventListener('submit', (event) => {
    event.preventDefault()
    heard.submit?.()
  })
  dialog.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) heard.submit?.()
  })
}

/** The buttons below everything else; the last one is the act that the box is for. */
export function answers(...buttons: readonly HTMLElement[]): HTMLElement {
  return make('div', { class: 'ed-answers', 'data-key': 'answers' }, ...buttons)
}

export function actButton(act: string, css: string, isDisabled: boolean, ...content: readonly (Node | string)[]): HTMLButtonElement {
  return make('button', { type: 'button', class: `btn ${css}`, 'data-act': act, 'data-key': act, disabled: isDisabled }, ...content)
}
