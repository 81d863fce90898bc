/** The lines of a script that one block says. Pure. */
import type { Blocks, FlatBlock } from './documents'

/** From the first to the last line of the block and of all that it holds, without the indent; empty for a value alone. */
export function textOfBlock(placed: Blocks, text: string, id: string): string {
  const blocks = new Map(placed.blocks.map((block) => [block.id, block]))
  const lines = linesUnder(blocks, id)
  if (lines === null) return ''
  const taken = text.split('\n').slice(lines[0] - 1, lines[1])
  const indents = taken.filter((line) => line.trim() !== '').map((line) => /^\s*/.exec(line)?.[0].length ?? 0)
  const least = Math.min(...indents, Number.MAX_SAFE_INTEGER)
  return `${taken.map((line) => line.slice(least)).join('\n')}\n`
}

function linesUnder(blocks: ReadonlyMap<string, FlatBlock>, id: string): readonly [number, number] | null {
  let [first, last] = [Number.MAX_SAFE_INTEGER, 0]
  const waiting = [{ id, isFirst: true }]
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    const block = blocks.get(at.id)
    if (block === undefined) continue
    for (const span of block.extra.spans ?? []) {
      if (span) [first, last] = [Math.min(first, span[0]), Math.max(last, span[1])]
    }
    for (const child of Object.values(block.inputs)) waiting.push({ id: child, isFirst: false })
    if (!at.isFirst && block.next !== null) waiting.push({ id: block.next, isFirst: false })
  }
  return last === 0 ? null : [first, last]
}
