/** A small badge for what of a call is not as usual. Pressing it asks for the value, or takes the badge out. */
import * as Blockly from 'blockly/core'

import { make } from '../lib/dom'
import { tellField } from './field_told'
import { measured } from './measured'

export interface BadgeActs {
  /** What the value's own field holds; null where there is nothing to type. */
  readonly value: () => string | null
  readonly set: (value: string) => void
  readonly drop: () => void
}

const CHOICES: Readonly<Record<string, string>> = { False: 'go on if it fails', True: 'stop if it fails' }

export class FieldBadge extends Blockly.Field<string> {
  override EDITABLE = true

  constructor(
    private readonly keyword: () => string,
    private readonly says: () => string,
    private readonly acts: BadgeActs,
  ) {
    super('')
  }

  override initView(): void {
    super.initView()
    this.fieldGroup_?.classList.add('field-badge')
    this.textElement_?.classList.add('is-badge')
  }

  protected override updateSize_(): void {
    const { size, aside, width } = measured(this.getConstants(), this.getDisplayText_(), 'badge', this.borderRect_ !== null)
    this.size_ = size
    this.positionTextElement_(aside, width)
    this.positionBorderRect_()
  }

  protected override render_(): void {
    super.render_()
    this.fieldGroup_?.setAttribute('data-badge', this.keyword())
    tellField(this.fieldGroup_, `${this.keyword()}: ${this.says()}`)
  }

  override isSerializable(): boolean {
    return false
  }

  override getAriaValue(): string {
    return this.says()
  }

  protected override getText_(): string {
    return this.says()
  }

  protected override showEditor_(): void {
    const value = this.acts.value()
    const drop = make('button', { type: 'button', class: 'btn btn-sm' }, 'Take out')
    drop.addEventListener('click', () => {
      Blockly.DropDownDiv.hideIfOwner(this)
      this.acts.drop()
    })
    const editor = value === null ? null : this.editorFor(value)
    const box = make(
      'div',
      { class: 'badge-editor', 'data-keyword': this.keyword() },
      editor === null ? this.says() : make('label', {}, this.keyword(), editor),
      drop,
    )
    box.addEventListener('keydown', (event) => {
      event.stopPropagation()
      if (event.key === 'Escape') Blockly.DropDownDiv.hideIfOwner(this)
    })
    Blockly.DropDownDiv.clearContent()
    Blockly.DropDownDiv.getContentDiv().append(box)
    Blockly.DropDownDiv.setColour('var(--tblr-bg-surface)', 'var(--tblr-border-color)')
    Blockly.DropDownDiv.showPositionedByField(this)
    ;(editor ?? drop).focus({ preventScroll: true })
  }

  private editorFor(value: string): HTMLElement {
    if (value in CHOICES) {
      const choice = make('select', { class: 'form-select form-select-sm' })
      for (const [one, told] of Object.entries(CHOICES)) choice.add(new Option(told, one, one === value, one === value))
      choice.addEventListener('change', () => this.finish(choice.value))
      return choice
    }
    const input = make('input', { class: 'form-control form-control-sm', value, autocomplete: 'off', spellcheck: 'false' })
    input.addEventListener('keydown', (event) => {
      if (event.key === 'Enter') this.finish(input.value)
    })
    input.addEventListener('change', () => this.acts.set(input.value))
    return input
  }

  private finish(value: string): void {
    this.acts.set(value)
    Blockly.DropDownDiv.hideIfOwner(this)
  }
}
