/** What differs between two definitions of a flow, drawn: in words by part, and line by line. */
import { make } from '../lib/dom'
import { icon } from '../lib/icons'

export interface Change {
  readonly part: 'target' | 'order' | 'steps' | 'rules' | 'inputs'
  readonly text: string
}

export type Line = readonly [sign: ' ' | '+' | '-', before: number | null, after: number | null, text: string]

export interface Difference {
  readonly words: readonly Change[]
  readonly is_same: boolean
  readonly scripts: { readonly processing: readonly Line[]; readonly execution: readonly Line[] }
}

const PARTS: readonly (readonly [part: Change['part'], word: string])[] = [
  ['target', 'Target'],
  ['order', 'Order'],
  ['steps', 'Steps'],
  ['rules', 'Rules'],
  ['inputs', 'Inputs'],
]
/** What the server says of an order that stayed, where something else changed. */
export const UNCHANGED = 'order unchanged'
/** Unchanged lines that are shown around changed ones. */
const AROUND = 3

/** "Steps  step 3: timeout 60 → 90", part by part; `most` of each. */
export function wordsView(words: readonly Change[], most = 50): HTMLElement {
  const rows = PARTS.flatMap(([part, word]) => {
    const texts = words.filter((one) => one.part === part).map(({ text }) => text)
    if (texts.length === 0) return []
    const more = texts.length > most ? [make('li', { class: 'text-secondary' }, `and ${texts.length - most} more`)] : []
    return [make('dt', {}, word), make('dd', {}, make('ul', {}, ...texts.slice(0, most).map(wordsItem), ...more))]
  })
  return make('dl', { class: 'ed-words' }, ...rows)
}

/** What stands between backticks is code. */
function wordsItem(text: string): HTMLElement {
  if (text === UNCHANGED) return make('li', { class: 'text-secondary' }, 'unchanged')
  const parts = text.split('`').map((part, at) => (at % 2 === 1 ? make('code', {}, part) : part))
  return make('li', {}, ...parts)
}

/** The lines of both scripts, folded; nothing where both are equal. */
export function scriptsView({ scripts }: Difference, isOpen = false): readonly HTMLElement[] {
  return (
    [
      ['processing', 'Lines of the processing script'],
      ['execution', 'Lines of the execution script'],
    ] as const
  ).flatMap(([which, title]) => (scripts[which].length === 0 ? [] : [linesView(title, scripts[which], isOpen)]))
}

function linesView(title: string, lines: readonly Line[], isOpen: boolean): HTMLElement {
  const body = make('tbody', {}, ...folded(lines).map((line) => (typeof line === 'number' ? foldRow(line) : lineRow(line))))
  return make(
    'details', { class: 'ed-lines', 'data-key': title, open: isOpen },
    make('summary', {}, title),
    make('div', { class: 'ed-lines-body', tabindex: '0', role: 'group', 'aria-label': title }, make('table', {}, make('caption', { class: 'visually-hidden' }, title), body)),
  )
}

function lineRow([sign, before, after, text]: Line): HTMLElement {
  const kind = { ' ': 'same', '+': 'new', '-': 'gone' }[sign]
  const spoken = { ' ': '', '+': 'new: ', '-': 'gone: ' }[sign]
  return make(
    'tr', { class: `ed-line-${kind}` },
    make('td', { class: 'ed-line-at' }, before === null ? '' : String(before)),
    make('td', { class: 'ed-line-at' }, after === null ? '' : String(after)),
    make('td', { class: 'ed-line-sign', 'aria-hidden': 'true' }, sign),
    make('td', { class: 'code' }, make('span', { class: 'visually-hidden' }, spoken), text === '' ? ' ' : text),
  )
}

function foldRow(count: number): HTMLElement {
  return make('tr', { class: 'ed-line-fold' }, make('td', { colspan: 4 }, count === 1 ? '1 more line' : `${count} more lines`))
}

/** The lines that changed with some around them; a number stands for so many that are left out. */
export function folded(lines: readonly Line[]): readonly (Line | number)[] {
  const near = lines.map((_, at) => lines.slice(Math.max(0, at - AROUND), at + AROUND + 1).some(([sign]) => sign !== ' '))
  const found: (Line | number)[] = []
  lines.forEach((line, at) => {
    const last = found.at(-1)
    if (near[at] === true) found.push(line)
    else if (typeof last === 'number') found[found.length - 1] = last + 1
    else found.push(1)
  })
  return found
}

/** What can be published or tried, and lacks something. */
export function warnedView(warned: readonly { readonly line: number; readonly message: string }[]): HTMLElement {
  const title = warned.length === 1 ? 'One step lacks a required input' : `${warned.length} steps lack a required input`
  return make(
    'section', { class: 'ed-warning tone-wait', 'data-key': 'warned' },
    icon('alert-triangle'),
    make('div', {}, make('strong', {}, title), make('ul', {}, ...warned.map(({ line, message }) => make('li', {}, `Line ${line}: ${message}.`)))),
  )
}

export function warning(...content: readonly (Node | string)[]): HTMLElement {
  return make('p', { class: 'ed-warning tone-wait' }, icon('alert-triangle'), make('span', {}, ...content))
}

export function failure(message: string): HTMLElement {
  return make('p', { class: 'ed-warning tone-bad', role: 'alert' }, icon('alert-triangle'), make('span', {}, message))
}
