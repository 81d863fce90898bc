/** The board as a grid: one tab stop with arrow keys, only the rows in view are drawn. */
import { make } from '../lib/dom'
import { icon } from '../lib/icons'
import { morphChildren } from '../lib/morph'
import { cellText, isHatched, playedAt, stepName, stepTitle, toldCell, toldUnknown, type Board, type Cell, type Played, type Row, type ViewColumn } from './dock_board'
import { cellName, type Moves } from './dock_moves'
import type { DraftPlan } from './documents'
import { counted } from './words'

const ROW_PX = 24
const EXTRA_ROWS = 6
/** A mouse on its way elsewhere points at nothing. */
const RESTS_MS = 70
const LEAST_REM = 7
const MOST_REM = 15
const REM_OF_A_LETTER = 0.5
/** The number of the step and the way to fold it. */
const REM_BESIDE = 3.5

export interface GridDrawing {
  readonly plan: DraftPlan
  readonly board: Board
  readonly moves: Moves
  /** The wave that is played, 0 for none. */
  readonly wave: number
  /** The place of the plan's column that is lit. */
  readonly lit: number | null
}

export interface GridActs {
  /** The pointer rests on a column of the plan, or on none. */
  readonly hinted: (place: number | null) => void
  /** A column of the plan is chosen; `isMeant` by a click or Enter, else the focus came to it. */
  readonly pointed: (place: number, isMeant: boolean) => void
  readonly folded: (key: string) => void
}

interface Spot {
  /** -1 is the head. */
  readonly row: number
  /** -1 is the element's name. */
  readonly column: number
}

const MARKS: Readonly<Record<Played, string>> = { done: '✓', now: '▸', next: '' }

export class Grid {
  readonly element = make('div', { class: 'dk-scroll' })
  private readonly grid = make('div', { class: 'dk-grid', role: 'grid', 'aria-label': 'Plan: elements and steps' })
  private readonly head = make('div', { class: 'dk-head', role: 'rowgroup' })
  private readonly body = make('div', { class: 'dk-body', role: 'rowgroup' })
  private drawing: GridDrawing | null = null
  private spot: Spot = { row: -1, column: 0 }
  private rests = 0
  private over = -1
  private hinted: number | null = null

  constructor(private readonly acts: GridActs) {
    this.grid.append(this.head, this.body)
    this.element.append(this.grid)
    this.element.addEventListener('scroll', () => this.drawRows(), { passive: true })
    new ResizeObserver(() => this.drawRows()).observe(this.element)
    this.grid.addEventListener('keydown', (event) => this.hearKey(event))
    this.grid.addEventListener('click', (event) => this.hearClick(event))
    this.grid.addEventListener('pointerover', (event) => this.hearPointer(event))
    this.grid.addEventListener('pointerleave', () => {
      window.clearTimeout(this.rests)
      this.over = -1
      this.acts.hinted(null)
    })
    this.grid.addEventListener('focusin', (event) => this.hearFocus(event))
  }

  draw(drawing: GridDrawing): void {
    this.drawing = drawing
    const { board, plan } = drawing
    this.spot = {
      row: Math.min(this.spot.row, board.rows.length - 1),
      column: Math.min(this.spot.column, board.columns.length - 1),
    }
    this.grid.style.setProperty('--columns', String(board.columns.length))
    this.grid.style.setProperty('--most', `${widthOf(board.columns)}rem`)
    this.grid.setAttribute('aria-rowcount', String(plan.rows_total + 1))
    this.grid.setAttribute('aria-colcount', String(board.columns.length + 1))
    const bands = board.bands.length === 0 ? [] : [this.bandRow(board)]
    morphChildren(this.head, [...bands, this.headRow(drawing)])
    this.body.style.height = `${board.rows.length * ROW_PX}px`
    this.drawRows()
  }

  /** Marks a column of the plan that is pointed at somewhere else, or here. */
  hint(place: number | null): void {
    if (place === this.hinted) return
    this.hinted = place
    if (this.drawing !== null) this.draw(this.drawing)
  }

  private drawRows(): void {
    const { drawing } = this
    if (drawing === null) return
    const { rows } = drawing.board
    const top = this.element.scrollTop
    const first = Math.max(0, Math.floor(top / ROW_PX) - EXTRA_ROWS)
    const last = Math.min(rows.length, Math.ceil((top + this.element.clientHeight) / ROW_PX) + EXTRA_ROWS)
    // The row with the focus stays wherever it is, at its place among the others: one that is moved loses the focus.
    const places = rows.map((_, place) => place).filter((place) => (place >= first && place < last) || place === this.spot.row)
    const names = new Set(places.map((place) => rows[place]?.name))
    for (const old of [...this.body.children]) if (!names.has(old.getAttribute('data-key') ?? '')) old.remove()
    const drawn = places.flatMap((place) => {
      const row = rows[place]
      return row === undefined ? [] : [this.bodyRow(drawing, row, place)]
    })
    morphChildren(this.body, drawn)
  }

