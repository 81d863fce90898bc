/** Makes Blockly's block definitions from the catalog, and carries out the + and − on a block. */
import * as Blockly from 'blockly/core'

import { rowOf, ROWS, type Hole, type Row } from './catalog'
import { addClause, addItem, dropClause, dropItem, type Change } from './changes'
import type { Extra } from './documents'
import { FieldControl } from './field_control'
import { FieldLines } from './field_lines'
import { FieldPick } from './field_pick'
import { fillerFor, freeKeyword } from './fillers'
import { canvasType, flatType } from './flat'
import { offersFor, type Known, type Offered } from './offers'
import { CHOICE, partsOf, type Part } from './parts'

export interface CatalogBlock extends Blockly.BlockSvg {
  extra: Extra
}

const REVERSE: Readonly<Record<string, string>> = {
  '': 'smallest first',
  False: 'smallest first (said so)',
  True: 'largest first',
}
const MOST_COMMENT = 60

/** `known` is asked whenever a field is drawn or opened. */
export function defineBlocks(known: () => Known): void {
  for (const row of ROWS) {
    Blockly.Blocks[canvasType(row.type)] = {
      init(this: CatalogBlock) {
        this.extra = {}
        if (row.shape === 'value') this.setOutput(true)
        else {
          this.setPreviousStatement(true)
          this.setNextStatement(true)
        }
        this.setInputsInline(true)
        this.setStyle(`tint-${row.category}`)
        this.setTooltip(row.tooltip)
        this.addClass(`shape-${row.shape}`)
        lay(this, row, known)
      },
      saveExtraState(this: CatalogBlock): Extra | null {
        return Object.keys(this.extra).length === 0 ? null : this.extra
      },
      loadExtraState(this: CatalogBlock, extra: Extra) {
        this.extra = extra
        lay(this, row, known)
      },
    }
  }
}

export function isCatalogBlock(block: Blockly.Block | null): block is CatalogBlock {
  return block instanceof Blockly.BlockSvg && 'extra' in block
}

/** Lays the block out anew; what stands under the same names stays. */
function lay(block: CatalogBlock, row: Row, known: () => Known): void {
  Blockly.Events.disable()
  try {
    const values = fieldValues(block)
    const held = block.inputList.filter((input) => input.connection !== null).map((input) => hold(input))
    for (const input of [...block.inputList]) block.removeInput(input.name)
    place(
      block,
      partsOf(row, block.extra).map((part) => ({ part, field: fieldFor(part, block, row, known) })),
    )
    for (const [name, value] of values) block.getField(name)?.setValue(value)
    for (const { name, child, shadow } of held) {
      const connection = block.getInput(name)?.connection ?? null
      if (connection !== null) put(connection, child, shadow)
    }
  } finally {
    Blockly.Events.enable()
  }
}

interface Held {
  readonly name: string
  readonly child: Blockly.Block | null
  readonly shadow: Blockly.serialization.blocks.State | null
}

/** Takes out what an input holds. */
function hold(input: Blockly.Input): Held {
  const connection = input.connection
  const child = connection?.targetBlock() ?? null
  const shadow = connection?.getShadowState(true) ?? null
  connection?.setShadowState(null)
  if (child === null || child.isDisposed() || child.isShadow()) return { name: input.name, child: null, shadow }
  connection?.disconnect()
  return { name: input.name, child, shadow }
}

function put(
  connection: Blockly.Connection,
  child: Blockly.Block | null,
  shadow: Blockly.serialization.blocks.State | null,
): void {
  if (shadow !== null) connection.setShadowState(shadow)
  const end = child?.outputConnection ?? child?.previousConnection
  if (end) connection.connect(end)
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
    if (field !== null) waiting.push({ field, name: nameOf(part) })
    else if (part.kind === 'value') flush(block.appendValueInput(part.name))
    else if (part.kind === 'body') {
      if (waiting.length > 0) flush(block.appendDummyInput(`LINE${(rows += 1)}`))
      block.appendStatementInput(part.name)
    }
  }
  if (waiting.length > 0 || block.inputList.length === 0) flush(block.appendDummyInput('LAST'))
}

