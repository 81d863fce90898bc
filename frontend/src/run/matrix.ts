/** The matrix: elements in run order by step sites, every run of the tree a band. Only what is on the screen has elements. */
import { make, setAttributes } from '../lib/dom'
import { icon } from '../lib/icons'
import { morph } from '../lib/morph'
import { lookOf, stateBadge } from '../lib/states'
import { stepPhrase } from '../lib/steps'
import { firstRow, type Layout, ROW, type Segment, visibleLines } from './layout'
import { isRefresh } from './places'
import { makeRow, type RowView } from './rows'
import type { Focus, PageState } from './state'
import type { Band, Tree } from './tree'
import { columnName, COUNT_ORDER, elementsText, siteName } from './words'

const WIDEST = 168
const NARROWEST = 72
/** Rows that are drawn above and below what is seen. */
const AROUND = 8 * ROW

/** One drawing of the page's state. */
interface Drawing {
  readonly state: PageState
  readonly layout: Layout
  readonly seen: Seen
  readonly focus: Focus | null
}

interface BandView {
  readonly node: HTMLElement
  readonly head: HTMLElement
  readonly columns: HTMLElement
  readonly rows: Map<number, RowView>
}

/** What is seen of the layout, in its own heights. */
export interface Seen {
  readonly from: number
  readonly to: number
  readonly width: number
}

export interface Matrix {
  /** To be asked before anything is written: the browser would lay the page out anew for an answer. */
  measure(): Seen
  draw(state: PageState, layout: Layout, seen: Seen): void
  scrollTo(y: number): void
  /** Moves the focus into this cell, if it is drawn. */
  focus(place: Focus): void
  isFocused(): boolean
}

