/** The + and − of a block: what comes into it or goes, as one step to undo. */
import * as Blockly from 'blockly/core'

import { fieldValues, hold, put, type CatalogBlock } from './block_layout'
import type { Hole, Row } from './catalog'
import { addClause, addItem, type Change } from './changes'
import { fillerFor, freeKeyword } from './fillers'
import { offered, type Known } from './offers'

/** A change with what comes into the new holes. */
export interface Filled {
  readonly change: Change
  readonly fill: (() => void) | null
}

export function withNewItem(block: CatalogBlock, row: Row, hole: string, known: () => Known): Filled {
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

export function withNewClause(block: CatalogBlock, row: Row, kind: string): Filled {
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
export function carryOut(block: CatalogBlock, { change, fill }: Filled, layAnew: () => void): void {
  if (block.isInFlyout) return
  const group = Blockly.Events.getGroup()
  Blockly.Events.setGroup(group || true)
  const { children, shadows, fields } = takeOut(block, change)
  const before = JSON.stringify(block.extra)
  block.extra = change.extra
  layAnew()
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
