/** What a statement begins with: the number of its step, and its icon. */
import * as Blockly from 'blockly/core'

import { textWidth } from './measure'
import { SHAPE_SIDE, shapeOf } from './sign_shapes'

const SVG = 'http://www.w3.org/2000/svg'
const ICON = 15
const GAP = 5
const HEIGHT = 20

export class FieldHead extends Blockly.Field<string> {
  override EDITABLE = false
  override SERIALIZABLE = false
  private icon: SVGPathElement | null = null

  constructor(private readonly sign: string) {
    super('')
  }

  override isLabelField(): boolean {
    return true
  }

  override computeAriaLabel(): string {
    return ''
  }

  protected override initView(): void {
    this.createTextElement_()
    this.textElement_?.classList.add('site-number')
    this.icon = document.createElementNS(SVG, 'path')
    this.icon.setAttribute('d', shapeOf(this.sign))
    this.fieldGroup_?.classList.add('field-head', 'blocklyLabelField')
    this.fieldGroup_?.setAttribute('aria-hidden', 'true')
    this.fieldGroup_?.append(this.icon)
  }

  protected override getDisplayText_(): string {
    return this.getValue() ?? ''
  }

  protected override updateSize_(): void {
    const text = this.getValue() ?? ''
    const number = text === '' ? 0 : textWidth(text, 'strong') + GAP
    this.icon?.setAttribute('transform', `translate(${number},${(HEIGHT - ICON) / 2}) scale(${ICON / SHAPE_SIDE})`)
    this.size_ = new Blockly.utils.Size(number + ICON, HEIGHT)
    this.positionTextElement_(0, number)
  }
}