export function makeMatrix(host: HTMLElement, onScroll: () => void): Matrix {
  const grid = make('div', { role: 'grid', class: 'mx-grid', 'aria-label': 'Elements by step' })
  const scroller = make('div', { class: 'mx-scroll', hidden: true }, grid)
  const empty = make('p', { class: 'run-waits text-secondary' }, 'Loading…')
  host.replaceChildren(empty, scroller)
  scroller.addEventListener('scroll', onScroll, { passive: true })
  // A cell says on hover what it says to a screen reader.
  grid.addEventListener('mouseover', ({ target }) => {
    if (target instanceof HTMLElement && target.matches('.mx-cell')) target.title = target.getAttribute('aria-label') ?? ''
  })
  new ResizeObserver(onScroll).observe(scroller)
  const bands = new Map<number, BandView>()

  function measure(): Seen {
    const { scrollTop, clientHeight, clientWidth } = scroller
    return { from: scrollTop, to: scrollTop + clientHeight, width: clientWidth }
  }

  function isFocused(): boolean {
    return grid.contains(document.activeElement)
  }

  function draw(state: PageState, layout: Layout, seen: Seen): void {
    const { tree } = state
    if (tree === null) return
    const text = emptyText(state, layout)
    empty.hidden = text === null
    empty.textContent = text ?? ''
    scroller.hidden = text !== null
    setAttributes(grid, { 'aria-rowcount': rowCount(layout), 'aria-colcount': mostColumns(tree) + 1 })
    setStyle(grid, 'height', `${layout.height}px`)
    const { from, to } = seen
    const shown = layout.segments.filter((one) => one.y < to + AROUND && one.y + one.height > from - AROUND)
    const focus = focusOf(state, layout)
    const held = isFocused() ? state.focus?.run : undefined
    const kept = layout.segments.filter((one) => shown.includes(one) || one.run === held)
    for (const [run, view] of bands) {
      if (!kept.some((one) => one.run === run)) {
        view.node.remove()
        bands.delete(run)
      }
    }
    for (const segment of kept) {
      const band = tree.bands.get(segment.run)
      if (band !== undefined) drawBand({ state, layout, seen, focus }, segment, band)
    }
  }

  function drawBand(drawing: Drawing, segment: Segment, band: Band): void {
    let view = bands.get(band.run)
    if (view === undefined) {
      view = makeBand()
      bands.set(band.run, view)
      grid.append(view.node)
    }
    setStyle(view.node, 'top', `${segment.y}px`)
    setStyle(view.node, 'height', `${segment.height}px`)
    setStyle(view.node, '--mx-column', `${columnWidth(drawing.seen.width, band.columns.length)}px`)
    setStyle(view.node, '--mx-columns', String(band.columns.length))
    view.head.hidden = segment.headHeight === 0
    view.columns.hidden = segment.columnsHeight === 0
    if (segment.headHeight > 0) morph(view.head, headView(drawing.state.tree, band, segment))
    if (segment.columnsHeight > 0) morph(view.columns, columnsView(band))
    drawRows(drawing, segment, band, view)
  }

  function drawRows({ state, layout, seen, focus }: Drawing, segment: Segment, band: Band, view: BandView): void {
    const { from, to } = seen
    const opened = state.drawer?.opened
    const openPosition = opened?.run === band.run ? band.names.indexOf(opened.element) : -1
    const wanted = new Map<number, number>()
    for (const line of visibleLines({ segments: [segment], height: 0 }, from - AROUND, to + AROUND)) {
      if (line.kind === 'row') wanted.set(line.position, line.y)
    }
    const heldPosition = isFocused() && state.focus?.run === band.run ? state.focus.position : -1
    const spare = [...view.rows].filter(([position]) => !wanted.has(position) && position !== heldPosition)
    for (const [position] of spare) view.rows.delete(position)
    for (const [position, y] of wanted) {
      const row = view.rows.get(position) ?? spare.pop()?.[1] ?? makeRow(band.run)
      view.rows.set(position, row)
      if (row.node.parentNode === null) view.node.append(row.node)
      setStyle(row.node, 'top', `${y - segment.y}px`)
    }
    for (const [, row] of spare) row.node.remove()
    const before = rowsBefore(layout, segment)
    for (const [position, row] of view.rows) {
      const site = focus?.run === band.run && focus.position === position ? focus.site : null
      row.draw(band, position, before + position + 1, { focus: site, open: position === openPosition ? (opened?.site ?? 0) : null })
    }
  }

  return {
    measure,
    draw,
    isFocused,
    scrollTo(y) {
      const { from, to } = measure()
      if (y < from + 80 || y + ROW > to - ROW) scroller.scrollTop = Math.max(0, y - (to - from) / 2)
    },
    focus({ run, position, site }) {
      const row = bands.get(run)?.rows.get(position)
      const cell = row?.cell(site)
      cell?.focus({ preventScroll: true })
      cell?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
    },
  }
}

/** The cell that the Tab key comes to. */
function focusOf(state: PageState, layout: Layout): Focus | null {
  if (state.focus !== null) return state.focus
  const first = firstRow(layout)
  return first === null ? null : { ...first, site: 0 }
}

function emptyText(state: PageState, layout: Layout): string | null {
  const { tree, filter } = state
  if (tree === null || layout.segments.some((segment) => segment.rows > 0 || segment.headHeight > 0)) return null
  if (filter.text !== '') return `No element of this run has “${filter.text}” in its name${filter.state === null ? '' : ` and is ${lookOf(filter.state).word}`}.`
  if (filter.state !== null) return `No element is ${lookOf(filter.state).word} now. Press the count again to show all.`
  const isOver = (tree.bands.get(tree.run)?.endedAt ?? null) !== null
  return !isOver ? 'The elements appear here as soon as the run has chosen them.' : 'This run had no elements.'
}

/** Only where it differs: a variable that is written makes the browser look at the style of all that is within. */
function setStyle(node: HTMLElement, name: string, value: string): void {
  if (node.style.getPropertyValue(name) !== value) node.style.setProperty(name, value)
}

