/** How a block of the catalog is laid out: its lines, inputs and fields, and what they hold while it is laid out anew. */
import * as Blockly from 'blockly/core'

import type { Row } from './catalog'
import type { Extra } from './documents'
import { FieldPick } from './field_pick'
import { CHOICE, partsOf, type Part } from './parts'
import { phraseOf } from './speech'

export interface CatalogBlock extends Blockly.BlockSvg {
  extra: Extra
  /** The keywords whose value a badge says. */
  badged: ReadonlySet<string>
  /** The values that stand on a line below their words. */
  below: ReadonlySet<string>
  /** Whether the steps of the flow that it calls are shown. */
  isUnfolded: boolean
}

/** The field of a statement that shows its step's number. */
export const HEAD = 'HEAD'

export function isCatalogBlock(block: Blockly.Block | null): block is CatalogBlock {
  return block instanceof Blockly.BlockSvg && 'extra' in block
}

/** The number of the step, as it stands on the block. */
export function numberOf(block: Blockly.Block): string {
  const text: unknown = block.getFieldValue(HEAD)
  return typeof text === 'string' ? text : ''
}

/** The fields that belong to the script, by name. */
export function fieldValues(block: Blockly.Block): readonly (readonly [string, string])[] {
  const named = block.inputList.flatMap((input) => input.fieldRow).filter((field) => field.isSerializable())
  return named.map((field) => [field.name ?? '', String(field.getValue())])
}

/** Makes the field of a part; null for one that is an input. */
export type FieldOf = (part: Part) => Blockly.Field | null

/** Lays the block out anew; what stands under the same names stays. */
export function layOut(block: CatalogBlock, row: Row, fieldOf: FieldOf): void {
  const focused = focusedField(block)
  Blockly.Events.disable()
  try {
    const values = [...fieldValues(block), [HEAD, numberOf(block)] as const]
    const held = block.inputList.filter((input) => input.connection !== null).map((input) => keep(input))
    for (const input of [...block.inputList]) block.removeInput(input.name)
    place(
      block,
      inLines(block, partsOf(row, block.extra, block.badged, block.isUnfolded)).map((part) => ({ part, field: fieldOf(part) })),
    )
    for (const [name, value] of values) block.getField(name)?.setValue(value)
    for (const { name, child, shadow, isShadow } of held) {
      const connection = block.getInput(name)?.connection ?? null
      if (connection === null) {
        if (isShadow) child?.dispose(false)
        continue
      }
      put(connection, child, shadow)
      if (isShadow) child?.setShadow(true)
    }
  } finally {
    Blockly.Events.enable()
  }
  if (focused !== null) giveFocusBack(block, focused)
}

/** The name of the field of this block that has the focus. */
function focusedField(block: CatalogBlock): string | null {
  const node = Blockly.getFocusManager().getFocusedNode()
  return node instanceof Blockly.Field && node.getSourceBlock() === block ? (node.name ?? '') : null
}

/** To the field of that name, if it is still to be seen, or to the block. */
function giveFocusBack(block: CatalogBlock, name: string): void {
  const field = name === '' ? null : block.getField(name)
  Blockly.getFocusManager().focusNode(field?.getParentInput().isVisible() ? field : block)
}

/** In a block of several lines the + stands in the first, where alone at the end it would take a line of its own, and each −
 * before its value: a value ends its line. */
function inLines(block: CatalogBlock, parts: readonly Part[]): readonly Part[] {
  if (block.getInputsInline()) return parts
  const turned = parts.flatMap((part, at) => {
    const next = parts[at + 1]
    if (part.kind === 'value' && next?.kind === 'drop-item') return [next, part]
    return part.kind === 'drop-item' && parts[at - 1]?.kind === 'value' ? [] : [part]
  })
  const at = turned.findIndex(({ kind }, index) => kind === 'add-clause' || (kind === 'add-item' && index === turned.length - 1))
  const sign = turned[at]
  if (sign === undefined) return turned
  const first = Math.max(1, turned.findIndex(({ kind }) => kind === 'label') + 1)
  return [...turned.slice(0, first), sign, ...turned.slice(first, at), ...turned.slice(at + 1)]
}

interface Held {
  readonly name: string
  readonly child: Blockly.Block | null
  readonly shadow: Blockly.serialization.blocks.State | null
}

/** Takes out what an input holds, and keeps a shadow as the block that it is. */
function keep(input: Blockly.Input): Held & { readonly isShadow: boolean } {
  const child = input.connection?.targetBlock() ?? null
  const isShadow = child !== null && !child.isDisposed() && child.isShadow()
  if (isShadow) child.setShadow(false)
  return { ...hold(input), isShadow }
}

/** Takes out what an input holds. */
export function hold(input: Blockly.Input): Held {
  const connection = input.connection
  const child = connection?.targetBlock() ?? null
  const shadow = connection?.getShadowState(true) ?? null
  connection?.setShadowState(null)
  if (child === null || child.isDisposed() || child.isShadow()) return { name: input.name, child: null, shadow }
  connection?.disconnect()
  return { name: input.name, child, shadow }
}

export function put(
  connection: Blockly.Connection,
  child: Blockly.Block | null,
  shadow: Blockly.serialization.blocks.State | null,
): void {
  const end = child?.outputConnection ?? child?.previousConnection
  if (end) connection.connect(end)
  if (shadow !== null) connection.setShadowState(shadow)
}

type Placed = { readonly part: Part; readonly field: Blockly.Field | null }

function place(block: CatalogBlock, placed: readonly Placed[]): void {
  let waiting: { field: Blockly.Field; name: string | undefined }[] = []
  let rows = 0
  const flush = (input: Blockly.Input): void => {
    for (const { field, name } of waiting) input.appendField(field, name)
    waiting = []
  }
  for (const { part, field } of placed) {
    if (part.kind === 'badge') {
      const hidden = block.appendValueInput(part.name).appendField(fieldOfKeyword(), part.name)
      hidden.setVisible(false)
    }
    if (field !== null && (part.kind === 'steps' || part.kind === 'why')) {
      flush(block.appendEndRowInput(`LINE${(rows += 1)}`))
      block.appendDummyInput('NOTES').appendField(field)
    } else if (field !== null) waiting.push({ field, name: nameOf(part) })
    else if (part.kind === 'value') {
      if (block.below.has(part.name) && waiting.length > 0) flush(block.appendDummyInput(`LINE${(rows += 1)}`))
      flush(block.appendValueInput(part.name))
    }
    else if (part.kind === 'body') {
      if (waiting.length > 0) flush(block.appendDummyInput(`LINE${(rows += 1)}`))
      block.appendStatementInput(part.name).setAriaLabelProvider(() => `body of ${phraseOf(block)}; press a to put a step in`)
    }
  }
  if (waiting.length > 0 || block.inputList.length === 0) flush(block.appendDummyInput('LAST'))
}

/** Holds the keyword of a badge: there for the script, not to be seen. */
function fieldOfKeyword(): Blockly.Field {
  return new FieldPick('', () => ({ offers: [], what: 'input', isClosed: false }))
}

function nameOf(part: Part): string | undefined {
  if (part.kind === 'head') return HEAD
  if (part.kind === 'badge') return `BADGE ${part.name}`
  if (part.kind === 'field' || part.kind === 'keyword') return part.name
  return part.kind === 'choice' ? CHOICE : undefined
}
