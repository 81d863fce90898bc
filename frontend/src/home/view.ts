/** Home as a function of its state. */
import { make, may } from '../lib/dom'
import { icon } from '../lib/icons'
import { stateBadge } from '../lib/states'
import { shownDuration, timeElement } from '../lib/times'
import { countStrip, progressOf, tally } from '../runs/strip'
import { type Column, drawRows, NAME, runTable, STATE, TOOK } from '../runs/table'
import type { RunSummary } from '../wire/types'
import { comingOf, type Failing, type Overview, runningOf, type State, type Trouble } from './state'

const PROGRESS: Column<RunSummary> = {
  title: 'Elements',
  name: 'elements',
  key: (run) => JSON.stringify(run.counts),
  draw: (run) => [countStrip(run.counts), make('div', { class: 'small' }, progressWords(run))],
}
const FAILING: Column<Trouble> = { title: 'Where', name: 'where', key: (run) => JSON.stringify([run.failing, othersIn(run)]), draw: drawWhere }
const ENDED: Column<Trouble> = {
  title: 'When',
  name: 'at',
  key: (run) => `${run.ended_at ?? ''} ${run.times}`,
  draw: (run) => (run.ended_at === null ? ['not over'] : [timeElement(run.ended_at), againWords(run.times)]),
}
const RUNNING = [NAME, STATE, PROGRESS, TOOK]
const TROUBLES: readonly Column<Trouble>[] = [NAME, STATE, FAILING, ENDED]

export interface Part {
  readonly table: HTMLTableElement
  readonly empty: HTMLDivElement
}

export interface Parts {
  readonly running: Part
  readonly troubles: Part
  readonly next: HTMLElement
  readonly elements: HTMLElement
}

export function makeParts(find: (id: string) => HTMLElement): Parts {
  return {
    running: part(find('running'), runTable('Runs that go on', RUNNING), make('div', { class: 'home-empty' })),
    troubles: part(find('troubles'), runTable('Runs that need a look', TROUBLES), nothingFailed()),
    next: find('next'),
    elements: find('elements'),
  }
}

export function draw(parts: Parts, state: State, now: number): void {
  const running = runningOf(state)
  show(parts.running, running.length)
  redraw(parts.running.empty, String(state.isTold), () => (state.isTold ? nothingRuns() : ['Loading…']))
  drawRows(parts.running.table, RUNNING, running, now)
  show(parts.troubles, state.overview.troubles.length)
  drawRows(parts.troubles.table, TROUBLES, state.overview.troubles, now)
  const coming = comingOf(state.overview.starts, now)
  redraw(parts.next, JSON.stringify(coming.map(({ start, at }) => [start.id, at, awayWords(at, now)])), () => drawNext(coming, now))
  redraw(parts.elements, JSON.stringify(state.overview.elements), () => drawElements(state.overview.elements))
}

function part(place: HTMLElement, table: HTMLTableElement, empty: HTMLDivElement): Part {
  place.replaceChildren(table, empty)
  return { table, empty }
}

function show(of: Part, rows: number): void {
  of.table.hidden = rows === 0
  of.empty.hidden = rows > 0
}

function nothingRuns(): (Node | string)[] {
  return may('flow.run') ? ['Nothing runs now. ', make('a', { href: '/flows/' }, 'Choose a flow to run'), '.'] : ['Nothing runs now.']
}

function nothingFailed(): HTMLDivElement {
  return make('div', { class: 'home-empty tone-good' }, icon('circle-check'), 'No run has failed in the last seven days.')
}

function progressWords(run: RunSummary): string {
  const { over, all } = progressOf(run.counts)
  return all === 0 ? 'not known yet' : `${over} of ${all} done`
}

function drawWhere(run: Trouble): (Node | string)[] {
  if (run.failing === null) return ['–']
  const { element, name, site } = run.failing
  const where = make('a', { href: cellAddress(run.id, run.failing), class: 'over-row' }, `${element}, step ${site}`)
  const others = othersIn(run)
  const more = others === 0 ? '' : ` and ${others} more ${others === 1 ? 'element' : 'elements'}`
  return [where, more, make('div', { class: 'text-secondary small' }, name ?? '')]
}

/** Elements that failed beside the one that is shown. */
function othersIn({ counts }: Trouble): number {
  return Math.max(0, (counts.failed ?? 0) + (counts.unreachable ?? 0) - 1)
}

function againWords(times: number): Node | string {
  return times < 2 ? '' : make('div', { class: 'text-secondary small' }, `${times} times in 7 days`)
}

/** The run page opens with the drawer of this cell. */
export function cellAddress(run: number, failing: Failing): string {
  return `/runs/${run}/#/run/${failing.run}/element/${encodeURIComponent(failing.element)}/site/${failing.site}`
}

function drawNext(coming: ReturnType<typeof comingOf>, now: number): Node[] {
  if (coming.length === 0) {
    const how = may('schedule.change')
      ? [' ', make('a', { href: '/admin/flows/schedule/add/' }, 'Make a schedule'), '.']
      : [' An administrator makes schedules.']
    return [make('div', { class: 'home-empty' }, 'Nothing starts by itself.', ...how)]
  }
  const lines = coming.map(({ start, at }) =>
    make(
      'li',
      {},
      make('div', {}, make('a', { href: `/flows/${start.flow_id}/` }, start.flow), make('div', { class: 'text-secondary small' }, start.schedule)),
      make('div', { class: 'home-when' }, timeElement(at), make('div', { class: 'text-secondary small' }, awayWords(at, now))),
    ),
  )
  return [make('ul', { class: 'home-list' }, ...lines)]
}

/** "in 4 min", "in 3 d 4 h": seconds only when it is close. */
function awayWords(at: string, now: number): string {
  const away = Date.parse(at) - now
  const words = shownDuration(away)
  return `in ${away < 60_000 ? words : words.replace(/ \d+ s$/, '')}`
}

function drawElements(elements: Overview['elements']): Node[] {
  const states = tally(elements.by_state)
  if (states.length === 0 && elements.never_run === 0 && elements.disabled === 0) {
    const add = may('inventory.change') ? [' ', make('a', { href: '/elements/new/' }, 'Add one'), '.'] : []
    return [make('div', { class: 'home-empty' }, 'There are no elements yet.', ...add)]
  }
  const lines = states.map(([state, count]) => make('li', {}, stateBadge(state), make('span', { class: 'number' }, String(count))))
  const others = [
    ['not in a run yet', elements.never_run],
    ['disabled', elements.disabled],
  ] as const
  const more = others
    .filter(([, count]) => count > 0)
    .map(([word, count]) => make('li', {}, make('span', { class: 'text-secondary' }, word), make('span', { class: 'number' }, String(count))))
  return [make('div', { class: 'home-strip' }, countStrip(elements.by_state)), make('ul', { class: 'home-list' }, ...lines, ...more)]
}

function redraw(element: HTMLElement, key: string, nodes: () => readonly (Node | string)[]): void {
  if (element.dataset['key'] === key) return
  element.dataset['key'] = key
  element.replaceChildren(...nodes())
}
