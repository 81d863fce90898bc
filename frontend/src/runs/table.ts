/** The table of runs. A row stays the same element as long as its run is shown, and only cells whose content has
 * changed are drawn, so that what is under the pointer, or has the focus, stays. */
import { make } from '../lib/dom'
import { stateBadge } from '../lib/states'
import { withoutCount } from '../lib/thresholds'
import { shownDuration, timeElement } from '../lib/times'
import { tryMark } from '../lib/tries'
import type { RunSummary } from '../wire/types'
import { countStrip, countWords } from './strip'

export interface Column<Row extends RunSummary> {
  readonly title: string
  readonly name: string
  /** What the cell shows, as text: it is drawn anew when this changes. */
  readonly key: (run: Row, now: number) => string
  readonly draw: (run: Row, now: number) => readonly (Node | string)[]
}

export const NAME: Column<RunSummary> = { title: 'Run', name: 'run', key: (run) => `${run.version ?? ''}`, draw: drawName }
export const STATE: Column<RunSummary> = { title: 'State', name: 'state', key: (run) => `${run.state} ${run.reason}`, draw: drawState }
export const ELEMENTS: Column<RunSummary> = { title: 'Elements', name: 'elements', key: (run) => countWords(run.counts), draw: drawCounts }
export const STARTER: Column<RunSummary> = { title: 'Started by', name: 'by', key: (run) => run.started_by, draw: drawStarter }
export const START: Column<RunSummary> = { title: 'Started', name: 'at', key: (run) => run.started_at ?? '', draw: drawStart }
export const TOOK: Column<RunSummary> = { title: 'Took', name: 'took', key: tookWords, draw: (run, now) => [tookWords(run, now)] }

/** An empty table of these columns; `drawRows` takes the same ones. */
export function runTable<Row extends RunSummary>(caption: string, columns: readonly Column<Row>[]): HTMLTableElement {
  const heads = columns.map((column) => make('th', { scope: 'col', role: 'columnheader', class: `run-${column.name}` }, column.title))
  return make(
    'table',
    { class: 'table table-hover run-table', role: 'table' },
    make('caption', { class: 'visually-hidden' }, caption),
    make('thead', { role: 'rowgroup' }, make('tr', { role: 'row' }, ...heads)),
    make('tbody', { role: 'rowgroup' }),
  )
}

/** Makes the table's rows those of these runs, in this order. `now` is in milliseconds. */
export function drawRows<Row extends RunSummary>(
  table: HTMLTableElement,
  columns: readonly Column<Row>[],
  runs: readonly Row[],
  now: number,
): void {
  const body = table.tBodies[0]
  if (body === undefined) return
  const there = new Map([...body.rows].map((row) => [row.dataset['run'], row]))
  runs.forEach((run, index) => {
    const row = there.get(String(run.id)) ?? emptyRow(run.id, columns)
    there.delete(String(run.id))
    drawRow(row, columns, run, now)
    if (body.rows[index] !== row) body.insertBefore(row, body.rows[index] ?? null)
  })
  for (const row of there.values()) row.remove()
}

function emptyRow<Row extends RunSummary>(run: number, columns: readonly Column<Row>[]): HTMLTableRowElement {
  const cells = columns.map((column) => make('td', { role: 'cell', class: `run-${column.name}` }))
  return make('tr', { 'data-run': run, role: 'row' }, ...cells)
}

function drawRow<Row extends RunSummary>(row: HTMLTableRowElement, columns: readonly Column<Row>[], run: Row, now: number): void {
  columns.forEach((column, index) => {
    const cell = row.cells[index]
    const key = column.key(run, now)
    if (cell === undefined || cell.dataset['key'] === key) return
    cell.dataset['key'] = key
    cell.replaceChildren(...column.draw(run, now))
  })
}

function drawName(run: RunSummary): Node[] {
  const version = run.version === null ? '' : ` · version ${run.version}`
  return [
    make('a', { href: `/runs/${run.id}/`, class: 'stretched-link' }, make('span', { class: 'text-secondary' }, `#${run.id}`), ` ${run.flow}`),
    make('div', { class: 'text-secondary small' }, ...(run.is_try ? [tryMark(), ' '] : []), `${run.mode === 'serial' ? 'Serial' : 'Parallel'}${version}`),
  ]
}

function drawState(run: RunSummary): Node[] {
  const reason = run.reason === '' ? [] : [make('div', { class: 'run-why text-secondary small', title: run.reason }, withoutCount(run.reason))]
  return [stateBadge(run.state), ...reason]
}

function drawCounts(run: RunSummary): (Node | string)[] {
  const words = countWords(run.counts)
  return words === '' ? ['–'] : [countStrip(run.counts), make('div', { class: 'small' }, words)]
}

function drawStarter(run: RunSummary): Node[] {
  const reason = run.run_reason === '' ? [] : [make('div', { class: 'run-why text-secondary small', title: run.run_reason }, run.run_reason)]
  return [make('div', {}, run.started_by), ...reason]
}

function drawStart(run: RunSummary): Node[] {
  if (run.started_at === null) return [make('span', { class: 'text-secondary' }, 'not yet')]
  return [timeElement(run.started_at)]
}

/** How long it took, or has taken until now. */
export function tookWords(run: RunSummary, now: number): string {
  if (run.started_at === null) return '–'
  const end = run.ended_at === null ? now : Date.parse(run.ended_at)
  return shownDuration(end - Date.parse(run.started_at))
}
