/** The list as a function of its state: a notice of new runs, the table or why it is empty, the pages. */
import { make, may } from '../lib/dom'
import { icon } from '../lib/icons'
import { addressOf, isFiltered } from './filters'
import type { State } from './state'
import { drawRows, ELEMENTS, NAME, runTable, START, STARTER, STATE, TOOK } from './table'

const COLUMNS = [NAME, STATE, ELEMENTS, STARTER, START, TOOK]

export interface Parts {
  readonly news: HTMLButtonElement
  readonly problem: HTMLDivElement
  readonly table: HTMLTableElement
  readonly empty: HTMLDivElement
  readonly pages: HTMLElement
}

export function makeParts(place: HTMLElement): Parts {
  const parts: Parts = {
    news: make('button', { class: 'btn btn-sm run-news', type: 'button', hidden: true }),
    problem: make('div', { class: 'alert alert-danger', role: 'alert', hidden: true }),
    table: runTable('Runs, the newest first', COLUMNS),
    empty: make('div', { class: 'empty-state', hidden: true }),
    pages: make('nav', { class: 'run-pages', 'aria-label': 'Pages of the list' }),
  }
  const card = make('div', { class: 'card' }, parts.table, parts.empty)
  place.replaceChildren(parts.problem, make('div', { role: 'status' }, parts.news), card, parts.pages)
  return parts
}

export function draw(parts: Parts, state: State, now: number): void {
  parts.problem.hidden = state.problem === ''
  setText(parts.problem, state.problem)
  parts.news.hidden = state.waiting.length === 0
  setText(parts.news, state.waiting.length === 1 ? 'Show 1 new run' : `Show ${state.waiting.length} new runs`)
  parts.table.hidden = state.rows.length === 0
  drawRows(parts.table, COLUMNS, state.rows, now)
  parts.empty.hidden = state.rows.length > 0
  redraw(parts.empty, state.rows.length > 0 ? '' : String(state.any), () => whyEmpty(state))
  redraw(parts.pages, `${state.page} ${state.pages} ${state.total} ${addressOf(state.filters, 1)}`, () => pager(state))
}

function whyEmpty(state: State): Node[] {
  if (isFiltered(state.filters) && state.any) {
    const clear = make('a', { class: 'btn', href: '/runs/' }, icon('x'), '\u00a0Clear filters')
    return [icon('filter'), make('p', {}, 'No run matches these filters.'), clear]
  }
  const flows = make('a', { class: 'btn btn-primary', href: '/flows/' }, icon('route'), '\u00a0Flows')
  const what = may('flow.run') ? 'Open a flow and press Run: it appears here at once.' : 'Runs appear here as soon as somebody starts one.'
  return [icon('history'), make('p', {}, `Nothing has run yet. ${what}`), flows]
}

function pager(state: State): Node[] {
  const first = (state.page - 1) * state.size + 1
  const words = state.total === 1 ? '1 run' : `${state.total} runs`
  if (state.pages === 1) return state.total === 0 ? [] : [make('span', {}, words)]
  const shown = `${first}–${Math.min(first + state.size - 1, state.total)} of ${words}`
  return [step(state, -1, 'Newer'), make('span', {}, shown), step(state, 1, 'Older')]
}

function step(state: State, by: number, word: string): Node {
  const page = state.page + by
  if (page < 1 || page > state.pages) return make('span', { class: 'btn disabled', 'aria-disabled': 'true' }, word)
  return make('a', { class: 'btn', href: `/runs/${addressOf(state.filters, page)}`, rel: by < 0 ? 'prev' : 'next' }, word)
}

function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text
}

function redraw(element: HTMLElement, key: string, make: () => Node[]): void {
  if (element.dataset['key'] === key) return
  element.dataset['key'] = key
  element.replaceChildren(...(key === '' ? [] : make()))
}
