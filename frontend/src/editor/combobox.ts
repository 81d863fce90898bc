/** A text field that suggests what may stand at the caret. What is typed stays free: typing alone takes nothing.
 *
 * The pattern of WAI-ARIA 1.2 for an editable combobox with a list: the focus stays in the field, the arrows move the
 * active option, Enter takes it, Escape closes the list. Without an active one Enter takes what was begun, if anything.
 */
import { make } from '../lib/dom'

/** One suggestion: `text` is the whole field when it was taken, with the caret at `caret`. */
export interface Choice {
  readonly label: string
  readonly note: string
  readonly text: string
  readonly caret: number
  /** What stands in the field is the beginning of this and nothing whole yet. */
  readonly isBegun?: boolean
}

export interface Wants {
  readonly id: string
  readonly label: string
  readonly placeholder: string
  readonly canWrite: boolean
  readonly suggest: (text: string, caret: number) => readonly Choice[]
  readonly changed: (text: string) => void
  /** A choice of the list was taken, or Enter pressed without one; `changed` was told before. */
  readonly entered?: (wasTaken: boolean) => void
}

export class Combobox {
  readonly node: HTMLElement
  readonly input: HTMLInputElement
  private readonly list: HTMLElement
  private choices: readonly Choice[] = []
  private active = -1

  constructor(private readonly wants: Wants) {
    const { id, label, placeholder, canWrite } = wants
    this.list = make('div', { role: 'listbox', id: `${id}-list`, class: 'combo-list', 'aria-label': `Suggestions: ${label}`, hidden: true })
    this.input = make('input', {
      type: 'text',
      id,
      class: 'form-control form-control-sm',
      role: 'combobox',
      'aria-label': label,
      'aria-autocomplete': 'list',
      'aria-expanded': 'false',
      'aria-controls': this.list.id,
      placeholder,
      autocomplete: 'off',
      spellcheck: 'false',
      readonly: !canWrite,
    })
    this.node = make('div', { class: 'combo' }, this.input, this.list)
    if (canWrite) this.listen()
  }

  /** Writes the state's text; what is typed at this moment says the same and is left. */
  write(text: string): void {
    if (this.input.value !== text) this.input.value = text
  }

  private listen(): void {
    this.input.addEventListener('input', () => {
      this.wants.changed(this.input.value)
      this.open()
    })
    this.input.addEventListener('focus', () => {
      if (this.input.value === '') this.open()
    })
    this.input.addEventListener('blur', () => this.close())
    this.input.addEventListener('keydown', (event) => this.hearKey(event))
  }

  private hearKey(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.isComposing) return
    const isOpen = !this.list.hidden
    if (event.key === 'ArrowDown' && !isOpen) this.open()
    else if (event.key === 'ArrowDown') this.move(this.active + 1)
    else if (event.key === 'ArrowUp' && isOpen) this.move(this.active < 0 ? this.choices.length - 1 : this.active - 1)
    else if (event.key === 'Enter') this.enter()
    else if (event.key === 'Escape' && isOpen) this.close()
    else return
    event.preventDefault()
    event.stopPropagation()
  }

  private enter(): void {
    const choice = this.choices[this.active] ?? this.choices.find(({ isBegun }) => isBegun)
    if (choice !== undefined && !this.list.hidden) this.take(choice)
    else {
      this.close()
      this.wants.entered?.(false)
    }
  }

  private take(choice: Choice): void {
    this.input.value = choice.text
    this.input.setSelectionRange(choice.caret, choice.caret)
    this.wants.changed(choice.text)
    this.open()
    this.wants.entered?.(true)
  }

  private open(): void {
    const caret = this.input.selectionStart ?? this.input.value.length
    const suggested = this.wants.suggest(this.input.value, caret)
    const isSaid = suggested.length === 1 && suggested[0]?.text.trimEnd() === this.input.value.trimEnd()
    this.choices = isSaid ? [] : suggested
    this.active = -1
    this.list.replaceChildren(...this.choices.map((choice, index) => this.option(choice, index)))
    this.show(this.choices.length > 0)
    this.mark()
  }

  private close(): void {
    this.active = -1
    this.show(false)
    this.mark()
  }

  private show(isOpen: boolean): void {
    this.list.hidden = !isOpen
    this.input.setAttribute('aria-expanded', String(isOpen))
    if (isOpen) this.list.scrollIntoView({ block: 'nearest' })
  }

  /** Past the last option comes the field itself, then the first again. */
  private move(to: number): void {
    this.active = to >= this.choices.length ? -1 : to
    this.mark()
  }

  private mark(): void {
    for (const [index, item] of [...this.list.children].entries()) {
      item.setAttribute('aria-selected', String(index === this.active))
      if (index === this.active) item.scrollIntoView({ block: 'nearest' })
    }
    if (this.active < 0) this.input.removeAttribute('aria-activedescendant')
    else this.input.setAttribute('aria-activedescendant', this.optionId(this.active))
  }

  private option(choice: Choice, index: number): HTMLElement {
    const item = make(
      'div',
      { role: 'option', id: this.optionId(index), class: 'combo-option', 'aria-selected': 'false' },
      make('span', {}, choice.label),
      make('span', { class: 'combo-note' }, choice.note),
    )
    item.addEventListener('pointerdown', (event) => event.preventDefault())
    item.addEventListener('click', () => this.take(choice))
    return item
  }

  private optionId(index: number): string {
    return `${this.wants.id}-${index}`
  }
}
