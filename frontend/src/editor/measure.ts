/** How wide a text of a block is, in pixels at full size: measured without asking the page, which would lay it out each time. */

export type TextLook = 'plain' | 'strong' | 'code' | 'badge'

interface Font {
  readonly weight: number
  readonly size: string
  readonly family: string
}

/** As canvas.css has it. */
const FONTS: Readonly<Record<TextLook, Font>> = {
  plain: { weight: 400, size: '13px', family: '--tblr-font-sans-serif' },
  strong: { weight: 600, size: '13px', family: '--tblr-font-sans-serif' },
  code: { weight: 400, size: '13px', family: '--tblr-font-monospace' },
  badge: { weight: 400, size: '12px', family: '--tblr-font-sans-serif' },
}
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

/** Looks the fonts up while the page has nothing else to work out: asked later, it first styles every block that has come. */
export function readFonts(): void {
  for (const look of Object.keys(FONTS)) penOf(look as TextLook)
}

function penOf(look: TextLook): CanvasRenderingContext2D | null {
  const known = pens.get(look)
  if (known !== undefined) return known
  const pen = document.createElement('canvas').getContext('2d')
  if (pen === null) return null
  const { weight, size, family } = FONTS[look]
  const families = getComputedStyle(document.documentElement).getPropertyValue(family)
  pen.font = `${weight} ${size} ${families.trim() === '' ? 'sans-serif' : families}`
  pens.set(look, pen)
  return pen
}
