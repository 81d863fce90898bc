/** Beside the card Order: the order that results, what was dropped and why, how old the facts are that were read. */
import { make } from '../lib/dom'
import { icon } from '../lib/icons'
import { morphChildren } from '../lib/morph'
import type { OrderPreview, OrderRow, ReadKey } from './documents'
import { agesOf, factText, isByHand, missingIn, readerOf } from './order_words'
import { starters, withLine, type Starter } from './starters'
import type { Page, State } from './state'
import { ageWords, counted } from './words'

const MOST_DROPPED = 200
const OLD_MS = 24 * 3600 * 1000
const STALE = 'A run takes these facts as they are. To read them first, add a task under “Read facts first” in Rules.'

export class OrderCard {
  constructor(
    private readonly place: HTMLElement,
    private readonly page: Page,
  ) {
    place.classList.add('side')
    place.addEventListener('click', (event) => {
      const button = event.target instanceof Element ? event.target.closest('button[data-line]') : null
      if (button instanceof HTMLButtonElement) this.put(button.dataset['line'] ?? '')
    })
  }

  draw(state: State): void {
    if (state.card === 'order') morphChildren(this.place, viewOf(state, Date.now()))
  }

  private put(line: string): void {
    const { text } = this.page.state().sides.processing
    this.page.dispatch({ type: 'text-edited', script: 'processing', text: withLine(text, line) })
  }
}

function viewOf(state: State, now: number): readonly Node[] {
  const { answer, isAsking, problem } = state.order
  const isEmpty = state.sides.processing.text.trim() === ''
  return [
    make('h2', { 'data-key': 'title' }, 'Resulting order'),
    make('p', { class: 'side-count', role: 'status', 'data-key': 'count' }, ...countOf(answer, isAsking, problem, state)),
    ...(answer?.problem && !isNamedLater(state, answer.problem) ? [problemOf(answer.problem)] : []),
    ...(isEmpty && state.canWrite ? [startersOf(starters(state.names))] : []),
    ...(answer === null ? [] : [...tableOf(answer, now), ...droppedOf(answer), ...keysOf(answer, state, now)]),
  ]
}

function countOf(answer: OrderPreview | null, isAsking: boolean, problem: string | null, state: State): readonly (Node | string)[] {
  if (problem !== null) return [make('span', { class: 'is-wrong' }, icon('alert-triangle'), `Not sorted: ${problem}`)]
  if (answer === null) return [isAsking ? 'sorting…' : '']
  if (answer.problem !== null) return [isNamedLater(state, answer.problem) ? 'Its elements are named at each start; there are none to sort here.' : '']
  if (answer.selected === 0) return ['No element matches the target.']
  const kept = answer.kept === answer.selected ? counted(answer.kept, 'element') : `${answer.kept} of ${counted(answer.selected, 'element')}`
  const shown = answer.kept > answer.rows.length ? `, the first ${answer.rows.length}` : ''
  return [`${kept} in this order${shown}${isAsking ? ' …' : ''}`]
}

/** A flow without a target has no elements to sort before it starts: nothing is wrong. */
function isNamedLater({ other }: State, { line }: NonNullable<OrderPreview['problem']>): boolean {
  return other.target === null && line === 0
}

function problemOf({ line, message }: NonNullable<OrderPreview['problem']>): HTMLElement {
  return make(
    'div',
    { class: 'side-problem', role: 'alert', 'data-key': 'problem' },
    icon('alert-triangle'),
    make(
      'div',
      {},
      make('strong', {}, line === 0 ? 'There is no order yet.' : 'The run would fail here, before its first step.'),
      make('p', {}, message.startsWith('line ') || line === 0 ? message : `line ${line}: ${message}`),
      make('p', { class: 'side-note' }, wayOut(line, message)),
    ),
  )
}

