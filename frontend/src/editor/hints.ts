/** Pointing without clicking: the block, its lines and whatever else listens show that they belong together. */
import type { Blocks } from './documents'
import { blockAt } from './flat'

/** Told on the document when the pointer is over something else; `detail.block` is the statement's block, or null. */
export const HINTED = 'hinted'

export interface HintedDetail {
  readonly block: string | null
}

/** Follows the pointer over the canvas and over the lines; `lineUnder` tells the line at a place of the window. */
export function listenForHints(canvas: HTMLElement, code: HTMLElement, placed: () => Blocks, lineUnder: (event: MouseEvent) => number | null): void {
  let shown: string | null = null
  let line: number | null = null
  const hint = (block: string | null): void => {
    if (block === shown) return
    shown = block
    document.dispatchEvent(new CustomEvent<HintedDetail>(HINTED, { detail: { block } }))
  }
  canvas.addEventListener('pointermove', (event) => {
    const isFree = event.buttons === 0 && event.target instanceof Element
    const over = isFree ? event.target.closest('[data-id]') : null
    hint(over?.getAttribute('data-id') ?? null)
  })
  code.addEventListener('pointermove', (event) => {
    const under = event.buttons === 0 ? lineUnder(event) : null
    if (under === line && shown !== null) return
    line = under
    hint(under === null ? null : blockAt(placed(), under))
  })
  for (const place of [canvas, code]) place.addEventListener('pointerleave', () => hint(null))
}
