/** The rows of the matrix as elements that are changed in place: an element, and one cell for each step site. */
import { make, setAttributes } from '../lib/dom'
import { icon } from '../lib/icons'
import { lookOf } from '../lib/states'
import type { StepState } from '../wire/types'
import type { Focus } from './state'
import { type Band, cellAt, elementState } from './tree'
import { columnName } from './words'

const SPRITE = '/static/dist/icons.svg#'

/** One row. `draw` writes only what differs from what it wrote before. */
export interface RowView {
  readonly node: HTMLElement
  draw(band: Band, focusSite: number | null, openSite: number | null): void
  /** The cell of a site; 0 is the element's own. */
  cell(site: number): HTMLElement | null
}

export function makeRow(band: Band, position: number, ariaRow: number): RowView {
  const name = band.names[position] ?? ''
  const place = { 'data-run': band.run, 'data-position': position }
  const head = makeHead(name)
  setAttributes(head.node, { ...place, 'data-site': 0 })
  const node = make('div', { role: 'row', class: 'mx-row', 'aria-rowindex': ariaRow }, head.node)
  const cells = new Map<number, CellNode>()
  let sites: Band['columns'] | null = null
  let drawnFocus: number | null = null
  let drawnOpen: number | null = null

  function lay(columns: Band['columns']): void {
    if (columns === sites) return
    for (const cell of cells.values()) cell.node.remove()
    cells.clear()
    columns.forEach((column, index) => {
      const cell = makeCell(name, columnName(column))
      setAttributes(cell.node, { ...place, 'data-site': column[0], 'aria-colindex': index + 2 })
      cells.set(column[0], cell)
      node.append(cell.node)
    })
    sites = columns
    drawnFocus = drawnOpen = null
  }

  function cell(site: number): HTMLElement | null {
    return site === 0 ? head.node : (cells.get(site)?.node ?? null)
  }

  return {
    node,
    cell,
    draw(now, focusSite, openSite) {
      lay(now.columns)
      head.draw(now, position)
      for (const [site, one] of cells) one.draw(now, position, site)
      if (focusSite !== drawnFocus) {
        if (drawnFocus !== null) cell(drawnFocus)?.setAttribute('tabindex', '-1')
        if (focusSite !== null) cell(focusSite)?.setAttribute('tabindex', '0')
        drawnFocus = focusSite
      }
      if (openSite !== drawnOpen) {
        if (drawnOpen !== null) cell(drawnOpen)?.removeAttribute('aria-selected')
        if (openSite !== null) cell(openSite)?.setAttribute('aria-selected', 'true')
        drawnOpen = openSite
      }
    },
  }
}

interface CellNode {
  readonly node: HTMLElement
  draw(band: Band, position: number, site: number): void
}

interface HeadNode {
  readonly node: HTMLElement
  draw(band: Band, position: number): void
}

function makeHead(name: string): HeadNode {
  const svg = icon('circle-dashed')
  const word = make('span', { class: 'mx-word' })
  const node = make(
    'div', { role: 'rowheader', class: 'mx-name', tabindex: -1, 'aria-colindex': 1 },
    svg, make('span', { class: 'mx-element' }, name), word,
  )
  let drawn = -1
  let said: string | null = null
  return {
    node,
    draw(band, position) {
      const message = band.endings.get(position)?.message ?? ''
      const code = band.states[position] ?? 0
      if (code === drawn && message === said) return
      drawn = code
      said = message
      const look = lookOf(elementState(band, position))
      node.className = `mx-name tone-${look.tone}`
      node.title = message === '' ? `${name}: ${look.word}` : `${name}: ${look.word}: ${message}`
      svg.firstElementChild?.setAttribute('href', SPRITE + look.icon)
      word.textContent = look.word
    },
  }
}

function makeCell(element: string, step: string): CellNode {
  const node = make('div', { role: 'gridcell', class: 'mx-cell', tabindex: -1, 'aria-label': `${element}, ${step}: not reached` })
  let drawn = 0
  return {
    node,
    draw(band, position, site) {
      const value = band.cells.get(site)?.[position] ?? 0
      if (value === drawn) return
      drawn = value
      const cell = cellAt(band, position, site)
      if (cell === null) clear(node, `${element}, ${step}: not reached`)
      else show(node, cell.state, cell.turn, `${element}, ${step}`)
    },
  }
}

function clear(node: HTMLElement, label: string): void {
  node.replaceChildren()
  node.className = 'mx-cell'
  node.setAttribute('aria-label', label)
  node.removeAttribute('title')
  node.removeAttribute('data-state')
}

function show(node: HTMLElement, state: StepState, turn: number, what: string): void {
  const look = lookOf(state)
  node.className = `mx-cell is-reached tone-${look.tone}`
  node.setAttribute('data-state', state)
  const times = turn > 1 ? `, ×${turn}` : ''
  node.setAttribute('aria-label', `${what}: ${look.word}${times}`)
  node.title = `${what}: ${look.word}${times}`
  const use = node.querySelector('use')
  if (use === null) node.prepend(icon(look.icon))
  else use.setAttribute('href', SPRITE + look.icon)
  let turns = node.querySelector('.mx-turns')
  if (turn > 1) {
    if (turns === null) {
      turns = make('span', { class: 'mx-turns' })
      node.append(turns)
    }
    turns.textContent = `×${turn}`
  } else turns?.remove()
}

/** Where a cell that was clicked or focused stands; null for anything else. */
export function placeOf(target: EventTarget | null): Focus | null {
  if (!(target instanceof Element)) return null
  const cell = target.closest<HTMLElement>('[data-site][data-position]')
  if (cell === null) return null
  const { run, position, site } = cell.dataset
  return { run: Number(run), position: Number(position), site: Number(site) }
}
