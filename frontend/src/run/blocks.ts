/** The picture of the run's blocks, drawn by the server: each step a button, lit by where it is. */
import { setAttributes } from '../lib/dom'
import { icon } from '../lib/icons'
import { lookOf } from '../lib/states'
import { type Light, lightInShort, lightOf, lightText } from './lights'
import type { PageState } from './state'
import { bandOf, type Tree } from './tree'

/** The words of a step would hide its name. */
const NARROW = window.matchMedia('(max-width: 767px)')
const SVG = 'http://www.w3.org/2000/svg'
const ICON = 16
const GAP = 8
/** About the width of a character, for the ground behind the counts. */
const CHARACTER = 6.5
const ROW = 24

interface LineView {
  draw(tree: Tree): void
}

/** Draws what changed; while the tree is the same nothing is looked at. */
export function makeBlocks(host: HTMLElement): (state: PageState) => void {
  const lines = [...host.querySelectorAll<SVGGElement>('.pic-line[data-sites]')].flatMap(makeLine)
  let drawn: Tree | null = null
  return ({ tree }) => {
    if (tree === null || tree === drawn) return
    drawn = tree
    for (const line of lines) line.draw(tree)
  }
}

function makeLine(node: SVGGElement): readonly LineView[] {
  const step = node.querySelector<SVGGElement>('.pic-step')
  if (step === null) return []
  const path = node.dataset['path'] ?? ''
  const sites = node.dataset['sites'] ?? ''
  const said = node.dataset['said'] ?? ''
  setAttributes(step, { role: 'button', tabindex: 0, 'data-act': 'column', 'data-path': path, 'data-sites': sites })
  const told = makeTold()
  step.append(told.node)
  const numbers = sites.split(' ').map(Number)
  let drawn: string | null = null
  return [
    {
      draw(tree) {
        const light = lightOf(tree, path, numbers)
        const text = light === null ? absentText(tree) : lightText(light)
        const shown = light !== null && NARROW.matches ? lightInShort(light) : text
        const key = `${light?.state ?? ''} ${text} ${shown}`
        if (key === drawn) return
        drawn = key
        node.setAttribute('class', lineClass(node, light))
        step.setAttribute('aria-label', `${said}: ${light === null ? 'not reached' : text}`)
        told.draw(light, shown)
      },
    },
  ]
}

/** While the run goes on most steps are still to come; that need not be said at each. */
function absentText(tree: Tree): string {
  return bandOf(tree)?.endedAt === null ? '' : 'not reached'
}

function lineClass(node: SVGGElement, light: Light | null): string {
  const own = [...node.classList].filter((name) => name.startsWith('pic-') && name !== 'pic-is-lit')
  return [...own, ...(light === null ? [] : ['pic-is-lit', `tone-${lookOf(light.state).tone}`])].join(' ')
}

/** Word and icon at the right end of a line, on a ground that hides the words of a long one. */
function makeTold(): { readonly node: SVGSVGElement; draw(light: Light | null, text: string): void } {
  const node = shape('svg', { x: '100%', overflow: 'visible', class: 'pic-told', 'aria-hidden': 'true' })
  const under = shape('rect', { class: 'pic-under', height: ROW })
  const ground = shape('rect', { class: 'pic-told-ground', height: ROW })
  const text = shape('text', { x: -(ICON + 2 * GAP), y: 16, 'text-anchor': 'end' })
  return {
    node,
    draw(light, words) {
      node.replaceChildren()
      if (words === '') return
      text.textContent = ` ${words}` // apart from the block's words, for who hears them
      const width = Math.ceil(words.length * CHARACTER) + ICON + 4 * GAP
      for (const one of [under, ground]) setAttributes(one, { x: -width, width })
      node.append(under, ground, text)
      if (light === null) return
      const mark = icon(lookOf(light.state).icon, 'icon pic-mark')
      setAttributes(mark, { x: -(ICON + GAP), y: (ROW - ICON) / 2, width: ICON, height: ICON })
      node.append(mark)
    },
  }
}

function shape<Tag extends 'svg' | 'rect' | 'text'>(tag: Tag, attributes: Readonly<Record<string, string | number>>): SVGElementTagNameMap[Tag] {
  const node = document.createElementNS(SVG, tag)
  setAttributes(node, attributes)
  return node
}