function nameOf(part: Part): string | undefined {
  if (part.kind === 'field' || part.kind === 'keyword') return part.name
  return part.kind === 'choice' ? CHOICE : undefined
}

function fieldFor(part: Part, block: CatalogBlock, row: Row, known: () => Known): Blockly.Field | null {
  switch (part.kind) {
    case 'label':
      return new Blockly.FieldLabel(part.text)
    case 'field':
      return textField(part.hole, block, known)
    case 'keyword':
      return new FieldPick('', () => offered(part.hole, block, known))
    case 'choice':
      return new Blockly.FieldDropdown(
        part.options.map((option): [string, string] => [wordFor(option, part.options), option]),
      )
    case 'comment':
      return commentField(part.text)
    case 'add-item':
      return new FieldControl('+', `Add ${part.word}`, () =>
        apply(block, withNewItem(block, row, part.hole, known), known),
      )
    case 'drop-item':
      return new FieldControl('−', 'Take this out', () =>
        apply(block, { change: dropItem(block.extra, part.hole, part.index), fill: null }, known),
      )
    case 'add-clause':
      return new FieldControl(
        '+',
        `Add ${part.clauses.map((clause) => clause.label.split(' {')[0] ?? '').join(' or ')}`,
        (field) => {
          const [only] = part.clauses
          if (part.clauses.length === 1 && only) apply(block, withNewClause(block, row, only.kind), known)
          else
            chooseClause(
              field,
              part.clauses.map((clause) => ({ kind: clause.kind, label: clause.label })),
              (kind) => apply(block, withNewClause(block, row, kind), known),
            )
        },
      )
    case 'drop-clause':
      return new FieldControl('−', `Take out “${part.word}” with what is in it`, () =>
        apply(block, { change: dropClause(block.extra, part.index), fill: null }, known),
      )
    case 'value':
    case 'body':
      return null
    default:
      return part satisfies never
  }
}

function textField(hole: Hole, block: CatalogBlock, known: () => Known): Blockly.Field {
  if (hole.picks !== '') return new FieldPick('', () => offered(hole, block, known))
  if (hole.kind === 'code') return new FieldLines('', 'code')
  if (hole.kind === 'text') return new FieldLines('', 'text')
  return new Blockly.FieldTextInput('', null, { spellcheck: false })
}

function offered(hole: Hole, block: CatalogBlock, known: () => Known): Offered {
  const callee: unknown = block.getFieldValue('NAME')
  return offersFor(hole, known(), typeof callee === 'string' ? callee : '')
}

function commentField(text: string): Blockly.Field {
  const line = text.replaceAll('\n', ' ')
  const label = new Blockly.FieldLabel(
    line.length > MOST_COMMENT ? `${line.slice(0, MOST_COMMENT - 1)}…` : line,
    'block-comment',
  )
  label.setTooltip(text)
  return label
}

function wordFor(option: string, options: readonly string[]): string {
  return options.includes('') ? (REVERSE[option] ?? option) : option
}

/** Offers the clauses that may be added. */
function chooseClause(
  field: FieldControl,
  clauses: readonly { kind: string; label: string }[],
  choose: (kind: string) => void,
): void {
  const menu = new Blockly.Menu()
  menu.setRole(Blockly.utils.aria.Role.LISTBOX)
  for (const { kind, label } of clauses) {
    const item = new Blockly.MenuItem(label.replaceAll(/\{[A-Z_]+\}/g, '…'), kind)
    item.setRole(Blockly.utils.aria.Role.OPTION)
    item.onAction(() => {
      Blockly.DropDownDiv.hideIfOwner(field)
      choose(kind)
    }, field)
    menu.addChild(item)
  }
  Blockly.DropDownDiv.clearContent()
  menu.render(Blockly.DropDownDiv.getContentDiv())
  Blockly.DropDownDiv.showPositionedByField(field, () => menu.dispose())
  menu.focus()
}

/** A change with what comes into the new holes. */
interface Filled {
  readonly change: Change
  readonly fill: (() => void) | null
}

