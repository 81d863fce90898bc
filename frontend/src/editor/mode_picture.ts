/** Small pictures of Serial and Parallel: rows are elements, columns are steps, the numbers say what comes when. */
import type { Mode } from '../wire/types'

const SVG = 'http://www.w3.org/2000/svg'
const [ROWS, COLUMNS, CELL, GAP] = [3, 3, 20, 4]

/** Decorative: the words beside it say the same. */
export function modePicture(mode: Mode): SVGSVGElement {
  const svg = svgElement('svg', {
    class: 'mode-picture',
    viewBox: `0 0 ${COLUMNS * (CELL + GAP) - GAP} ${ROWS * (CELL + GAP) - GAP}`,
    'aria-hidden': 'true',
  })
  for (let row = 0; row < ROWS; row += 1)
    for (let column = 0; column < COLUMNS; column += 1) svg.append(...cell(row, column, mode))
  return svg
}

function cell(row: number, column: number, mode: Mode): readonly SVGElement[] {
  const when = mode === 'serial' ? row * COLUMNS + column + 1 : column + 1
  const [x, y] = [column * (CELL + GAP), row * (CELL + GAP)]
  const text = svgElement('text', { x: x + CELL / 2, y: y + CELL / 2, 'text-anchor': 'middle', 'dominant-baseline': 'central' })
  text.textContent = String(when)
  return [svgElement('rect', { x, y, width: CELL, height: CELL, rx: 3 }), text]
}

function svgElement<Tag extends keyof SVGElementTagNameMap>(
  tag: Tag,
  attributes: Readonly<Record<string, string | number>>,
): SVGElementTagNameMap[Tag] {
  const element = document.createElementNS(SVG, tag)
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value))
  return element
}
