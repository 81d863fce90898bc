/** Pointing without clicking: a block, its lines and its column of the plan show that they belong together. */

/** Told on the document when the pointer is over something else; `detail.block` is the statement's block, or null. */
export const HINTED = 'hinted'

export interface HintedDetail {
  readonly block: string | null
}

let shown: string | null = null

/** Tells what the pointer is over now; null where it is over nothing that a block says. */
export function tellHint(block: string | null): void {
  if (block === shown) return
  shown = block
  document.dispatchEvent(new CustomEvent<HintedDetail>(HINTED, { detail: { block } }))
}

/** Follows the pointer over the canvas and over the lines: `lineUnder` tells the line at a place of the window, `blockAt` the
 * block of a line. */
export function listenForHints(
  canvas: HTMLElement,
  code: HTMLElement,
  blockAt: (line: number) => string | null,
  lineUnder: (event: MouseEvent) => number | null,
): void {
  let line: number | null = null
  canvas.addEventListener('pointermove', (event) => {
    const isFree = event.buttons === 0 && event.target instanceof Element
    const over = isFree ? event.target.closest('[data-id]') : null
    tellHint(over?.getAttribute('data-id') ?? null)
  })
  code.addEventListener('pointermove', (event) => {
    const under = event.buttons === 0 ? lineUnder(event) : null
    if (under === line && shown !== null) return
    line = under
    tellHint(under === null ? null : blockAt(under))
  })
  for (const place of [canvas, code]) place.addEventListener('pointerleave', () => tellHint(null))
}