  // --- rows ---------------------------------------------------------------------------------------------------------

  private bandRow({ bands }: Board): HTMLElement {
    const told = bands.map(({ label, depth, from, to }) => {
      const band = make('div', { class: 'dk-band', 'data-depth': Math.min(depth, 3), title: `Steps of ${label}` }, make('span', {}, label))
      band.style.gridColumn = `${from + 2} / ${to + 2}`
      return band
    })
    return make('div', { class: 'dk-row dk-bands', 'aria-hidden': 'true', 'data-key': 'bands' }, ...told)
  }

  private headRow({ board, plan, lit }: GridDrawing): HTMLElement {
    const corner = make('div', { class: 'dk-name', role: 'columnheader', 'aria-colindex': 1, 'data-key': 'corner' }, counted(plan.rows_total, 'element'))
    const cells = board.columns.map((column, at) => this.headCell(column, at, column.place === lit))
    return make('div', { class: 'dk-row', role: 'row', 'aria-rowindex': 1, 'data-key': 'head' }, corner, ...cells)
  }

  private headCell(view: ViewColumn, at: number, isLit: boolean): HTMLElement {
    const { column, holds, isFolded } = view
    const title = stepTitle(column)
    const folds =
      holds === 0
        ? null
        : make('span', { class: 'dk-folds', 'data-fold': view.key, title: isFolded ? `Show its ${holds} steps` : 'Hide its steps' }, icon(isFolded ? 'chevron-right' : 'chevron-down'))
    const words = holds === 0 ? title : `${title}, ${isFolded ? `${holds} steps hidden, Space shows them` : 'Space hides its steps'}`
    return make(
      'div',
      {
        class: `dk-step${isLit ? ' is-lit' : ''}${view.place === this.hinted ? ' is-hinted' : ''}${column.may_run ? ' is-unknown' : ''}`, role: 'columnheader', 'aria-colindex': at + 2,
        'aria-label': words, title, tabindex: this.tabAt(-1, at), 'data-at': at, 'data-row': -1, 'data-key': view.key,
        'data-depth': Math.min(column.depth, 3), 'aria-expanded': holds === 0 ? null : String(!isFolded),
      },
      make('span', { class: 'dk-site' }, String(column.site)),
      make('span', { class: 'dk-what' }, stepName(column)),
      folds,
    )
  }

  private bodyRow(drawing: GridDrawing, row: Row, place: number): HTMLElement {
    const isMoved = drawing.moves.rows.has(row.name)
    const name = make('div', { class: `dk-name${isMoved ? ' is-moved' : ''}`, role: 'rowheader', 'aria-colindex': 1, title: row.name, 'data-key': 'name' }, row.name)
    const cells = drawing.board.columns.map((view, at) => this.cell(drawing, row, place, view, row.cells[at] ?? null, at))
    const element = make('div', { class: 'dk-row', role: 'row', 'aria-rowindex': place + 2, 'data-key': row.name }, name, ...cells)
    element.style.setProperty('--top', `${place * ROW_PX}px`)
    return element
  }

  private cell(drawing: GridDrawing, row: Row, place: number, view: ViewColumn, cell: Cell | null, at: number): HTMLElement {
    const { plan, board, moves, wave, lit } = drawing
    const saysWhy = board.unknown?.row === place && board.unknown.column === at
    const played = cell === null || wave === 0 ? null : playedAt(cell, wave)
    const classes = [
      'dk-cell',
      view.place === lit ? 'is-lit' : '',
      view.place === this.hinted ? 'is-hinted' : '',
      isHatched(row, view.column, cell) ? 'is-unknown' : '',
      moves.cells.has(cellName(row.name, view.key)) ? 'is-moved' : '',
      played === null ? '' : `is-${played}`,
      saysWhy ? 'has-words' : '',
    ]
    const told = toldCell(plan, row, view.column, cell)
    return make(
      'div',
      {
        class: classes.filter((one) => one !== '').join(' '), role: 'gridcell', 'aria-colindex': at + 2, 'aria-label': told, title: told,
        tabindex: this.tabAt(place, at), 'data-at': at, 'data-row': place, 'data-key': view.key,
      },
      played === null || MARKS[played] === '' ? null : make('span', { class: 'dk-mark', 'aria-hidden': 'true' }, MARKS[played]),
      saysWhy ? make('span', { class: 'dk-why', 'aria-hidden': 'true' }, toldUnknown(plan)) : null,
      cell === null ? '' : cellText(cell),
    )
  }

  private tabAt(row: number, column: number): number {
    return this.spot.row === row && this.spot.column === column ? 0 : -1
  }

