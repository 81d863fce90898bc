/** What a screen reader says of a block: "step 3, run Restart service, service is web, timeout 90". */
import type * as Blockly from 'blockly/core'

import { badgeFor } from './badges'
import { rowOf, type Hole } from './catalog'
import { flatType } from './flat'
import { CHOICE } from './parts'

const MOST = 400

export function sentenceOf(block: Blockly.Block, site: string): string {
  return [site === '' ? '' : `step ${site}`, phraseOf(block)].filter((part) => part !== '').join(', ').slice(0, MOST)
}

/** The row's label with what the block holds in its holes; bodies are read when one comes to them. */
export function phraseOf(block: Blockly.Block): string {
  const row = rowOf(flatType(block.type))
  const phrase = row.label.replaceAll(/\{([A-Z_]+)\}/g, (_, name: string) => {
    if (name === CHOICE) return fieldSaid(block, CHOICE)
    const hole = row.holes.find((one) => one.name === name)
    return hole === undefined ? '' : holeSaid(block, hole)
  })
  return phrase.replaceAll(/\s+/g, ' ').replaceAll(' ,', ',').replace(/[ ,]+$/, '').trim()
}

function holeSaid(block: Blockly.Block, hole: Hole): string {
  if (hole.is_field) return fieldSaid(block, hole.name)
  if (hole.kind === 'value') return valueSaid(block, hole.name)
  const names = block.inputList.map((input) => input.name).filter((name) => name.startsWith(`${hole.name}.`))
  if (hole.kind !== 'keywords') return names.map((name) => valueSaid(block, name)).join(', ')
  return names.map((name) => `, ${keywordSaid(block, name)}`).join('')
}

function keywordSaid(block: Blockly.Block, name: string): string {
  const keyword = fieldSaid(block, name)
  return badgeOn(block, name) ?? `${keyword} is ${valueSaid(block, name)}`
}

/** The badge for a keyword of a block, null where its value is more than a badge says. */
export function badgeOn(block: Blockly.Block, name: string): string | null {
  const held = block.getInput(name)?.connection?.targetBlock() ?? null
  if (held === null || held.isInsertionMarker()) return null
  const keyword: unknown = block.getFieldValue(name)
  return badgeFor(String(keyword), { type: flatType(held.type), fields: fieldsOf(held) })
}

function fieldsOf(block: Blockly.Block): Readonly<Record<string, string>> {
  const fields = block.inputList.flatMap((input) => input.fieldRow)
  return Object.fromEntries(fields.filter((field) => field.name).map((field) => [field.name ?? '', String(field.getValue())]))
}

function fieldSaid(block: Blockly.Block, name: string): string {
  const text = block.getField(name)?.getText() ?? ''
  return text === '' ? 'empty' : text
}

function valueSaid(block: Blockly.Block, name: string): string {
  const held = block.getInput(name)?.connection?.targetBlock() ?? null
  return held === null ? 'nothing yet' : phraseOf(held)
}