/** What to do about it: most often a fact is missing in some elements. */
function wayOut(line: number, message: string): string {
  if (line === 0) return 'Mend it in Target or in Rules.'
  if (message.includes('no context key'))
    return "Give these elements the fact (a task of “Read facts first” in Rules can), leave them out in Target with “key exists”, or read it with x['context'].get('key', …)."
  return 'Mend the script, or take the line out.'
}

function startersOf(offered: readonly Starter[]): HTMLElement {
  const buttons = offered.map(({ label, line }) =>
    make('button', { type: 'button', class: 'btn btn-sm', 'data-line': line, 'data-key': line, title: line }, icon('plus'), label),
  )
  return make(
    'div',
    { class: 'side-starters', 'data-key': 'starters' },
    make('p', { class: 'side-note' }, 'No script: the elements run by name. Begin with one of these, then change it:'),
    ...buttons,
  )
}

function tableOf({ rows, keys }: OrderPreview, now: number): readonly Node[] {
  if (rows.length === 0) return []
  const names = keys.map(({ key }) => key)
  const head = [make('th', { class: 'number', scope: 'col' }, '#'), make('th', { scope: 'col' }, 'Element'), ...names.map((name) => make('th', { scope: 'col' }, name))]
  const body = rows.map((row, index) =>
    make('tr', { 'data-key': row.name }, make('td', { class: 'number' }, String(index + 1)), make('th', { scope: 'row' }, row.name), ...factsOf(row, names, now)),
  )
  return [
    make(
      'div',
      { class: 'side-table', 'data-key': 'rows', tabindex: '0', role: 'region', 'aria-label': 'Elements in the order of the run' },
      make('table', {}, make('thead', {}, make('tr', {}, ...head)), make('tbody', {}, ...body)),
    ),
  ]
}

/** Each with its age: an order stands on what was true then. */
function factsOf({ facts, written_at }: OrderRow, names: readonly string[], now: number): readonly Node[] {
  return names.map((name) => {
    const at = written_at[name]
    return make('td', {}, factText(facts[name]), at === undefined ? null : make('small', { class: 'side-age', title: `written ${at}` }, ageWords(at, now)))
  })
}

function droppedOf({ dropped, selected, kept }: OrderPreview): readonly Node[] {
  if (dropped.length === 0) return []
  const items = dropped.slice(0, MOST_DROPPED).map(({ name, why }) =>
    make('li', { 'data-key': name }, make('s', {}, name), make('span', { class: 'side-why' }, why)),
  )
  return [
    make('h3', { 'data-key': 'dropped-title' }, `Dropped: ${selected - kept}`),
    make('ul', { class: 'side-dropped', 'data-key': 'dropped' }, ...items),
  ]
}

function keysOf({ keys }: OrderPreview, state: State, now: number): readonly Node[] {
  if (keys.length === 0) return []
  const readers = keys.map(({ key }) => readerOf(key, state.other.refresh ?? [], state.names))
  const note = keys.some((key, index) => readers[index] === null && !isByHand(key)) ? [make('p', { class: 'side-note', 'data-key': 'facts-note' }, STALE)] : []
  return [
    make('h3', { 'data-key': 'facts-title' }, 'Facts that decide it'),
    make('dl', { class: 'side-facts', 'data-key': 'facts' }, ...keys.flatMap((key, index) => factOf(key, readers[index] ?? null, now))),
    ...note,
  ]
}

function factOf(key: ReadKey, reader: string | null, now: number): readonly Node[] {
  const isOld = reader === null && key.oldest_setting_at !== null && now - Date.parse(key.oldest_setting_at) > OLD_MS
  const missing = missingIn(key.missing, key.missing_total)
  return [
    make('dt', {}, key.key),
    make(
      'dd',
      {},
      make('span', { class: isOld ? 'is-old' : '' }, isOld ? icon('hourglass') : null, agesOf(key, now)),
      reader === null ? null : make('span', {}, `read anew at the start by ${reader}`),
      missing === '' ? null : make('span', { class: 'is-wrong' }, icon('alert-triangle'), missing),
    ),
  ]
}