function makeBand(): BandView {
  const head = make('div', { role: 'row', class: 'mx-head' })
  const columns = make('div', { role: 'row', class: 'mx-columns' })
  return { node: make('div', { role: 'rowgroup', class: 'mx-band' }, head, columns), head, columns, rows: new Map() }
}

function headView(tree: Tree | null, band: Band, segment: Segment): HTMLElement {
  const isTop = band.run === tree?.run
  const fold = make(
    'button',
    {
      type: 'button', class: 'mx-fold', 'data-act': 'fold', 'data-run': band.run, 'data-open': segment.open ? 'false' : 'true',
      'aria-expanded': segment.open ? 'true' : 'false', 'aria-label': `${band.flow ?? ''}, run ${band.run}`,
    },
    icon(segment.open ? 'chevron-down' : 'chevron-right'),
  )
  const told = COUNT_ORDER.filter((one) => (band.counts[one] ?? 0) > 0).map((one) => `${band.counts[one] ?? 0} ${lookOf(one).word}`)
  const cell = make(
    'div', { role: 'gridcell', class: 'mx-head-cell' },
    fold,
    isTop ? make('strong', {}, band.flow) : make('a', { href: `/runs/${band.run}/` }, band.flow),
    stateBadge(band.state),
    make('span', { class: 'text-secondary mx-told' }, [callerText(tree, band), told.join(', ')].filter((text) => text !== '').join(' · ')),
  )
  cell.style.paddingLeft = `${segment.depth * 16 + 4}px`
  return make('div', { role: 'row', class: 'mx-head' }, cell)
}

function callerText(tree: Tree | null, band: Band): string {
  if (band.parent === null || band.site === null) return ''
  const parent = tree?.bands.get(band.parent)
  const step = parent === undefined ? `step ${band.site}` : siteName(parent, band.site)
  const who = band.callersTotal === 1 ? (band.callers[0] ?? '') : elementsText(band.callersTotal)
  const turn = (band.turn ?? 1) > 1 ? `, ×${band.turn ?? 1}` : ''
  return `called by ${who} at ${step}${turn}`
}

function columnsView(band: Band): HTMLElement {
  const heads = band.columns.map((column, index) => {
    const [site, step, name, line] = column
    const isFirst = isRefresh(site)
    const title = isFirst ? `${columnName(column)} (before the script)` : `${columnName(column)} (${step}, line ${line})`
    return make(
      'div', { role: 'columnheader', class: isFirst ? 'mx-column mx-refresh' : 'mx-column', 'aria-colindex': index + 2, title },
      make('span', { class: 'mx-number' }, isFirst ? 'refresh' : String(site)), make('span', { class: 'mx-step' }, isFirst ? (name ?? step) : stepPhrase(step, name)),
    )
  })
  const corner = make('div', { role: 'columnheader', class: 'mx-corner', 'aria-colindex': 1 }, elementsText(band.names.length))
  return make('div', { role: 'row', class: 'mx-columns' }, corner, ...heads)
}

function columnWidth(available: number, columns: number): number {
  const label = available < 500 ? 168 : 220
  return Math.max(NARROWEST, Math.min(WIDEST, Math.floor((available - label - 2) / Math.max(1, columns))))
}

function rowCount(layout: Layout): number {
  return layout.segments.reduce((sum, one) => sum + one.rows + (one.headHeight > 0 ? 1 : 0) + (one.columnsHeight > 0 ? 1 : 0), 0)
}

function rowsBefore(layout: Layout, segment: Segment): number {
  const before = layout.segments.slice(0, layout.segments.indexOf(segment))
  return rowCount({ segments: before, height: 0 }) + (segment.headHeight > 0 ? 1 : 0) + (segment.columnsHeight > 0 ? 1 : 0)
}

function mostColumns(tree: Tree): number {
  return Math.max(0, ...[...tree.bands.values()].map((band) => band.columns.length))
}
