/** Where a block stands, told by the way to it from the first: blocks that are made anew have other names. */
import * as Blockly from 'blockly/core'

/** From the first statement: how many steps down, then into which input, and so on. */
export type Whereabouts = readonly (number | string)[]

export function whereabouts(block: Blockly.Block): Whereabouts {
  const way: (number | string)[] = []
  let down = 0
  let at = block
  for (let parent = at.getParent(); parent !== null; parent = at.getParent()) {
    if (parent.getNextBlock() === at) down += 1
    else {
      way.unshift(parent.getInputWithBlock(at)?.name ?? '', down)
      down = 0
    }
    at = parent
  }
  return [down, ...way]
}

/** The block there, or the one that is nearest on the way to it; null on an empty canvas. */
export function blockThere(
  way: Whereabouts,
  workspace: Blockly.WorkspaceSvg,
  first: Blockly.BlockSvg | null,
): Blockly.BlockSvg | null {
  let at: Blockly.Block | null = first
  for (const step of way) {
    if (at === null) break
    if (typeof step === 'string') {
      const held: Blockly.Block | null = at.getInput(step)?.connection?.targetBlock() ?? null
      if (held === null) break
      at = held
    } else
      for (let down = 0; down < step; down += 1) {
        const next: Blockly.Block | null = at.getNextBlock()
        if (next === null) break
        at = next
      }
  }
  return at === null ? null : workspace.getBlockById(at.id)
}
