/**
 * Long blocks are broken into lines: a canvas that has to be moved sideways hides what a block says. First each value of a
 * block gets a line of its own, then a value that is still too long a line below its words.
 */
import * as Blockly from 'blockly/core'

import { shown } from './texts'

/** Pixels that a character of a line needs, on the average; what a field and a body take besides, in characters. */
const CHARACTER = 6.9
const FIELD = 1.6
const BODY = 3
const LEAST = 30
/** Words shorter than this stay beside their value. */
const SHORT_WORDS = 5

/** How a block is drawn: with one line, or with these values on lines of their own. */
export interface Lines {
  readonly isOne: boolean
  readonly below: ReadonlySet<string>
}

const ONE: Lines = { isOne: true, below: new Set() }

/** How each of the blocks is to be drawn. `width` is what there is, in pixels at full size. */
export function linesFor(blocks: readonly Blockly.Block[], width: number): ReadonlyMap<Blockly.Block, Lines> {
  const lengths = new Map<Blockly.Block, number>()
  const lines = new Map<Blockly.Block, Lines>()
  const most = Math.max(LEAST, width / CHARACTER)
  for (const block of blocks) {
    const isHeld = block.outputConnection?.targetBlock() ?? false
    if (!isHeld) fit(block, Math.max(LEAST, most - BODY * depthOf(block)), lengths, lines)
  }
  return lines
}

function fit(block: Blockly.Block, room: number, lengths: Map<Blockly.Block, number>, lines: Map<Blockly.Block, Lines>): void {
  const isOne = lengthOf(block, lengths) <= room
  const below = new Set<string>()
  for (const [at, input] of block.inputList.entries()) {
    const child = input.type === Blockly.inputs.inputTypes.VALUE ? (input.connection?.targetBlock() ?? null) : null
    if (child === null) continue
    const words = fieldsLength(input) + wordsAbove(block.inputList[at - 1])
    const isBelow = !isOne && words > SHORT_WORDS && words + lengthOf(child, lengths) + FIELD > room
    if (isBelow) below.add(input.name)
    fit(child, isOne ? room : room - FIELD - (isBelow ? 0 : words), lengths, lines)
  }
  lines.set(block, isOne ? ONE : { isOne, below })
}

/** The words of a value that stands below them now: how it is drawn decides nothing about how it will be. */
function wordsAbove(before: Blockly.Input | undefined): number {
  return before !== undefined && before.type === Blockly.inputs.inputTypes.DUMMY ? fieldsLength(before) : 0
}

/** How many bodies a block stands in, each of which takes some of the width. */
function depthOf(block: Blockly.Block): number {
  let depth = 0
  for (let at = block.getSurroundParent(); at !== null && depth < 8; at = at.getSurroundParent()) depth += 1
  return depth
}

/** The characters of a block's longest line if nothing is broken, its values in it. */
function lengthOf(block: Blockly.Block, lengths: Map<Blockly.Block, number>): number {
  const known = lengths.get(block)
  if (known !== undefined) return known
  let longest = 0
  let line = 0
  for (const input of block.inputList) {
    if (input.type === Blockly.inputs.inputTypes.STATEMENT) line = 0
    else if (input.isVisible()) line += fieldsLength(input) + valueLength(input, lengths)
    longest = Math.max(longest, line)
  }
  lengths.set(block, longest)
  return longest
}

function valueLength(input: Blockly.Input, lengths: Map<Blockly.Block, number>): number {
  const child = input.connection?.targetBlock() ?? null
  return child === null ? 0 : lengthOf(child, lengths) + FIELD
}

function fieldsLength(input: Blockly.Input): number {
  const widths = input.fieldRow.map((field) => Math.max(...shown(field.getText()).map((line) => line.length)))
  return widths.reduce((sum, width) => sum + width + FIELD, 0)
}
