/** The table of runs. A row stays the same element as long as its run is shown, and only cells whose content has
 * changed are drawn, so that what is under the pointer, or has the focus, stays. */
import { make } from '../lib/dom'
import { stateBadge } from '../lib/states'
import { shownDuration, timeElement } from '../lib/times'
import type { RunSummary } from '../wire/types'
import { countStrip, countWords } from './strip'

interface Column {
  readonly title: string
  readonly name: string
  /** What the cell shows, as text: it is drawn anew when this changes. */
  readonly key: (run: RunSummary, now: number) => string
  readonly draw: (run: RunSummary, now: number) => readonly (Node | string)[]
}

const COLUMNS: readonly Column[] = [
  { title: 'Run', name: 'run', key: (run) => `${run.version ?? ''}`, draw: drawName },
  { title: 'State', name: 'state', key: (run) => `${run.state} ${run.reason}`, draw: drawState },
  { title: 'Elements', name: 'elements', key: (run) => countWords(run.counts), draw: drawCounts },
  { title: 'Started by', name: 'by', key: (run) => run.started_by, draw: drawStarter },
  { title: 'Started', name: 'at', key: (run) => run.started_at ?? '', draw: drawStart },
  { title: 'Took', name: 'took', key: tookWords, draw: (run, now) => [tookWords(run, now)] },
]

export function runTable(caption: string): HTMLTableElement {
  const heads = COLUMNS.map((column) => make('th', { scope: 'col', role: 'columnheader', class: `run-${column.name}` }, column.title))
  return make(
    'table',
    { class: 'table table-hover run-table', role: 'table' },
    make('caption', { class: 'visually-hidden' }, caption),
    make('thead', { role: 'rowgroup' }, make('tr', { role: 'row' }, ...heads)),
    make('tbody', { role: 'rowgroup' }),
  )
}

/** Makes the table's rows those of these runs, in this order. `now` is in milliseconds. */
export function drawRows(table: HTMLTableElement, runs: readonly RunSummary[], now: number): void {
  const body = table.tBodies[0]
  if (body === undefined) return
  const there = new Map([...body.rows].map((row) => [row.dataset['run'], row]))
  runs.forEach((run, index) => {
    const row = there.get(String(run.id)) ?? emptyRow(run)
    there.delete(String(run.id))
    drawRow(row, run, now)
    if (body.rows[index] !== row) body.insertBefore(row, body.rows[index] ?? null)
  })
  for (const row of there.values()) row.remove()
}

function emptyRow(run: RunSummary): HTMLTableRowElement {
  const cells = COLUMNS.map((column) => make('td', { role: 'cell', class: `run-${column.name}` }))
  return make('tr', { 'data-run': run.id, role: 'row' }, ...cells)
}

function drawRow(row: HTMLTableRowElement, run: RunSummary, now: number): void {
  COLUMNS.forEach((column, index) => {
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
    make('div', { class: 'text-secondary small' }, `${run.mode === 'serial' ? 'Serial' : 'Parallel'}${version}`),
  ]
}

function drawState(run: RunSummary): Node[] {
  const reason = run.reason === '' ? [] : [make('div', { class: 'run-why text-secondary small', title: run.reason }, run.reason)]
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
