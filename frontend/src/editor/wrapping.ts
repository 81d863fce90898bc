/** Long blocks have one value a line: a canvas that has to be moved sideways hides what a block says. */
import * as Blockly from 'blockly/core'

import { shown } from './texts'

/** Characters of a line that fit beside the Python pane. */
const MOST = 58
const PADDING = 3

/** Looks at every block; what is set here is looks alone, no step to undo. */
export function wrapLongBlocks(blocks: readonly Blockly.BlockSvg[]): void {
  const lengths = new Map<Blockly.Block, number>()
  Blockly.Events.disable()
  try {
    for (const block of blocks) {
      const isShort = lengthOf(block, lengths) <= MOST
      if (block.getInputsInline() !== isShort) block.setInputsInline(isShort)
    }
  } finally {
    Blockly.Events.enable()
  }
}

/** The characters of a block and its values in one line. */
function lengthOf(block: Blockly.Block, lengths: Map<Blockly.Block, number>): number {
  const known = lengths.get(block)
  if (known !== undefined) return known
  const length = block.inputList.filter((input) => input.type !== Blockly.inputs.inputTypes.STATEMENT).reduce((sum, input) => {
    const fields = input.fieldRow.reduce((chars, field) => chars + Math.max(...shown(field.getText()).map((line) => line.length)) + PADDING, 0)
    const child = input.connection?.targetBlock() ?? null
    return sum + fields + (child === null ? 0 : lengthOf(child, lengths) + PADDING)
  }, 0)
  lengths.set(block, length)
  return length
}