  // --- pointing -----------------------------------------------------------------------------------------------------

  private hearPointer(event: PointerEvent): void {
    const at = placeOf(event.target)
    if (at === null || at.column === this.over) return
    this.over = at.column
    window.clearTimeout(this.rests)
    const place = this.drawing?.board.columns[at.column]?.place
    if (event.pointerType === 'mouse' && place !== undefined) this.rests = window.setTimeout(() => this.acts.hinted(place), RESTS_MS)
  }

  private hearFocus(event: FocusEvent): void {
    const at = placeOf(event.target)
    if (at === null) return
    if (at.row !== this.spot.row || at.column !== this.spot.column) {
      this.spot = at
      if (this.drawing !== null) this.draw(this.drawing)
    }
    this.point(at.column, false)
  }

  private hearClick(event: MouseEvent): void {
    const fold = event.target instanceof Element ? event.target.closest('[data-fold]') : null
    const key = fold?.getAttribute('data-fold') ?? null
    if (key !== null) {
      this.acts.folded(key)
      return
    }
    const at = placeOf(event.target)
    if (at === null) return
    this.go(at)
    this.point(at.column, true)
  }

  private point(column: number, isMeant: boolean): void {
    const view = this.drawing?.board.columns[column]
    if (view !== undefined) this.acts.pointed(view.place, isMeant)
  }

  private hearKey(event: KeyboardEvent): void {
    const { drawing } = this
    if (drawing === null || event.ctrlKey || event.metaKey || event.altKey) return
    const view = drawing.board.columns[this.spot.column]
    if (event.key === 'Enter') this.point(this.spot.column, true)
    else if (event.key === ' ' && this.spot.row === -1 && view !== undefined && view.holds > 0) this.acts.folded(view.key)
    else {
      const to = moved(this.spot, event.key, drawing.board, Math.max(1, Math.floor(this.element.clientHeight / ROW_PX) - 2))
      if (to === null) return
      this.go(to)
    }
    event.preventDefault()
    event.stopPropagation()
  }

  private go(to: Spot): void {
    this.spot = to
    if (this.drawing !== null) this.draw(this.drawing)
    const cell = this.grid.querySelector(`[data-row="${to.row}"][data-at="${to.column}"]`)
    if (!(cell instanceof HTMLElement)) return
    cell.focus({ preventScroll: true })
    this.bringIntoView(to, cell)
  }

  /** Head and names stand over what they would hide. */
  private bringIntoView(to: Spot, cell: HTMLElement): void {
    const { element, head } = this
    const top = to.row * ROW_PX
    const room = element.clientHeight - head.offsetHeight
    if (to.row >= 0 && top < element.scrollTop) element.scrollTop = top
    else if (to.row >= 0 && top + ROW_PX > element.scrollTop + room) element.scrollTop = top + ROW_PX - room
    const name = head.querySelector('.dk-name')
    const names = name instanceof HTMLElement ? name.offsetWidth : 0
    const left = cell.offsetLeft
    if (left - names < element.scrollLeft) element.scrollLeft = left - names
    else if (left + cell.offsetWidth > element.scrollLeft + element.clientWidth) element.scrollLeft = left + cell.offsetWidth - element.clientWidth
  }
}

/** Rem for the longest heading; a long one ends in dots, a short one leaves its column room for a wave. */
function widthOf(columns: readonly ViewColumn[]): number {
  const longest = Math.max(0, ...columns.map(({ column }) => stepName(column).length))
  return Math.min(MOST_REM, Math.max(LEAST_REM, longest * REM_OF_A_LETTER + REM_BESIDE))
}

function moved(from: Spot, key: string, board: Board, page: number): Spot | null {
  const lastRow = board.rows.length - 1
  const lastColumn = board.columns.length - 1
  const { row, column } = from
  switch (key) {
    case 'ArrowDown':
      return { row: Math.min(row + 1, lastRow), column }
    case 'ArrowUp':
      return { row: Math.max(row - 1, -1), column }
    case 'ArrowRight':
      return { row, column: Math.min(column + 1, lastColumn) }
    case 'ArrowLeft':
      return { row, column: Math.max(column - 1, 0) }
    case 'PageDown':
      return { row: Math.min(row + page, lastRow), column }
    case 'PageUp':
      return { row: Math.max(row - page, -1), column }
    case 'Home':
      return { row, column: 0 }
    case 'End':
      return { row, column: lastColumn }
    default:
      return null
  }
}

function placeOf(target: EventTarget | null): Spot | null {
  const cell = target instanceof Element ? target.closest('[data-at]') : null
  if (!(cell instanceof HTMLElement)) return null
  return { row: Number(cell.dataset['row']), column: Number(cell.dataset['at']) }
}
