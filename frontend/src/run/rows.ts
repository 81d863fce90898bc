/** The rows of the matrix as elements that are changed in place: an element, and one cell for each step site. */
import { make, setAttributes } from '../lib/dom'
import { lookOf, type State } from '../lib/states'
import type { Focus } from './state'
import { type Band, cellAt, type CellView, elementState } from './tree'
import { batchFrom, columnName, endingMessage } from './words'

/** One row. It is drawn for one element and then for another: to make the elements of a row costs most of scrolling. */
export interface RowView {
  readonly node: HTMLElement
  /** Writes only what differs from what it wrote before. `ariaRow` counts the rows of the grid from 1. */
  draw(band: Band, position: number, ariaRow: number, marks: Marks): void
  /** The cell of a site; 0 is the element's own. */
  cell(site: number): HTMLElement | null
}

/** The sites of this row that have the focus and are open; 0 is the element itself. */
export interface Marks {
  readonly focus: number | null
  readonly open: number | null
}

export function makeRow(run: number): RowView {
  const head = makeHead()
  const node = make('div', { role: 'row', class: 'mx-row', 'data-run': run }, head.node)
  const cells = new Map<number, Part>()
  let sites: Band['columns'] | null = null
  let drawnPosition = -1
  let drawnBatch: number | null = null
  let drawnMarks: Marks = { focus: null, open: null }

  function lay(columns: Band['columns']): void {
    if (columns === sites) return
    for (const one of cells.values()) one.node.remove()
    cells.clear()
    columns.forEach((column, index) => {
      const one = makeCell(column[0], columnName(column), index + 2)
      cells.set(column[0], one)
      node.append(one.node)
    })
    sites = columns
    drawnMarks = { focus: null, open: null }
  }

  function cell(site: number): HTMLElement | null {
    return site === 0 ? head.node : (cells.get(site)?.node ?? null)
  }

  function mark(marks: Marks): void {
    if (marks.focus !== drawnMarks.focus) {
      if (drawnMarks.focus !== null) cell(drawnMarks.focus)?.setAttribute('tabindex', '-1')
      if (marks.focus !== null) cell(marks.focus)?.setAttribute('tabindex', '0')
    }
    if (marks.open !== drawnMarks.open) {
      if (drawnMarks.open !== null) cell(drawnMarks.open)?.removeAttribute('aria-selected')
      if (marks.open !== null) cell(marks.open)?.setAttribute('aria-selected', 'true')
    }
    drawnMarks = marks
  }

  return {
    node,
    cell,
    draw(band, position, ariaRow, marks) {
      lay(band.columns)
      if (position !== drawnPosition) setAttributes(node, { 'data-position': position, 'aria-rowindex': ariaRow })
      drawnPosition = position
      const batch = batchFrom(band, position)
      if (batch !== drawnBatch) node.classList.toggle('mx-batch', batch !== null && batch > 1)
      drawnBatch = batch
      head.draw(band, position)
      for (const one of cells.values()) one.draw(band, position)
      mark(marks)
    },
  }
}

/** A part of a row that draws itself for the element at a position. */
interface Part {
  readonly node: HTMLElement
  draw(band: Band, position: number): void
}

function makeHead(): Part {
  const element = make('span', { class: 'mx-element' })
  const tag = make('span', { class: 'mx-tag' })
  const word = make('span', { class: 'mx-word' })
  const node = make('div', { role: 'rowheader', class: 'mx-name', tabindex: -1, 'aria-colindex': 1, 'data-site': 0 }, element, tag, word)
  let drawn = ''
  return {
    node,
    draw(band, position) {
      const name = band.names[position] ?? ''
      const state = elementState(band, position)
      const message = endingMessage(band, position)
      const batch = batchFrom(band, position)
      const begins = batch === null ? '' : `batch ${batch}`
      const told = `${name}: ${lookOf(state).word}${message === '' ? '' : `: ${message}`}${begins === '' ? '' : `; ${begins} begins here`}`
      if (told === drawn) return
      drawn = told
      node.title = told
      element.textContent = name
      tag.textContent = begins
      setState(node, 'mx-name mx-state', state)
      word.textContent = lookOf(state).word
    },
  }
}

function makeCell(site: number, step: string, ariaColumn: number): Part {
  const node = make('div', { role: 'gridcell', class: 'mx-cell', tabindex: -1, 'aria-colindex': ariaColumn, 'data-site': site })
  let drawn = -1
  let drawnName: string | undefined
  return {
    node,
    draw(band, position) {
      const value = band.cells.get(site)?.[position] ?? 0
      const name = band.names[position]
      if (value === drawn && name === drawnName) return
      drawn = value
      drawnName = name
      show(node, cellAt(band, position, site), `${name ?? ''}, ${step}`)
    },
  }
}

/** The icon is the style's, by `data-state`: an element for each would cost more than all the rest of the row. */
function show(node: HTMLElement, cell: CellView | null, what: string): void {
  const times = cell !== null && cell.turn > 1 ? `×${cell.turn}` : ''
  if (node.textContent !== times) node.textContent = times
  node.setAttribute('aria-label', `${what}: ${cell === null ? 'not reached' : lookOf(cell.state).word}${times === '' ? '' : `, ${times}`}`)
  node.removeAttribute('title')
  setState(node, cell === null ? 'mx-cell' : 'mx-cell mx-state is-reached', cell?.state ?? null)
}

function setState(node: HTMLElement, classes: string, state: State | null): void {
  const className = state === null ? classes : `${classes} tone-${lookOf(state).tone}`
  if (node.className !== className) node.className = className
  if (state === null) delete node.dataset['state']
  else if (node.dataset['state'] !== state) node.dataset['state'] = state
}

/** Where a cell that was clicked or focused stands; null for anything else. */
export function placeOf(target: EventTarget | null): Focus | null {
  if (!(target instanceof Element)) return null
  const cell = target.closest<HTMLElement>('[data-site]')
  const row = cell?.closest<HTMLElement>('[data-position]')
  if (!cell || !row) return null
  return { run: Number(row.dataset['run']), position: Number(row.dataset['position']), site: Number(cell.dataset['site']) }
}
