/** Where a new block goes: below a statement, into a body, into the hole of a value, or at the end of the script. */
import * as Blockly from 'blockly/core'

import { rowOf } from './catalog'
import { flatType } from './flat'

export type Place =
  | { readonly kind: 'first' }
  | { readonly kind: 'below' | 'above'; readonly block: Blockly.BlockSvg }
  | { readonly kind: 'body' | 'hole'; readonly block: Blockly.Block; readonly input: string }
  | { readonly kind: 'instead'; readonly block: Blockly.BlockSvg }

/** Below what is selected, or at the end. A body that holds nothing yet is filled first. */
export function statementPlace(workspace: Blockly.WorkspaceSvg, end: Blockly.BlockSvg | null): Place {
  const node = focusedOn(workspace)
  if (node instanceof Blockly.RenderedConnection) {
    const place = placeAt(node)
    if (place !== null && place.kind !== 'hole') return place
  }
  const block = statementAround(blockOf(node)) ?? end
  if (block === null) return { kind: 'first' }
  const body = block.inputList.find((input) => input.type === Blockly.inputs.inputTypes.STATEMENT)
  if (body !== undefined && isEmptyBody(body)) return { kind: 'body', block, input: body.name }
  return { kind: 'below', block }
}

/** Below the block around what is selected: after a whole `if`, however much is in it. */
export function placeAfter(workspace: Blockly.WorkspaceSvg, end: Blockly.BlockSvg | null): Place {
  const block = statementAround(blockOf(focusedOn(workspace))) ?? end
  if (block === null) return { kind: 'first' }
  return { kind: 'below', block: block.getSurroundParent() ?? block }
}

/** The hole that is selected, or the first that is free in what is selected; null where none is. */
export function valuePlace(workspace: Blockly.WorkspaceSvg): Place | null {
  const node = focusedOn(workspace)
  if (node instanceof Blockly.RenderedConnection) {
    const place = placeAt(node)
    if (place?.kind === 'hole') return place
  }
  const block = blockOf(node)
  if (block === null) return null
  if (block.outputConnection && block.isShadow()) return { kind: 'instead', block }
  const inside = freeHole(block)
  if (inside !== null) return inside
  if (block.outputConnection && isLeaf(block) && block.getParent() !== null) return { kind: 'instead', block }
  const statement = statementAround(block)
  return statement === null ? null : freeHole(statement)
}

/** The empty hole that has the focus, or the value that gives way to another. */
export function selectedHole(workspace: Blockly.WorkspaceSvg): Place | null {
  const node = focusedOn(workspace)
  if (node instanceof Blockly.RenderedConnection) {
    const place = placeAt(node)
    return place?.kind === 'hole' ? place : null
  }
  const block = blockOf(node)
  return block?.outputConnection && block.isShadow() ? { kind: 'instead', block } : null
}

/** The place that a connection is. */
export function placeAt(connection: Blockly.RenderedConnection): Place | null {
  const block = connection.getSourceBlock()
  const input = connection.getParentInput()
  if (input !== null)
    return { kind: input.type === Blockly.inputs.inputTypes.STATEMENT ? 'body' : 'hole', block, input: input.name }
  return connection === block.nextConnection ? { kind: 'below', block } : null
}

/** Says the place, for the head of the palette and for screen readers. */
export function toldPlace(place: Place, told: (block: Blockly.Block) => string): string {
  switch (place.kind) {
    case 'first':
      return 'First step'
    case 'below':
      return `Below: ${told(place.block)}`
    case 'above':
      return `Above: ${told(place.block)}`
    case 'body':
      return `Inside: ${told(place.block)}`
    case 'hole':
      return `A value for: ${told(place.block)}`
    case 'instead':
      return `Instead of: ${told(place.block)}`
    default:
      return place satisfies never
  }
}

/** True for a place that was kept while the blocks changed, and is there no more. */
export function isGone(place: Place, workspace: Blockly.WorkspaceSvg): boolean {
  return place.kind === 'first' ? workspace.getTopBlocks(false).length > 0 : place.block.isDisposed()
}

/** Joins a block to its place. What followed goes on below it; a "do nothing" that only held the body open goes. */
export function join(block: Blockly.BlockSvg, place: Place): void {
  switch (place.kind) {
    case 'first':
      return
    case 'below': {
      place.block.nextConnection?.connect(need(block.previousConnection))
      if (isFiller(place.block) && flatType(block.type) !== 'pass') place.block.dispose(true)
      return
    }
    case 'above':
      block.lastConnectionInStack(true)?.connect(need(place.block.previousConnection))
      return
    case 'body': {
      const connection = place.block.getInput(place.input)?.connection
      const filler = connection?.targetBlock() ?? null
      connection?.connect(need(block.previousConnection))
      if (filler !== null && flatType(filler.type) === 'pass' && flatType(block.type) !== 'pass') filler.dispose(true)
      return
    }
    case 'hole':
      place.block.getInput(place.input)?.connection?.connect(need(block.outputConnection))
      return
    case 'instead': {
      const holder = place.block.outputConnection?.targetConnection
      if (!place.block.isShadow()) place.block.dispose(false)
      holder?.connect(need(block.outputConnection))
      return
    }
    default:
      place satisfies never
  }
}

/** The node that has, or had, the focus on this canvas. */
export function focusedOn(workspace: Blockly.WorkspaceSvg): Blockly.IFocusableNode | null {
  return Blockly.FocusableTreeTraverser.findFocusedNode(workspace)
}

export function blockOf(node: Blockly.IFocusableNode | null): Blockly.BlockSvg | null {
  if (node instanceof Blockly.BlockSvg) return node
  if (node instanceof Blockly.RenderedConnection) return node.getSourceBlock()
  const block = node instanceof Blockly.Field || node instanceof Blockly.icons.Icon ? node.getSourceBlock() : null
  return block instanceof Blockly.BlockSvg ? block : null
}

export function statementAround(selected: Blockly.BlockSvg | null): Blockly.BlockSvg | null {
  let block = selected
  while (block?.outputConnection) block = block.getParent()
  return block
}

export function isEmptyBody(input: Blockly.Input): boolean {
  const held = input.connection?.targetBlock() ?? null
  return held === null || (flatType(held.type) === 'pass' && held.getNextBlock() === null)
}

function isFiller(block: Blockly.Block): boolean {
  return flatType(block.type) === 'pass' && block.getParent()?.getNextBlock() !== block && block.getParent() !== null
}

/** The first hole in reading order that holds nothing, or a value that gives way. */
function freeHole(block: Blockly.Block): Place | null {
  for (const input of block.inputList) {
    if (input.type !== Blockly.inputs.inputTypes.VALUE || !input.isVisible()) continue
    const held = input.connection?.targetBlock() ?? null
    if (held === null || held.isShadow()) return { kind: 'hole', block, input: input.name }
    const inside = freeHole(held)
    if (inside !== null) return inside
  }
  return null
}

function isLeaf(block: Blockly.Block): boolean {
  const row = rowOf(flatType(block.type))
  return row.holes.every((hole) => hole.is_field)
}

function need(connection: Blockly.Connection | null): Blockly.Connection {
  if (connection === null) throw new Error('The block does not fit there.')
  return connection
}
