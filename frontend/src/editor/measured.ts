/** Fields that know how wide they are. Blockly's own ask the page, which then styles every block that has come since. */
import * as Blockly from 'blockly/core'

import { textWidth, type TextLook } from './measure'

/** Where the text of a field stands in it, in pixels at full size. */
export interface Measured {
  readonly size: Blockly.utils.Size
  readonly aside: number
  readonly width: number
}

/** As Blockly lays out a field of one line, in a box or without. */
export function measured(constants: Blockly.blockRendering.ConstantProvider | null, text: string, look: TextLook, isBoxed: boolean): Measured {
  const { FIELD_BORDER_RECT_X_PADDING = 0, FIELD_BORDER_RECT_HEIGHT = 0, FIELD_TEXT_HEIGHT = 0 } = constants ?? {}
  const aside = isBoxed ? FIELD_BORDER_RECT_X_PADDING : 0
  const width = Math.ceil(textWidth(text, look))
  const height = Math.max(FIELD_TEXT_HEIGHT, isBoxed ? FIELD_BORDER_RECT_HEIGHT : 0)
  return { size: new Blockly.utils.Size(width + 2 * aside, height), aside, width }
}

export class FieldWords extends Blockly.FieldLabel {
  protected override updateSize_(): void {
    const { size, aside, width } = measured(this.getConstants(), this.getDisplayText_(), 'plain', false)
    this.size_ = size
    this.positionTextElement_(aside, width)
  }
}

/** A short value, typed. */
export class FieldTyped extends Blockly.FieldTextInput {
  constructor() {
    super('', null, { spellcheck: false })
  }

  protected override updateSize_(): void {
    const { size, aside, width } = measured(this.getConstants(), this.getDisplayText_(), 'plain', this.borderRect_ !== null)
    this.size_ = size
    this.positionTextElement_(aside, width)
    this.positionBorderRect_()
  }
}
