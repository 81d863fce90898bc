/** Between the flat list of blocks and the blocks of a canvas: makes them, and reads them. */
import * as Blockly from 'blockly/core'

import { badgeFor } from './badges'
import { fieldValues, isCatalogBlock } from './block_layout'
import { makeBlock, wrapLongBlocks } from './blocks'
import type { Blocks, FlatBlock } from './documents'
import { flatType } from './flat'
import type { Known } from './offers'

/** Makes the blocks one by one: Blockly's own way goes from each to the next, and a long script is too deep for it. */
export function load(document: Blocks, workspace: Blockly.WorkspaceSvg, width: number, known: () => Known): void {
  const flat = new Map(document.blocks.map((block) => [block.id, block]))
  const made = new Map<string, Blockly.BlockSvg>()
  for (const block of document.blocks) {
    const { id, type, extra, fields } = block
    const one = makeBlock(workspace, type, id, extra, badgesOf(block, flat))
    one.setConnectionTracking(false)
    for (const [name, value] of Object.entries(fields)) one.setFieldValue(value, name)
    made.set(id, one)
  }
  for (const { id, inputs, next } of document.blocks) {
    const block = made.get(id)
    for (const [name, child] of Object.entries(inputs)) join(block?.getInput(name)?.connection, made.get(child))
    if (next !== null) join(block?.nextConnection, made.get(next))
  }
  wrapLongBlocks([...made.values()], width, known)
  for (const block of [...made.values()].toReversed()) {
    block.initSvg()
    void block.queueRender()
  }
  for (const block of workspace.getTopBlocks(false)) block.setConnectionTracking(true)
}

export function flatBlock(block: Blockly.BlockSvg): FlatBlock {
  const inputs = block.inputList.flatMap((input): [string, string][] => {
    const child = input.connection?.targetBlock() ?? null
    return child === null || child.isInsertionMarker() ? [] : [[input.name, child.id]]
  })
  return {
    id: block.id,
    type: flatType(block.type),
    fields: Object.fromEntries(fieldValues(block)),
    inputs: Object.fromEntries(inputs),
    next: block.getNextBlock()?.id ?? null,
    extra: isCatalogBlock(block) ? block.extra : {},
  }
}

/** The script is the largest stack of statements. */
export function firstOf(workspace: Blockly.WorkspaceSvg): Blockly.BlockSvg | null {
  const stacks = workspace.getTopBlocks(true).filter((block) => !block.isInsertionMarker())
  const sizes = stacks.map((block) => ({
    block,
    size: block.getDescendants(false).length + (block.outputConnection ? 0 : 1e6),
  }))
  const best = sizes.reduce<(typeof sizes)[number] | null>((so, one) => (so === null || one.size > so.size ? one : so), null)
  return best?.block ?? null
}

function badgesOf(block: FlatBlock, flat: ReadonlyMap<string, FlatBlock>): ReadonlySet<string> {
  const named = Object.entries(block.inputs).filter(([name, child]) => {
    const keyword = block.fields[name]
    return keyword !== undefined && badgeFor(keyword, flat.get(child) ?? null) !== null
  })
  return new Set(named.map(([name]) => name))
}

function join(above: Blockly.Connection | null | undefined, below: Blockly.Block | undefined): void {
  const end = below?.outputConnection ?? below?.previousConnection
  if (!above || !end || !above.connect(end))
    throw new Error(`The block ${below?.type ?? ''} fits nowhere. Reload the page.`)
}
