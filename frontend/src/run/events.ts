/** The journal of the run as a list, in words; the newest last. */
import { make } from '../lib/dom'
import { lookOf, type State } from '../lib/states'
import { stepTitle } from '../lib/steps'
import { timeElement } from '../lib/times'
import type { Column } from '../wire/types'
import { writeHash } from './address'
import { placed } from './places'
import type { JournalEvent } from './records'
import type { PageState } from './state'
import { columnName, endingText, reasonText } from './words'

/** Those that a narrow screen leaves out are marked. */
const HEADS: readonly (readonly [word: string, isMinor: boolean])[] = [['No.', true], ['Time', false], ['Run', true], ['Event', true], ['What', false]]

export function eventsView(state: PageState): readonly HTMLElement[] {
  const { rows, isLoading, problem, lastSeq } = state.events
  const first = rows[0]?.seq ?? 1
  const parts: HTMLElement[] = []
  if (first > 1) {
    parts.push(
      make('button', { type: 'button', class: 'btn', 'data-act': 'earlier', 'data-key': 'earlier', disabled: isLoading }, `Show earlier events (${first - 1})`),
    )
  }
  if (rows.length > 0) {
    const heads = HEADS.map(([word, isMinor]) => make('th', { scope: 'col', class: isMinor ? 'run-minor' : null }, word))
    parts.push(
      make(
        'div', { class: 'table-responsive', 'data-key': 'table' },
        make('table', { class: 'table table-sm' }, make('thead', {}, make('tr', {}, ...heads)), make('tbody', {}, ...rows.map((event) => row(event, state)))),
      ),
    )
  } else parts.push(make('p', { class: 'text-secondary', 'data-key': 'none' }, isLoading ? 'Loading…' : 'Nothing has happened yet.'))
  if (problem !== '') parts.push(make('p', { class: 'text-secondary', 'data-key': 'problem', role: 'alert' }, problem))
  const newest = rows.at(-1)?.seq ?? 0
  if (rows.length > 0 && newest < lastSeq) {
    parts.push(make('button', { type: 'button', class: 'btn', 'data-act': 'later', 'data-key': 'later', disabled: isLoading }, 'Show more'))
  }
  return parts
}

function row(event: JournalEvent, { now, tree }: PageState): HTMLElement {
  return make(
    'tr', { 'data-key': event.seq },
    make('td', { class: 'number run-minor' }, String(event.seq)),
    make('td', {}, timeElement(event.at, new Date(now))),
    make('td', { class: 'run-minor' }, String(event.run)),
    make('td', { class: 'run-minor' }, event.type.replaceAll('_', ' ')),
    make('td', { class: 'run-event-text' }, ...whatHappened(event, tree?.bands.get(event.run)?.columns ?? [])),
  )
}

function versionText(version: unknown): string {
  return typeof version === 'number' ? `version ${version}` : 'as it was tried'
}

/** `columns` are those of the event's run, as far as the page knows them. */
function whatHappened(event: JournalEvent, columns: readonly Column[]): readonly (Node | string)[] {
  const element = text(event, 'element')
  const site = siteOf(event)
  switch (event.type) {
    case 'run_started':
      return [`${text(event, 'flow')} ${versionText(event['version'])}, ${namesText(event['elements'])}`]
    case 'elements_ordered':
      return [`${namesText(event['elements'])}${after(text(event, 'problem'))}`]
    case 'soak_started':
    case 'soak_ended':
      return [`after batch ${String(event['batch'])}`]
    case 'run_state':
      return [`${word(event['state'])}${after(reasonText(text(event, 'reason'), columns))}`]
    case 'run_finished':
      return [`${word(event['status'])}${after(reasonText(text(event, 'reason'), columns))}`]
    case 'step_started':
    case 'step_output':
    case 'step_finished':
    case 'question_asked': {
      const link = make('a', { href: writeHash({ run: event.run, element, site }) }, `${element} · ${stepOf(event, columns)}`)
      return [link, detail(event)]
    }
    case 'element_finished':
      return [make('a', { href: writeHash({ run: event.run, element, site: null }) }, element), ` ${word(event['state'])}${after(endingText(text(event, 'message'), columns))}`]
    case 'question_answered':
      return [text(event, 'answer') === 'timed_out' ? 'nobody answered in time' : `${text(event, 'answer')}, by ${text(event, 'by')}${after(text(event, 'comment'))}`]
    default:
      return [element, text(event, 'by') === '' ? '' : `by ${text(event, 'by')}`, after(text(event, 'message'))]
  }
}

function siteOf(event: JournalEvent): number | null {
  const { site, turn } = event
  if (typeof site !== 'number') return null
  return typeof turn === 'number' ? placed({ site, turn }).site : site
}

/** "2 Wait". A question names its step by the site alone, and says itself what an approval asks. */
export function stepOf(event: JournalEvent, columns: readonly Column[]): string {
  const site = siteOf(event)
  if (site === null) return ''
  const step = text(event, 'step')
  if (step !== '') return columnName([site, step, text(event, 'name') || null, 0])
  if (text(event, 'kind') === 'approval') return `${site} ${stepTitle('approve')}`
  const column = columns.find(([number]) => number === site)
  return column === undefined ? String(site) : columnName(column)
}

function detail(event: JournalEvent): string {
  const attempt = Number(event['attempt'] ?? 1) > 1 ? ` attempt ${String(event['attempt'])}` : ''
  if (event.type === 'step_started') return `${attempt} began`
  if (event.type === 'step_output') return ` ${text(event, 'stream')}: ${text(event, 'text').trimEnd()}`
  if (event.type === 'step_finished') return `${attempt} ${word(event['status'])}${after(text(event, 'reason'))}`
  if (event.type === 'question_asked') return `: ${text(event, 'message')}`
  return attempt
}

function namesText(names: unknown): string {
  if (!Array.isArray(names)) return ''
  const shown = names.slice(0, 20).map(String).join(', ')
  return names.length > 20 ? `${shown} and ${names.length - 20} more` : shown
}

function text(event: JournalEvent, key: string): string {
  const value = event[key]
  return typeof value === 'string' ? value : ''
}

function word(state: unknown): string {
  return typeof state === 'string' ? lookOf(state as State).word : ''
}

function after(told: string): string {
  return told === '' ? '' : `: ${told}`
}
