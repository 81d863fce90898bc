/** The drawer: what became of a step on an element and what to do, its output, the command, the context that was seen. */
import { make } from '../lib/dom'
import { icon } from '../lib/icons'
import { stateBadge } from '../lib/states'
import { shownDuration, timeElement } from '../lib/times'
import type { StepState } from '../wire/types'
import { writeHash } from './address'
import type { Attempt } from './records'
import { isRefresh } from './places'
import { type Drawer, type Log, type PageState, shownStep } from './state'
import { type Band, cellAt, elementState } from './tree'
import { endingMessage, endingOf, siteName } from './words'

/** Everything above the output. */
export function drawerTop(state: PageState, drawer: Drawer): readonly HTMLElement[] {
  const { run, element, site } = drawer.opened
  const band = state.tree?.bands.get(run)
  const position = band?.names.indexOf(element) ?? -1
  if (band === undefined || position < 0) return [titleOf(element, null, null), missing(state, drawer)]
  const cell = site === null ? null : cellAt(band, position, site)
  const shown = site === null ? elementState(band, position) : (cell?.state ?? lastStatus(drawer))
  const badge = shown !== null ? stateBadge(shown) : drawer.attempts.kind === 'loading' ? null : notReachedBadge()
  const title = titleOf(element, site === null ? null : siteName(band, site), badge)
  const where = make('p', { class: 'text-secondary' }, `${band.flow ?? ''}${band.version === null ? '' : ` version ${band.version}`}, run ${band.run}`, cell !== null && cell.turn > 1 ? `, turn ${cell.turn}` : '')
  if (drawer.attempts.kind === 'failed') return [title, where, problem(drawer.attempts.message)]
  const rest = site === null ? elementPart(state, drawer, band, position) : stepPart(state, drawer, band, position)
  return [title, where, ...rest]
}

function notReachedBadge(): HTMLElement {
  return make('span', { class: 'state tone-idle' }, icon('circle'), 'not reached')
}

/** The cells of rows that are not in the window are not known. */
function lastStatus({ attempts }: Drawer): StepState | null {
  return attempts.kind === 'loaded' ? (attempts.value.at(-1)?.status ?? null) : null
}

function titleOf(element: string, step: string | null, badge: HTMLElement | null): HTMLElement {
  return make(
    'div', { class: 'dr-title' },
    make('h2', { class: 'h3', id: 'run-drawer-title' }, step === null ? element : `${element} · ${step}`),
    badge,
    make('button', { type: 'button', class: 'btn-close', 'data-act': 'close', 'aria-label': 'Close (Esc)' }),
  )
}

function missing(state: PageState, { opened }: Drawer): HTMLElement {
  if (state.tree === null) return make('p', { class: 'text-secondary' }, 'Loading…')
  return make('p', {}, `Run ${opened.run} has no element ${opened.element} here. It may stand in another run of the tree: look in the matrix.`)
}

function problem(message: string): HTMLElement {
  return make('p', { class: 'run-notice tone-bad', role: 'alert' }, icon('alert-circle'), make('span', {}, message))
}

// --- an element -----------------------------------------------------------------------------------------------------

function elementPart(state: PageState, drawer: Drawer, band: Band, position: number): readonly HTMLElement[] {
  const ending = band.endings.get(position)
  const message = endingMessage(band, position)
  const parts: HTMLElement[] = message === '' ? [] : [make('p', { class: 'dr-reason' }, message)]
  const lastStep = ending?.lastStep ?? null
  if (lastStep !== null) {
    const [site] = lastStep
    parts.push(make('p', {}, 'Last step that it finished: ', make('a', { href: writeHash({ ...drawer.opened, site }) }, siteName(band, site)), '.'))
  }
  parts.push(make('h3', { class: 'h4' }, 'Steps'), stepsList(state, drawer, band))
  return parts
}

function stepsList(state: PageState, drawer: Drawer, band: Band): HTMLElement {
  if (drawer.attempts.kind !== 'loaded') return make('p', { class: 'text-secondary' }, 'Loading…')
  if (drawer.attempts.value.length === 0) return make('p', { class: 'text-secondary' }, 'No step has ended on it yet.')
  const rows = drawer.attempts.value.map((attempt) =>
    make(
      'tr', { 'data-key': attempt.id },
      make('td', {}, make('a', { href: writeHash({ ...drawer.opened, site: attempt.site }) }, siteName(band, attempt.site)), turnText(attempt)),
      make('td', {}, stateBadge(attempt.status)),
      make('td', { class: 'number' }, timeElement(attempt.finished_at, new Date(state.now))),
    ),
  )
  return make('table', { class: 'table table-sm' }, make('tbody', {}, ...rows))
}

function turnText({ turn, attempt }: Attempt): string {
  const told = [turn > 1 ? `turn ${turn}` : '', attempt > 1 ? `attempt ${attempt}` : ''].filter((text) => text !== '')
  return told.length === 0 ? '' : `, ${told.join(', ')}`
}

// --- a step ---------------------------------------------------------------------------------------------------------

