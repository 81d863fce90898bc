/** How wide a text of a block is, in pixels at full size: measured without asking the page, which would lay it out each time. */

export type TextLook = 'plain' | 'strong' | 'code'

const FAMILY: Readonly<Record<TextLook, string>> = {
  plain: '--tblr-font-sans-serif',
  strong: '--tblr-font-sans-serif',
  code: '--tblr-font-monospace',
}
const WEIGHT: Readonly<Record<TextLook, string>> = { plain: '400', strong: '600', code: '400' }
const SIZE = '13px'
const MOST_KEPT = 20_000

const pens = new Map<TextLook, CanvasRenderingContext2D>()
const widths = new Map<string, number>()

export function textWidth(text: string, look: TextLook): number {
  const key = `${look} ${text}`
  const known = widths.get(key)
  if (known !== undefined) return known
  const width = penOf(look)?.measureText(text).width ?? text.length * 7
  if (widths.size >= MOST_KEPT) widths.clear()
  widths.set(key, width)
  return width
}

function penOf(look: TextLook): CanvasRenderingContext2D | null {
  const known = pens.get(look)
  if (known !== undefined) return known
  const pen = document.createElement('canvas').getContext('2d')
  if (pen === null) return null
  const family = getComputedStyle(document.documentElement).getPropertyValue(FAMILY[look])
  pen.font = `${WEIGHT[look]} ${SIZE} ${family.trim() === '' ? 'sans-serif' : family}`
  pens.set(look, pen)
  return pen
}
