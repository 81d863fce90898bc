/** A field that offers names in a list with a search. It keeps what it holds: a name that is gone shows as missing. */
import * as Blockly from 'blockly/core'

import { make } from '../lib/dom'
import { tellField } from './field_told'
import { measured } from './measured'
import { matching, type Offered } from './offers'
import { placeInWindow } from './window_place'

const MOST_SHOWN = 100
/** The canvas marks with it what a press finds selected. */
export const WAS_SELECTED = 'was-selected'

export class FieldPick extends Blockly.Field<string> {
  override SERIALIZABLE = true
  override EDITABLE = true
  override maxDisplayLength = 60

  /**
   * `offered` is asked when the list opens and when the field is drawn; `takeOut` takes away what the field names, where
   * that is possible.
   */
  constructor(
    value: string,
    private readonly offered: (field: FieldPick) => Offered,
    private readonly look: 'plain' | 'strong' | 'quiet' = 'plain',
    private readonly takeOut: (() => void) | null = null,
  ) {
    super(Blockly.Field.SKIP_SETUP)
    this.setValue(value)
  }

  override initView(): void {
    super.initView()
    this.fieldGroup_?.classList.add(`field-${this.look}`)
    this.textElement_?.classList.add(`is-${this.look}`)
  }

  protected override updateSize_(): void {
    const look = this.look === 'strong' ? 'strong' : 'plain'
    const { size, aside, width } = measured(this.getConstants(), this.getDisplayText_(), look, this.borderRect_ !== null)
    this.size_ = size
    this.positionTextElement_(aside, width)
    this.positionBorderRect_()
  }

  /** Who presses a task's name most often means the block: the list opens at the second press, or where a name is wanted. */
  override showEditor(event?: Event): void {
    const isSettled = this.look === 'strong' && this.getValue() !== '' && !this.isMissing()
    if (event instanceof PointerEvent && isSettled && !wasSelected(this.getSourceBlock())) return
    super.showEditor(event)
  }

  isMissing(): boolean {
    const value = this.getValue() ?? ''
    const { isClosed, offers } = this.offered(this)
    return isClosed && !offers.some((offer) => offer.value === value)
  }

  protected override getText_(): string {
    const value = this.getValue() ?? ''
    if (value === '') return `choose ${this.offered(this).what}`
    return this.isMissing() ? `missing: ${value}` : value
  }

  protected override render_(): void {
    super.render_()
    this.fieldGroup_?.classList.toggle('field-missing', this.isMissing())
    tellField(this.fieldGroup_, `Choose ${this.offered(this).what}: ${this.getText()}`)
  }

  override getAriaValue(): string {
    return this.getText()
  }

  protected override showEditor_(): void {
    const { offers: all, what } = this.offered(this)
    // Enter alone changes nothing.
    const offers = all.toSorted((one, other) => Number(other.value === this.getValue()) - Number(one.value === this.getValue()))
    const list = make('div', { role: 'listbox', class: 'pick-list', id: 'pick-list', 'aria-label': `${what}s` })
    const input = make('input', {
      type: 'text',
      class: 'form-control form-control-sm',
      role: 'combobox',
      'aria-expanded': 'true',
      autocomplete: 'off',
      spellcheck: 'false',
      'aria-controls': 'pick-list',
      'aria-label': `Search or type: ${what}`,
      placeholder: `Search or type: ${what}`,
    })
    const box = make('div', { class: 'pick', 'data-picks': what }, input, list, this.wayOut())
    const choose = (value: string): void => {
      Blockly.DropDownDiv.hideIfOwner(this)
      if (value !== '') this.setValue(value)
    }
    let at = 0
    const place = (): void => {
      const shown = box.closest('.blocklyDropDownDiv')
      if (shown instanceof HTMLElement && this.fieldGroup_ !== null) placeInWindow(shown, this.fieldGroup_)
    }
    const draw = (): void => {
      const shown = matching(offers, input.value, MOST_SHOWN)
      at = Math.min(at, Math.max(0, shown.length - 1))
      list.replaceChildren(
        ...shown.map((offer, index) => option(offer.value, offer.note, index === at, () => choose(offer.value))),
      )
      if (shown.length === 0)
        list.append(
          make('div', { class: 'pick-none' }, `No ${what} is named like this. Enter keeps the text as it is.`),
        )
      if (shown.length === MOST_SHOWN)
        list.append(make('div', { class: 'pick-none' }, 'There are more: type a part of the name.'))
      list.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest' })
      input.setAttribute('aria-activedescendant', shown.length === 0 ? '' : `pick-${at}`)
      for (const [index, item] of [...list.querySelectorAll('[role=option]')].entries()) item.id = `pick-${index}`
      place()
    }
    input.addEventListener('input', () => {
      at = 0
      draw()
    })
    input.addEventListener('keydown', (event) => {
      event.stopPropagation()
      if (event.key === 'ArrowDown') at += 1
      else if (event.key === 'ArrowUp') at = Math.max(0, at - 1)
      else if (event.key === 'Enter') choose(matching(offers, input.value, MOST_SHOWN)[at]?.value ?? input.value.trim())
      else if (event.key === 'Escape') Blockly.DropDownDiv.hideIfOwner(this)
      else return
      event.preventDefault()
      draw()
    })
    draw()
    Blockly.DropDownDiv.clearContent()
    Blockly.DropDownDiv.getContentDiv().append(box)
    Blockly.DropDownDiv.setColour('var(--tblr-bg-surface)', 'var(--tblr-border-color)')
    window.addEventListener('scroll', place, { capture: true, passive: true })
    Blockly.DropDownDiv.showPositionedByField(this, () => window.removeEventListener('scroll', place, { capture: true }))
    place()
    input.focus({ preventScroll: true })
  }

  private wayOut(): HTMLElement | null {
    const { takeOut } = this
    if (takeOut === null) return null
    const button = make('button', { type: 'button', class: 'btn btn-sm' }, `Take out “${this.getValue() ?? ''}”`)
    button.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') Blockly.DropDownDiv.hideIfOwner(this)
      event.stopPropagation()
    })
    button.addEventListener('click', () => {
      Blockly.DropDownDiv.hideIfOwner(this)
      takeOut()
    })
    return button
  }
}

/** Before the press that is under way. */
function wasSelected(block: Blockly.Block | null): boolean {
  return block instanceof Blockly.BlockSvg && block.getSvgRoot().classList.contains(WAS_SELECTED)
}

function option(value: string, note: string, isSelected: boolean, choose: () => void): HTMLElement {
  const item = make(
    'div',
    { role: 'option', class: 'pick-option', 'aria-selected': String(isSelected) },
    make('span', {}, value),
    make('span', { class: 'pick-note' }, note),
  )
  item.addEventListener('pointerdown', (event) => event.preventDefault())
  item.addEventListener('click', choose)
  return item
}
