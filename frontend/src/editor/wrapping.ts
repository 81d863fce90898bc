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

/** The characters of a block's longest line, its values in it. */
function lengthOf(block: Blockly.Block, lengths: Map<Blockly.Block, number>): number {
  const known = lengths.get(block)
  if (known !== undefined) return known
  let longest = 0
  let line = 0
  for (const input of block.inputList) {
    if (input.type === Blockly.inputs.inputTypes.STATEMENT) line = 0
    else line += fieldsLength(input) + valueLength(input, lengths)
    longest = Math.max(longest, line)
  }
  lengths.set(block, longest)
  return longest
}

function valueLength(input: Blockly.Input, lengths: Map<Blockly.Block, number>): number {
  const child = input.connection?.targetBlock() ?? null
  return child === null ? 0 : lengthOf(child, lengths) + PADDING
}

function fieldsLength(input: Blockly.Input): number {
  const widths = input.fieldRow.map((field) => Math.max(...shown(field.getText()).map((line) => line.length)))
  return widths.reduce((sum, width) => sum + width + PADDING, 0)
}
