/** A renderer for one-line blocks: rows of 28 px at full size, squared values that do not grow as they nest. */
import * as Blockly from 'blockly/core'

const { ConstantProvider, RenderInfo, Renderer } = Blockly.zelos

export const RENDERER = 'flowsite'
const SQUARE = 3
/** 13 px. */
const TEXT_POINTS = 9.75

class DenseConstants extends ConstantProvider {
  override FIELD_TEXT_FONTWEIGHT = '400'
  override FIELD_TEXT_FONTFAMILY = 'var(--tblr-font-sans-serif)'
  override FIELD_DROPDOWN_COLOURED_DIV = false
  override FIELD_DROPDOWN_SVG_ARROW = false
  override FIELD_TEXTINPUT_BOX_SHADOW = false

  constructor() {
    super()
    this.CORNER_RADIUS = 4
    this.SMALL_PADDING = 3
    this.MEDIUM_PADDING = 6
    this.MEDIUM_LARGE_PADDING = 8
    this.LARGE_PADDING = 10
    this.NOTCH_WIDTH = 18
    this.NOTCH_HEIGHT = 4
    this.NOTCH_OFFSET_LEFT = 10
    this.MIN_BLOCK_WIDTH = 12
    this.MIN_BLOCK_HEIGHT = 22
    this.TOP_ROW_MIN_HEIGHT = 4
    this.BOTTOM_ROW_MIN_HEIGHT = 4
    this.TOP_ROW_PRECEDES_STATEMENT_MIN_HEIGHT = 10
    this.BOTTOM_ROW_AFTER_STATEMENT_MIN_HEIGHT = 8
    this.STATEMENT_BOTTOM_SPACER = -this.NOTCH_HEIGHT
    this.STATEMENT_INPUT_SPACER_MIN_WIDTH = 120
    this.STATEMENT_INPUT_PADDING_LEFT = 18
    this.EMPTY_STATEMENT_INPUT_HEIGHT = 26
    this.EMPTY_INLINE_INPUT_PADDING = 18
    this.EMPTY_INLINE_INPUT_HEIGHT = 20
    this.DUMMY_INPUT_MIN_HEIGHT = 20
    this.DUMMY_INPUT_SHADOW_MIN_HEIGHT = 20
    this.FIELD_TEXT_FONTSIZE = TEXT_POINTS
    this.FIELD_BORDER_RECT_RADIUS = 3
    this.FIELD_BORDER_RECT_X_PADDING = 5
    this.FIELD_BORDER_RECT_Y_PADDING = 2
    this.SHAPE_IN_SHAPE_PADDING = { [SQUARE]: { 0: 5, 1: 3, 2: 3, 3: 3 } }
  }

  /** The rules of canvas.css say how fields and words look; each rule here is matched with thousands of elements. */
  override getCSS_(selector: string): string[] {
    return [
      `${selector} .blocklyText { font: ${this.FIELD_TEXT_FONTWEIGHT} ${TEXT_POINTS}pt ${this.FIELD_TEXT_FONTFAMILY}; }`,
      `${selector} .blocklyHighlightedConnectionPathVisible { stroke: ${this.SELECTED_GLOW_COLOUR}; }`,
      `${selector} .blocklyInsertionMarker > .blocklyPath { fill-opacity: ${this.INSERTION_MARKER_OPACITY}; stroke: none; }`,
      `${selector} .blocklySelected > .blocklyPathSelected { fill: none; }`,
    ]
  }
}

class DenseInfo extends RenderInfo {
  /** Fields begin where the line begins, above the notch too. */
  protected override adjustXPosition_(): void {
    return
  }

  protected override populateTopRow_(): void {
    super.populateTopRow_()
    if (this.outputConnection) this.topRow.minHeight = 1
  }

  protected override populateBottomRow_(): void {
    super.populateBottomRow_()
    if (this.outputConnection) this.bottomRow.minHeight = 1
  }
}

class DenseRenderer extends Renderer {
  protected override makeConstants_(): DenseConstants {
    return new DenseConstants()
  }

  protected override makeRenderInfo_(block: Blockly.BlockSvg): DenseInfo {
    return new DenseInfo(this, block)
  }
}

export function registerDenseRenderer(): void {
  Blockly.blockRendering.register(RENDERER, DenseRenderer)
}

/** All values have one shape. */
export function squareOff(block: Blockly.Block): void {
  block.setOutputShape(SQUARE)
}
