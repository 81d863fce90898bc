/** The flat list of blocks as Blockly's nested state, and back. Pure; `canvas.ts` does the same with a live canvas. */
import type { serialization } from 'blockly/core'

import { rowOf } from './catalog'
import type { Blocks, Extra, FlatBlock } from './documents'

export type State = serialization.blocks.State
type Connection = serialization.blocks.ConnectionState

const PREFIX = 'block_'

/** Types of the canvas carry a prefix: Blockly makes CSS classes of them. */
export function canvasType(type: string): string {
  return PREFIX + type
}

export function flatType(type: string): string {
  return type.startsWith(PREFIX) ? type.slice(PREFIX.length) : type
}

/**
 * The nested state of the block `first`, with what follows it. With `asExample` blocks have no ids, and values are
 * shadows: they give way to whatever is put in their place.
 */
export function stateOf(document: Blocks, first: string, asExample = false): State {
  const blocks = new Map(document.blocks.map((block) => [block.id, block]))
  const nested = (id: string): State => {
    const block = blocks.get(id)
    if (block === undefined) throw new Error(`The block ${id} is named and not there.`)
    const inputs = Object.entries(block.inputs).map(([name, child]): [string, Connection] => [
      name,
      connectionOf(child),
    ])
    return {
      type: canvasType(block.type),
      ...(asExample ? {} : { id }),
      ...(Object.keys(block.fields).length > 0 ? { fields: { ...block.fields } } : {}),
      ...(inputs.length > 0 ? { inputs: Object.fromEntries(inputs) } : {}),
      ...(block.next === null ? {} : { next: { block: nested(block.next) } }),
      ...(isEmpty(block.extra) ? {} : { extraState: block.extra }),
    }
  }
  const connectionOf = (child: string): Connection => {
    const isValue = asExample && rowOf(blocks.get(child)?.type ?? '').shape === 'value'
    return isValue ? { shadow: nested(child) } : { block: nested(child) }
  }
  return nested(first)
}

/** The flat list of one nested state: each block before those that it names. */
export function blocksOf(state: State, sites: readonly string[] = []): Blocks {
  const blocks: FlatBlock[] = []
  const waiting: State[] = [state]
  for (let block = waiting.pop(); block !== undefined; block = waiting.pop()) {
    const children = Object.entries(block.inputs ?? {}).map(([name, held]): [string, State] => [name, childOf(held)])
    const next = block.next === undefined ? null : childOf(block.next)
    blocks.push({
      id: idOf(block),
      type: flatType(block.type),
      fields: block.fields ?? {},
      inputs: Object.fromEntries(children.map(([name, child]) => [name, idOf(child)])),
      next: next === null ? null : idOf(next),
      extra: (block.extraState ?? {}) as Extra,
    })
    waiting.push(...(next === null ? [] : [next]), ...children.map(([, child]) => child))
  }
  return { first: idOf(state), blocks, sites }
}

/** True when two lists hold the same blocks in the same places, whatever the order in which they are listed. */
export function isSameScript(one: Blocks, other: Blocks): boolean {
  if (one.first !== other.first || one.blocks.length !== other.blocks.length) return false
  const known = new Map(one.blocks.map((block) => [block.id, saidBy(block)]))
  return other.blocks.every((block) => known.get(block.id) === saidBy(block))
}

function saidBy({ type, fields, inputs, next, extra }: FlatBlock): string {
  const sorted = (named: Readonly<Record<string, string>>): readonly (readonly [string, string])[] =>
    Object.entries(named).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return JSON.stringify([type, sorted(fields), sorted(inputs), next, extra])
}

/** The first and last line of the statement that is, or holds, a block, in the text that the spans count in. */
export function linesOf(document: Blocks, id: string): readonly [first: number, last: number] | null {
  const holders = new Map<string, string>()
  const blocks = new Map(document.blocks.map((block) => [block.id, block]))
  for (const block of document.blocks) for (const child of Object.values(block.inputs)) holders.set(child, block.id)
  for (let at: string | undefined = id; at !== undefined; at = holders.get(at)) {
    const span = blocks.get(at)?.extra.spans?.[0]
    if (span) return [span[0], span[1]]
  }
  return null
}

/** The innermost statement on a line, or the one that stands before it. */
export function blockAt(document: Blocks, line: number): string | null {
  let best: FlatBlock | null = null
  let bestFirst = 0
  for (const block of document.blocks) {
    for (const span of block.extra.spans ?? []) {
      if (span && span[0] <= line && span[1] >= line && span[0] >= bestFirst) [best, bestFirst] = [block, span[0]]
    }
  }
  return best?.id ?? null
}

function childOf(held: Connection): State {
  const child = held.block ?? held.shadow
  if (child === undefined) throw new Error('A connection holds nothing.')
  return child
}

function idOf(state: State): string {
  if (state.id === undefined) throw new Error('A block has no id.')
  return state.id
}

function isEmpty(extra: Extra): boolean {
  return Object.keys(extra).length === 0
}
