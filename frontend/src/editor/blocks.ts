/** Makes Blockly's block definitions from the catalog, and carries out the + and − on a block. */
import * as Blockly from 'blockly/core'

import { plainField } from './badges'
import { rowOf, ROWS, type Hole, type Row } from './catalog'
import { addClause, addItem, dropClause, dropItem, type Change } from './changes'
import { squareOff } from './dense'
import type { Extra } from './documents'
import { FieldBadge } from './field_badge'
import { FieldControl } from './field_control'
import { FieldHead } from './field_head'
import { FieldLines } from './field_lines'
import { FieldNotes } from './field_notes'
import { FieldPick } from './field_pick'
import { fillerFor, freeKeyword } from './fillers'
import { canvasType, flatType } from './flat'
import { offersFor, type Known, type Offered } from './offers'
import { CHOICE, partsOf, type Part } from './parts'
import { signOf } from './signs'
import { badgeOn, phraseOf, sentenceOf } from './speech'
import { wrapped } from './texts'
import { linesFor } from './wrapping'

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

const REVERSE: Readonly<Record<string, string>> = {
  '': 'smallest first',
  False: 'smallest first (said so)',
  True: 'largest first',
}
const MOST_COMMENT = 36
const NONE: ReadonlySet<string> = new Set()

/** What the next block is made with, so that it is laid out once. */
let given: { readonly extra: Extra; readonly badged: ReadonlySet<string> } | null = null

/** `known` is asked whenever a field is drawn or opened. */
export function defineBlocks(known: () => Known): void {
  for (const row of ROWS) {
    Blockly.Blocks[canvasType(row.type)] = {
      init(this: CatalogBlock) {
        this.extra = given?.extra ?? {}
        this.badged = given?.badged ?? NONE
        this.below = NONE
        this.isUnfolded = false
        if (row.shape === 'value') {
          this.setOutput(true)
          squareOff(this)
        } else {
          this.setPreviousStatement(true)
          this.setNextStatement(true)
        }
        this.setInputsInline(true)
        this.setStyle(`tint-${row.category}`)
        this.setTooltip(() => tipOf(this, row))
        this.addClass(`shape-${row.shape}`)
        this.addClass(`tint-${row.category}`)
        lay(this, row, known)
      },
      saveExtraState(this: CatalogBlock): Extra | null {
        return Object.keys(this.extra).length === 0 ? null : this.extra
      },
      loadExtraState(this: CatalogBlock, extra: Extra) {
        this.extra = extra
        lay(this, row, known)
      },
      getAriaLabel(this: CatalogBlock): string {
        if (this.isInsertionMarker()) return ''
        const steps = this.isUnfolded ? [`its steps: ${stepsOf(this, known()).join(', ')}`] : []
        return [sentenceOf(this, numberOf(this)), ...steps].join(', ')
      },
    }
  }
}

/** A new block with this extra, and badges for these keywords. */
export function makeBlock(
  workspace: Blockly.WorkspaceSvg,
  type: string,
  id: string,
  extra: Extra,
  badged: ReadonlySet<string>,
): Blockly.BlockSvg {
  given = { extra, badged }
  try {
    return workspace.newBlock(canvasType(type), id)
  } finally {
    given = null
  }
}

/** Breaks long blocks into lines that fit into `width`, in pixels at full size; looks alone, no change of the script. */
export function wrapLongBlocks(blocks: readonly Blockly.BlockSvg[], width: number, known: () => Known): void {
  Blockly.Events.disable()
  try {
    for (const [block, { isOne, below }] of linesFor(blocks, width)) {
      const wasOne = block.getInputsInline()
      if (wasOne !== isOne) block.setInputsInline(isOne)
      if (!isCatalogBlock(block)) continue
      const movesSign = wasOne !== isOne && rowOf(flatType(block.type)).clauses.length > 0
      if (!movesSign && isSameSet(block.below, below)) continue
      block.below = below
      lay(block, rowOf(flatType(block.type)), known)
    }
  } finally {
    Blockly.Events.enable()
  }
}

function isSameSet(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  return one.size === other.size && [...one].every((name) => other.has(name))
}

/** Gives each call the badges that its values make, and takes out those that they no longer make. */
export function dressWithBadges(blocks: readonly Blockly.BlockSvg[], known: () => Known): void {
  for (const block of blocks) {
    if (!isCatalogBlock(block) || block.isInsertionMarker()) continue
    const row = rowOf(flatType(block.type))
    const hole = row.holes.find((one) => one.kind === 'keywords')
    if (hole === undefined) continue
    const names = [...Array(block.extra.counts?.[hole.name] ?? 0).keys()].map((index) => `${hole.name}.${index}`)
    const badged = new Set(names.filter((name) => badgeOn(block, name) !== null))
    if (isSameSet(badged, block.badged)) {
      for (const name of badged) badgeField(block, name)?.forceRerender()
      continue
    }
    block.badged = badged
    lay(block, row, known)
  }
}

