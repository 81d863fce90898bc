/** Lines on a block that are read and not edited: the steps of a flow that is called, or why Python stays Python. */
import * as Blockly from 'blockly/core'

import { textWidth } from './measure'

const SVG = 'http://www.w3.org/2000/svg'
const LINE_HEIGHT = 18

export class FieldNotes extends Blockly.Field<string> {
  override EDITABLE = false
  override SERIALIZABLE = false

  /** `lines` is asked whenever the block is drawn. */
  constructor(private readonly lines: () => readonly string[]) {
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
    this.textElement_?.classList.add('is-note')
    this.fieldGroup_?.classList.add('field-notes')
    this.fieldGroup_?.setAttribute('aria-hidden', 'true')
  }

  protected override getText_(): string {
    return ''
  }

  protected override render_(): void {
    this.updateSize_()
  }

  protected override updateSize_(): void {
    const lines = this.lines()
    const spans = lines.map((line, at) => {
      const span = document.createElementNS(SVG, 'tspan')
      span.textContent = line
      span.setAttribute('x', '0')
      span.setAttribute('y', String((at + 0.5) * LINE_HEIGHT))
      return span
    })
    this.textElement_?.replaceChildren(...spans)
    const width = Math.max(0, ...lines.map((line) => textWidth(line, 'plain')))
    this.size_ = new Blockly.utils.Size(width, Math.max(1, lines.length) * LINE_HEIGHT)
  }
}
