/** The fields of a block: one for each part of its line that is no input. */
import * as Blockly from 'blockly/core'

import { plainField } from './badges'
import { carryOut, withNewClause, withNewItem, type Filled } from './block_changes'
import type { CatalogBlock } from './block_layout'
import type { Hole, Row } from './catalog'
import { dropClause, dropItem } from './changes'
import { FieldBadge } from './field_badge'
import { FieldControl } from './field_control'
import { FieldHead } from './field_head'
import { FieldLines } from './field_lines'
import { FieldNotes } from './field_notes'
import { FieldPick } from './field_pick'
import { flatType } from './flat'
import { FieldTyped, FieldWords } from './measured'
import { offered, type Known } from './offers'
import type { Part } from './parts'
import { signOf } from './signs'
import { badgeOn } from './speech'
import { wrapped } from './texts'

const REVERSE: Readonly<Record<string, string>> = {
  '': 'smallest first',
  False: 'smallest first (said so)',
  True: 'largest first',
}
const MOST_COMMENT = 36

/** `layAnew` lays the block out after a change; null for a part that is an input. */
export function fieldFor(part: Part, block: CatalogBlock, row: Row, known: () => Known, layAnew: () => void): Blockly.Field | null {
  const apply = (filled: Filled): void => carryOut(block, filled, layAnew)
  switch (part.kind) {
    case 'head':
      return new FieldHead(signOf(row))
    case 'label':
      return new FieldWords(part.text)
    case 'field':
      return textField(part.hole, block, row, known)
    case 'keyword':
      return new FieldPick('', () => offered(part.hole, block, known), 'quiet', () =>
        apply({ change: dropItem(block.extra, part.hole.name, part.index), fill: null }),
      )
    case 'badge':
      return new FieldBadge(() => String(block.getFieldValue(part.name)), () => badgeOn(block, part.name) ?? '', {
        value: () => plainOf(block, part.name)?.getText() ?? null,
        set: (value) => plainOf(block, part.name)?.setValue(value),
        drop: () => apply({ change: dropItem(block.extra, part.hole.name, part.index), fill: null }),
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
        layAnew()
      })
    case 'steps':
      return new FieldNotes(() => stepsOf(block, known()))
    case 'why':
      return new FieldNotes(() => wrapped(part.text))
    case 'add-item':
      return new FieldControl('+', `Add ${part.word}`, () =>
        apply(withNewItem(block, row, part.hole, known)),
      )
    case 'drop-item':
      return new FieldControl('−', 'Take this out', () =>
        apply({ change: dropItem(block.extra, part.hole, part.index), fill: null }),
      )
    case 'add-clause':
      return new FieldControl(
        '+',
        `Add ${part.clauses.map((clause) => clause.label.split(' {')[0] ?? '').join(' or ')}`,
        (field) => {
          const [only] = part.clauses
          if (part.clauses.length === 1 && only) apply(withNewClause(block, row, only.kind))
          else
            chooseClause(
              field,
              part.clauses.map((clause) => ({ kind: clause.kind, label: clause.label })),
              (kind) => apply(withNewClause(block, row, kind)),
            )
        },
      )
    case 'drop-clause':
      return new FieldControl('−', `Take out “${part.word}” with what is in it`, () =>
        apply({ change: dropClause(block.extra, part.index), fill: null }),
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
  return new FieldTyped()
}

function commentField(text: string): Blockly.Field {
  const line = text.replaceAll('\n', ' ')
  const label = new FieldWords(
    line.length > MOST_COMMENT ? `${line.slice(0, MOST_COMMENT - 1)}…` : line,
    'block-comment',
  )
  label.setTooltip(text)
  return label
}

/** The steps of the flow that a block calls, a line each. */
export function stepsOf(block: CatalogBlock, { names }: Known): readonly string[] {
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
