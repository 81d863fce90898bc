/** A small + or − on a block, reached by mouse and keyboard. It holds no value. */
import * as Blockly from 'blockly/core'

import { tellField } from './field_told'
import { textWidth } from './measure'

export class FieldControl extends Blockly.Field<string> {
  override EDITABLE = true
  private readonly act: (field: FieldControl) => void
  private readonly says: string

  /** `says` is what it does, for the tooltip and for screen readers. */
  constructor(sign: '+' | '−' | '▸' | '▾', says: string, act: (field: FieldControl) => void) {
    super(sign, null, { tooltip: says })
    this.act = act
    this.says = says
  }

  override initView(): void {
    super.initView()
    this.fieldGroup_?.classList.add('field-control')
    this.fieldGroup_?.setAttribute('data-control', this.says)
    this.fieldGroup_?.classList.toggle('field-fold', this.getValue() === '▸' || this.getValue() === '▾')
    tellField(this.fieldGroup_, this.says)
  }

  protected override updateSize_(): void {
    const size = 18
    this.size_ = new Blockly.utils.Size(size, size)
    const width = textWidth(this.getDisplayText_(), 'plain')
    this.positionTextElement_((size - width) / 2, width)
    this.positionBorderRect_()
  }

  override getAriaValue(): string {
    return this.says
  }

  protected override showEditor_(): void {
    this.act(this)
  }
}