function stepPart(state: PageState, drawer: Drawer, band: Band, position: number): readonly HTMLElement[] {
  if (drawer.attempts.kind !== 'loaded') return [make('p', { class: 'text-secondary' }, 'Loading…')]
  const attempts = drawer.attempts.value
  const step = shownStep(state)
  const shown = step === null ? undefined : attempts.find((one) => one.turn === step.turn && one.attempt === step.attempt)
  const parts: HTMLElement[] = []
  if (step === null) parts.push(make('p', { class: 'text-secondary' }, notReached(state, drawer)))
  if (step === null || shown?.status === 'succeeded') parts.push(...elementEnding(drawer, band, position))
  if (attempts.length > 1 || (attempts.length === 1 && shown === undefined && step !== null)) parts.push(attemptsList(drawer, attempts, step))
  if (shown !== undefined) parts.push(...decided(state, drawer, shown), ...outcome(state, shown))
  else if (step !== null) parts.push(make('p', {}, underWay(state, drawer, step.attempt)))
  return parts
}

function underWay({ tree }: PageState, { opened }: Drawer, attempt: number): string {
  const { run, element, site } = opened
  const asked = tree?.questions.find((one) => one.kind === 'approval' && one.run === run && one.site === site && one.callers.includes(element))
  return asked === undefined ? `Attempt ${attempt} is under way.` : `It waits for an answer: ${asked.message}`
}

/** What broke the element may be no step: a `fail`, an error of the script, the end of the run. */
function elementEnding({ opened }: Drawer, band: Band, position: number): readonly HTMLElement[] {
  const ending = endingOf(band, position)
  if (ending === null) return []
  return [make('p', { class: 'dr-reason' }, make('a', { href: writeHash({ ...opened, site: null }) }, opened.element), ` ${ending}`)]
}

function notReached(state: PageState, { opened }: Drawer): string {
  const band = state.tree?.bands.get(opened.run)
  const isOver = band !== undefined && band.endedAt !== null
  return isOver ? 'This element did not come to this step.' : 'This element has not come to this step yet.'
}

function attemptsList(drawer: Drawer, attempts: readonly Attempt[], step: { turn: number; attempt: number } | null): HTMLElement {
  const known: { turn: number; attempt: number; status: StepState }[] = attempts.map(({ turn, attempt, status }) => ({ turn, attempt, status }))
  const isUnderWay = step !== null && drawer.chosen === null && !attempts.some((one) => one.turn === step.turn && one.attempt === step.attempt)
  if (isUnderWay) known.push({ turn: step.turn, attempt: step.attempt, status: 'running' })
  const hasTurns = known.some(({ turn }) => turn > 1)
  const buttons = known.map(({ turn, attempt, status }) =>
    make(
      'button',
      {
        type: 'button', class: 'btn btn-sm', 'data-act': 'attempt', 'data-turn': turn, 'data-attempt': attempt, 'data-key': `${turn}-${attempt}`,
        'aria-pressed': step?.turn === turn && step.attempt === attempt ? 'true' : 'false',
      },
      hasTurns ? `turn ${turn}, attempt ${attempt} ` : `attempt ${attempt} `, stateBadge(status),
    ),
  )
  return make('div', { class: 'dr-attempts', role: 'group', 'aria-label': 'Attempts' }, ...buttons)
}

/** Nobody knew what became of the step, and an operator said it; the attempt keeps what was known before. */
function decided({ tree }: PageState, { opened }: Drawer, attempt: Attempt): readonly HTMLElement[] {
  const band = tree?.bands.get(opened.run)
  const cell = band === undefined ? null : cellAt(band, band.names.indexOf(opened.element), attempt.site)
  if (attempt.status !== 'interrupted' || cell?.turn !== attempt.turn) return []
  if (cell.state !== 'succeeded' && cell.state !== 'failed') return []
  return [make('p', {}, make('strong', {}, `An operator treated it as ${cell.state}.`), ' The events say who, and with which comment.')]
}

function outcome(state: PageState, attempt: Attempt): readonly HTMLElement[] {
  const parts: HTMLElement[] = []
  if (attempt.reason !== '') parts.push(make('p', { class: 'dr-reason' }, attempt.reason))
  if (attempt.advice !== '') parts.push(make('p', { class: 'dr-advice' }, make('strong', {}, 'What to do: '), attempt.advice))
  const answer = answerText(attempt)
  if (answer !== null) parts.push(make('p', { class: 'dr-reason' }, answer))
  parts.push(facts(state, attempt))
  const child = attempt.step === 'run_flow' ? childOf(state, attempt) : undefined
  if (child !== undefined) parts.push(make('p', {}, make('a', { href: `/runs/${child}/` }, `Run ${child}, the child flow`)))
  const command = attempt.result['command']
  if (typeof command === 'string') {
    parts.push(make('details', { class: 'dr-more', 'data-key': 'command' }, make('summary', {}, 'Command as sent'), make('pre', { tabindex: 0 }, command)))
  }
  return parts
}

