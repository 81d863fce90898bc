/** Icons from the sprite that the build makes of `icons.json`. */

const SVG = 'http://www.w3.org/2000/svg'
const SPRITE = '/static/dist/icons.svg'

/** A decorative icon: the word beside it says what it means. `name` stands in icons.json. */
export function icon(name: string, className = 'icon'): SVGSVGElement {
  const svg = document.createElementNS(SVG, 'svg')
  svg.setAttribute('class', className)
  svg.setAttribute('aria-hidden', 'true')
  const use = document.createElementNS(SVG, 'use')
  use.setAttribute('href', `${SPRITE}#${name}`)
  svg.append(use)
  return svg
}