function withNewItem(block: CatalogBlock, row: Row, hole: string, known: () => Known): Filled {
  const change = addItem(block.extra, hole)
  const name = `${hole}.${(change.extra.counts?.[hole] ?? 1) - 1}`
  const keyword = row.holes.find((one) => one.name === hole && one.kind === 'keywords')
  return {
    change,
    fill: () => {
      const { offers } = keyword ? offered(keyword, block, known) : { offers: [] }
      const word = keyword
        ? freeKeyword(
            offers,
            fieldValues(block)
              .filter(([field]) => field !== name)
              .map(([, value]) => value),
          )
        : null
      if (word !== null) block.setFieldValue(word, name)
      block
        .getInput(name)
        ?.connection?.setShadowState(fillerFor(row, hole, known(), block.getFieldValue('NAME') as string | null, word))
    },
  }
}

function withNewClause(block: CatalogBlock, row: Row, kind: string): Filled {
  const clause = row.clauses.find((one) => one.kind === kind)
  if (clause === undefined) throw new Error(`There is no "${kind}" in the block "${row.type}".`)
  const before = block.extra.clauses ?? []
  const change = addClause(row, block.extra, clause)
  const after = change.extra.clauses ?? []
  const at = after.findIndex((one, index) => one !== before[index])
  const number = (at === -1 ? after.length - 1 : at) + 1
  return { change, fill: () => clause.holes.forEach((hole) => fillClause(block, row, hole, number)) }
}

function fillClause(block: CatalogBlock, row: Row, hole: Hole, number: number): void {
  if (hole.is_field) block.setFieldValue('error', `${hole.name}${number}`)
  else block.getInput(`${hole.name}${number}`)?.connection?.setShadowState(fillerFor(row, hole.name, null, null, null))
}

/** Carries a change out as one step to undo: what moves keeps what it holds, what goes takes it along. */
function apply(block: CatalogBlock, { change, fill }: Filled, known: () => Known): void {
  if (block.isInFlyout) return
  const group = Blockly.Events.getGroup()
  Blockly.Events.setGroup(group || true)
  const { children, shadows, fields } = takeOut(block, change)
  const before = JSON.stringify(block.extra)
  block.extra = change.extra
  lay(block, rowOf(flatType(block.type)), known)
  Blockly.Events.fire(new Blockly.Events.BlockChange(block, 'mutation', null, before, JSON.stringify(block.extra)))
  fill?.()
  for (const [name, value] of fields) block.setFieldValue(value, name)
  for (const [name, shadow] of shadows) block.getInput(name)?.connection?.setShadowState(shadow)
  for (const [name, child] of children) {
    const connection = block.getInput(name)?.connection
    if (connection) put(connection, child, null)
  }
  Blockly.Events.setGroup(group)
}

interface Moved {
  readonly children: readonly (readonly [string, Blockly.Block])[]
  readonly shadows: readonly (readonly [string, Blockly.serialization.blocks.State])[]
  readonly fields: readonly (readonly [string, string])[]
}

function takeOut(block: CatalogBlock, change: Change): Moved {
  const children: [string, Blockly.Block][] = []
  const shadows: [string, Blockly.serialization.blocks.State][] = []
  for (const input of block.inputList.filter(
    (one) => one.connection !== null && change.renamed(one.name) !== one.name,
  )) {
    const name = change.renamed(input.name)
    const { child, shadow } = hold(input)
    if (name === null) child?.dispose(false)
    else {
      if (shadow !== null) shadows.push([name, shadow])
      if (child !== null) children.push([name, child])
    }
  }
  const fields = fieldValues(block).flatMap(([field, value]): [string, string][] => {
    const name = change.renamed(field)
    return name === null || name === field ? [] : [[name, value]]
  })
  return { children, shadows, fields }
}

/** The fields that belong to the script, by name. */
export function fieldValues(block: Blockly.Block): readonly (readonly [string, string])[] {
  const named = block.inputList.flatMap((input) => input.fieldRow).filter((field) => field.isSerializable())
  return named.map((field) => [field.name ?? '', String(field.getValue())])
}