/** Who approved, and what they said; a refusal is told by its reason. */
export function answerText({ step, status, result }: Attempt): string | null {
  const { by, comment } = result
  if (step !== 'approve' || status !== 'succeeded' || typeof by !== 'string' || by === '') return null
  return typeof comment === 'string' && comment !== '' ? `approved by ${by}: ${comment}` : `approved by ${by}`
}

/** What a step wrote to the settings of its element. */
function stored({ result }: Attempt): readonly (readonly [string, unknown])[] {
  const { settings } = result
  return typeof settings === 'object' && settings !== null ? Object.entries(settings) : []
}

/** A recorded result names the child by its number in the tree. */
function childOf({ tree }: PageState, { result }: Attempt): number | undefined {
  return [...(tree?.bands.values() ?? [])].find(({ number }) => number === result['run'])?.run
}

function facts(state: PageState, attempt: Attempt): HTMLElement {
  const rows: (readonly [string, Node | string])[] = []
  if (attempt.exit_code !== null) rows.push(['Exit code', String(attempt.exit_code)])
  if (attempt.target !== null && attempt.target !== attempt.element) rows.push(['Ran on', attempt.target])
  for (const [key, value] of stored(attempt)) rows.push(['Stored', make('code', {}, `${key} = ${JSON.stringify(value)}`)])
  if (attempt.started_at !== null) {
    rows.push(['Took', shownDuration(Date.parse(attempt.finished_at) - Date.parse(attempt.started_at))])
  }
  rows.push(['Ended', timeElement(attempt.finished_at, new Date(state.now))])
  if (!isRefresh(attempt.site)) rows.push(['Line', String(attempt.line)])
  return make('dl', { class: 'dr-facts' }, ...rows.flatMap(([name, value]) => [make('dt', {}, name), make('dd', {}, value)]))
}

// --- below the output -----------------------------------------------------------------------------------------------

export function drawerBottom(drawer: Drawer): readonly HTMLElement[] {
  const { element } = drawer
  if (element.kind === 'loading') return []
  // What failed is told above already, by the attempts.
  if (element.kind === 'failed' || element.value === null) return []
  const { snapshot } = element.value
  const parts: HTMLElement[] = [
    make(
      'details', { class: 'dr-more', 'data-key': 'context' },
      make('summary', {}, 'Context seen by this run'), make('pre', { tabindex: 0 }, JSON.stringify(snapshot, null, 2)),
    ),
  ]
  const id = snapshot['id']
  if (typeof id === 'number') parts.push(make('p', {}, make('a', { href: `/elements/${id}/` }, `${drawer.opened.element} in the inventory`)))
  return parts
}

/** The output of what is open; null where a step prints nothing: an answer, a pause, a child flow. */
export function printed(drawer: Drawer): Log | null {
  const steps = drawer.attempts.kind === 'loaded' ? drawer.attempts.value.map(({ step }) => step) : []
  const isEmpty = drawer.log === null || drawer.log.pieces.length === 0
  return isEmpty && steps.some((step) => step !== 'run_task') ? null : drawer.log
}

/** The heading of the output, with its copy button; empty where a step prints nothing. */
export function logHead(log: Log | null): readonly HTMLElement[] {
  if (log === null) return []
  const hasText = log.pieces.length > 0
  return [
    make(
      'div', { class: 'dr-log-head' },
      make('h3', { class: 'h4' }, 'Output'),
      hasText ? make('span', { class: 'text-secondary' }, `${log.end} bytes`) : null,
      hasText ? make('button', { type: 'button', class: 'btn btn-sm ms-auto', 'data-act': 'copy log' }, icon('copy'), ' Copy') : null,
    ),
    ...(hasText ? [] : [make('p', { class: 'text-secondary' }, log.isRead ? 'Nothing was printed.' : 'Loading…')]),
    ...(log.dropped > 0 ? [make('p', { class: 'text-secondary' }, 'The beginning is left out here; the events of the run have it.')] : []),
  ]
}

export function logText(log: Log): string {
  return log.pieces.map(([, text]) => text).join('')
}

/** Writes the output piece by piece: what stands there is not written again. Follows the end while one looks at it. */
export function makeLogView(node: HTMLElement): (log: Log | null) => void {
  let drawn: Log | null = null
  return (log) => {
    if (log === drawn) return
    const continues = log !== null && drawn !== null && log.step === drawn.step && log.end >= drawn.end
    const wasAtEnd = !continues || node.scrollTop + node.clientHeight >= node.scrollHeight - 8
    if (!continues) node.replaceChildren()
    node.hidden = log === null || log.pieces.length === 0
    if (log !== null) {
      const from = continues && drawn !== null ? drawn : { dropped: log.dropped, pieces: [] }
      for (let gone = from.dropped; gone < log.dropped && node.firstChild !== null; gone += 1) node.firstChild.remove()
      const there = from.dropped + from.pieces.length - log.dropped
      node.append(...log.pieces.slice(Math.max(0, there)).map(([stream, text]) => make('span', { class: `log-${stream}` }, text)))
    }
    drawn = log
    if (wasAtEnd) node.scrollTop = node.scrollHeight
  }
}