function badgeField(block: CatalogBlock, name: string): Blockly.Field | null {
  const fields = block.inputList.flatMap((input) => input.fieldRow)
  return fields.find((field) => field instanceof FieldBadge && field.name === `BADGE ${name}`) ?? null
}

/** Says the block anew: what it is told by has changed without being drawn. */
export function tellBlock(block: CatalogBlock): void {
  if (block.getFullBlockField() !== null) return
  block.getFocusableElement().setAttribute('aria-label', block.getAriaLabel(Blockly.utils.aria.Verbosity.STANDARD))
}

/** The number of the step, as it stands on the block. */
export function numberOf(block: Blockly.Block): string {
  const text: unknown = block.getFieldValue(HEAD)
  return typeof text === 'string' ? text : ''
}

function tipOf(block: CatalogBlock, row: Row): string {
  const comments = (block.extra.comments ?? []).flat()
  return [...comments, block.extra.why ?? row.tooltip].join('\n')
}

export function isCatalogBlock(block: Blockly.Block | null): block is CatalogBlock {
  return block instanceof Blockly.BlockSvg && 'extra' in block
}

/** Lays the block out anew; what stands under the same names stays. */
function lay(block: CatalogBlock, row: Row, known: () => Known): void {
  const focused = focusedField(block)
  Blockly.Events.disable()
  try {
    const values = [...fieldValues(block), [HEAD, numberOf(block)] as const]
    const held = block.inputList.filter((input) => input.connection !== null).map((input) => keep(input))
    for (const input of [...block.inputList]) block.removeInput(input.name)
    place(
      block,
      inLines(block, partsOf(row, block.extra, block.badged, block.isUnfolded)).map((part) => ({ part, field: fieldFor(part, block, row, known) })),
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

/** A block of several lines has its + in the first: alone it would take a line of its own. */
function inLines(block: CatalogBlock, parts: readonly Part[]): readonly Part[] {
  const at = parts.findIndex((part) => part.kind === 'add-clause')
  const sign = parts[at]
  if (sign === undefined || block.getInputsInline()) return parts
  return [...parts.slice(0, 2), sign, ...parts.slice(2, at), ...parts.slice(at + 1)]
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

function fieldFor(part: Part, block: CatalogBlock, row: Row, known: () => Known): Blockly.Field | null {
  switch (part.kind) {
    case 'head':
      return new FieldHead(signOf(row))
    case 'label':
      return new Blockly.FieldLabel(part.text)
    case 'field':
      return textField(part.hole, block, row, known)
    case 'keyword':
      return new FieldPick('', () => offered(part.hole, block, known), 'quiet', () =>
        apply(block, { change: dropItem(block.extra, part.hole.name, part.index), fill: null }, known),
      )
    case 'badge':
      return new FieldBadge(() => String(block.getFieldValue(part.name)), () => badgeOn(block, part.name) ?? '', {
        value: () => plainOf(block, part.name)?.getText() ?? null,
        set: (value) => plainOf(block, part.name)?.setValue(value),
        drop: () => apply(block, { change: dropItem(block.extra, part.hole.name, part.index), fill: null }, known),
      })
    case 'choice':
      return new Blockly.FieldDropdown(
        part.options.map((option): [string, string] => [wordFor(option, part.options), option]),
      )
    case 'comment':
      return commentField(part.text)
    case 'fold':
      return new FieldControl(block.isUnfolded ? '▾' : '▸', block.isUnfolded ? 'Hide the steps' : 'Show the steps', () => {
        block.isUnfolded = !block.isUnfolded
        lay(block, row, known)
        tellBlock(block)
      })
    case 'steps':
      return new FieldNotes(() => stepsOf(block, known()))
    case 'why':
      return new FieldNotes(() => wrapped(part.text))
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

/** The field of the plain value that a badge says. */
function plainOf(block: CatalogBlock, name: string): Blockly.Field | null {
  const held = block.getInput(name)?.connection?.targetBlock() ?? null
  const field = held === null ? null : plainField({ type: flatType(held.type) })
  return field === null ? null : (held?.getField(field) ?? null)
}

function textField(hole: Hole, block: CatalogBlock, row: Row, known: () => Known): Blockly.Field {
  const isCall = hole.picks === 'tasks' || hole.picks === 'flows'
  if (hole.picks !== '') return new FieldPick('', () => offered(hole, block, known), isCall ? 'strong' : 'plain', null)
  if (hole.kind === 'code') return new FieldLines('', 'code')
  if (row.type === 'comment') return new FieldLines('', 'comment')
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

/** The steps of the flow that a block calls, a line each. */
function stepsOf(block: CatalogBlock, { names }: Known): readonly string[] {
  const callee: unknown = block.getFieldValue('NAME')
  const flow = names?.flows.find((one) => one.name === callee)
  if (flow === undefined) return ['The steps of this flow are not known.']
  if (flow.steps.length === 0) return ['This flow has no steps.']
  return flow.steps.map(({ site, step, name }) => `${site}  ${name ?? step}`)
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
