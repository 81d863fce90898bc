/** A text field of one or more lines: what it holds is shown as it is, and no line end is lost when it is edited. */
import * as Blockly from 'blockly/core'

import { textWidth } from './measure'
import { folded, shown } from './texts'

const SVG = 'http://www.w3.org/2000/svg'

export type LinesKind = 'code' | 'text' | 'comment'

export class FieldLines extends Blockly.FieldTextInput {
  private readonly kind: LinesKind
  /** The value that is drawn: a block asks for its fields' sizes many times, and measuring is dear. */
  private measured: string | null = null

  /** `code` is set in the fixed font, and Enter makes a new line; in a text Shift+Enter does. A comment shows one line. */
  constructor(value: string, kind: LinesKind) {
    super(Blockly.Field.SKIP_SETUP)
    this.kind = kind
    this.spellcheck_ = kind !== 'code'
    this.setValue(value)
  }

  override isFullBlockField(): boolean {
    return false
  }

  override initView(): void {
    super.initView()
    this.measured = null
    this.fieldGroup_?.classList.add(`field-${this.kind}`)
    this.textElement_?.classList.add(`is-${this.kind}`)
    if (this.kind === 'comment') this.setTooltip(() => this.getValue() ?? '')
  }

  /** What is seen, so that the name of the field holds it. */
  override getAriaValue(): string {
    return this.lines().join(' ')
  }

  private lines(): readonly string[] {
    const value = this.getValue() ?? ''
    return this.kind === 'comment' ? [folded(value)] : shown(value)
  }

  protected override updateSize_(): void {
    const constants = this.getConstants()
    const text = this.textElement_
    const value = this.getValue() ?? ''
    if (!constants || !text || this.measured === value) return
    const lines = this.lines()
    const lineHeight = constants.FIELD_TEXT_HEIGHT + 2
    const padding = constants.FIELD_BORDER_RECT_X_PADDING
    text.replaceChildren(...lines.map((line, index) => lineElement(index < lines.length - 1 ? `${line} ` : line)))
    const spans = [...text.children] as SVGTSpanElement[]
    const look = this.kind === 'code' ? 'code' : 'plain'
    const width = Math.max(20, ...spans.map((span) => textWidth(span.textContent, look)))
    this.measured = value
    const height = Math.max(
      constants.FIELD_BORDER_RECT_HEIGHT,
      lines.length * lineHeight + 2 * constants.FIELD_BORDER_RECT_Y_PADDING,
    )
    const top = (height - lines.length * lineHeight) / 2
    spans.forEach((span, index) => {
      span.setAttribute('x', String(padding))
      span.setAttribute('y', String(top + (index + 0.5) * lineHeight))
    })
    this.size_ = new Blockly.utils.Size(width + 2 * padding, height)
    this.positionBorderRect_()
  }

  protected override widgetCreate_(): HTMLInputElement | HTMLTextAreaElement {
    const block = this.getSourceBlock()
    const target = this.getClickTarget_()
    const div = Blockly.WidgetDiv.getDiv()
    if (!(block instanceof Blockly.BlockSvg) || !target || !div) throw new Error('The field is not on a canvas.')
    Blockly.Events.setGroup(true)
    target.classList.add('blocklyEditing')
    const area = document.createElement('textarea')
    area.className = `blocklyHtmlInput field-area field-${this.kind}`
    area.spellcheck = this.spellcheck_
    area.setAttribute('aria-label', this.kind === 'code' ? 'Python' : 'Text')
    const points = (this.getConstants()?.FIELD_TEXT_FONTSIZE ?? 11) * block.workspace.getAbsoluteScale()
    area.style.fontSize = `${points}pt`
    area.value = area.defaultValue = this.getEditorText_(this.value_)
    area.setAttribute('data-untyped-default-value', this.value_ ?? '')
    div.append(area)
    this.resizeEditor_()
    this.bindInputEvents_(area)
    return area
  }

  protected override onHtmlInputKeyDown_(event: KeyboardEvent): void {
    const makesLine =
      event.key === 'Enter' && !event.ctrlKey && !event.metaKey && (this.kind === 'code' || event.shiftKey)
    if (!makesLine) super.onHtmlInputKeyDown_(event)
    else event.stopPropagation()
  }
}

function lineElement(line: string): SVGTSpanElement {
  const span = document.createElementNS(SVG, 'tspan')
  span.textContent = line.replaceAll(/\s/g, '\u00a0') || '\u00a0'
  return span
}
