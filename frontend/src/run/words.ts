/** What the page says in words: the sentence under the header, names of steps. Pure. */
import type { Column, Counts, ElementState, Question, RunState } from '../wire/types'
import { lookOf } from '../lib/states'
import { stepPhrase, stepTitle } from '../lib/steps'
import { ordinal, thresholdWords, withoutCount } from '../lib/thresholds'
import { shownInstant } from '../lib/times'
import { isRefresh } from './places'
import type { Band, Tree } from './tree'
import { bandOf, elementState } from './tree'

export function isEnded(state: RunState): boolean {
  return state === 'succeeded' || state === 'partial' || state === 'failed' || state === 'cancelled'
}

/** "3 Start service", "2 Wait", "refresh Read role". */
export function columnName([site, step, name]: Column): string {
  return isRefresh(site) ? `refresh ${name ?? ''}`.trim() : `${site} ${stepPhrase(step, name)}`
}

/** What the server says of a failure, with the step at `start` called as the page calls it: "2 Wait: ..." for "2 sleep: ...". */
function withStepName(text: string, start: number, columns: readonly Column[]): string {
  for (const column of columns) {
    const [site, step, name] = column
    const served = `${isRefresh(site) ? 'refresh' : site} ${name ?? step}: `
    if (text.startsWith(served, start)) return `${text.slice(0, start)}${columnName(column)}: ${text.slice(start + served.length)}`
  }
  return text
}

/** Why the run stands as it does. Steps of children that it names stay in the server's words: their columns are not these. */
export function reasonText(reason: string, columns: readonly Column[]): string {
  const at = reason.indexOf(FAILED_AT)
  return at < 0 ? reason : withStepName(reason, at + FAILED_AT.length, columns)
}

const FAILED_AT = ' failed at '

/** Where a run left its plan: "'Back up' on db4 was planned, and the run ended before"; a task or flow is its name alone. */
export function departureText(what: string): string {
  return what.replaceAll(/(^| was planned, and )([a-z_]+) /g, (_, before: string, step: string) =>
    step === 'run_task' || step === 'run_flow' ? before : `${before}${stepTitle(step)} `,
  )
}

/** What the element said when it ended; empty while it goes on, and where it said nothing. */
export function endingMessage(band: Band, position: number): string {
  return endingText(band.endings.get(position)?.message ?? '', band.columns)
}

export function endingText(message: string, columns: readonly Column[]): string {
  return withStepName(message, 0, columns)
}

export function siteName(band: Band, site: number): string {
  const column = band.columns.find(([number]) => number === site)
  return column === undefined ? `step ${site}` : columnName(column)
}

export function elementsText(count: number): string {
  return count === 1 ? '1 element' : `${count} elements`
}

/** In the order in which an operator reads them: trouble first, then what goes on, then the rest. */
export const COUNT_ORDER: readonly ElementState[] = [
  'failed', 'unreachable', 'stopped', 'cancelled', 'running', 'waiting', 'succeeded', 'queued', 'not_started', 'excluded', 'skipped',
]

export function failures(counts: Counts): number {
  return (counts.failed ?? 0) + (counts.unreachable ?? 0)
}

/** "No failures; rule: stop at the first failure", as the editor says the rule (R30); null where the caller's rule counts. */
export function failuresText(band: Band, threshold: number | string | null, isChild: boolean): string | null {
  if (threshold === null && isChild) return null
  const count = failures(band.counts)
  const told = count === 0 ? 'No failures' : count === 1 ? '1 failure' : `${count} failures`
  return `${told}; rule: ${thresholdWords(threshold, false)}${shareText(threshold, band.names.length)}`
}

/** At which failure a share of so many elements stops the run: ": at the 5th of 42". */
function shareText(threshold: number | string | null, elements: number): string {
  const percent = typeof threshold === 'string' ? Number.parseFloat(threshold) : Number.NaN
  if (Number.isNaN(percent) || percent <= 0 || percent >= 100 || elements === 0) return ''
  return `: at the ${ordinal(Math.floor((elements * percent) / 100) + 1)} of ${elements}`
}

/** One sentence that says where the run stands, and what it left behind. */
export function sentence(tree: Tree): string {
  const band = bandOf(tree)
  if (band === undefined) return ''
  switch (band.state) {
    case 'queued':
      return band.reason === 'worker' || band.reason === '' ? 'Waits for a worker to take it.' : `Waits: ${band.reason}.`
    case 'running':
      return going(band)
    case 'waiting':
      return tree.questions.length === 0 ? going(band) : `${questions(tree)} ${doneSoFar(band)}.`
    case 'paused':
      return `Paused: no step starts until somebody resumes it. ${going(band)}`
    case 'needs_attention':
      return `${questions(tree)} ${going(band)}`
    case 'succeeded':
      return band.names.length === 0 ? `Nothing to do${band.reason === '' ? '' : `: ${band.reason}`}.` : `All done on ${elementsText(done(band))}.`
    case 'partial':
      return `Ended with failures: ${failed(band)}.${left(band)}`
    case 'failed':
      return `Stopped: ${stopReason(band)}.${left(band)}`
    case 'cancelled':
      return `${cancelReason(band)}.${left(band)}`
    default:
      return band.state satisfies never
  }
}

function done(band: Band): number {
  return band.counts.succeeded ?? 0
}

function going(band: Band): string {
  const total = band.names.length
  if (total === 0) return 'Its elements are being chosen.'
  if (band.soaking !== null) return soaks(band, band.soaking)
  const where = currentSite(band)
  const at = where === null ? '' : `, now at ${siteName(band, where)}`
  return `${doneSoFar(band)}${at}.`
}

function doneSoFar(band: Band): string {
  const total = band.names.length
  const over = total - (band.counts.queued ?? 0) - (band.counts.running ?? 0) - (band.counts.waiting ?? 0)
  return `${over} of ${elementsText(total)} done`
}

function soaks(band: Band, [batch, until]: readonly [number, number]): string {
  const at = shownInstant(new Date(until * 1000).toISOString(), new Date())
  return `Batch ${batch} of ${band.batches.length + 1} is done; the next one begins at ${at}.`
}

/** The batch that begins at this position, from 1; null where none does, and for a run without batches. */
export function batchFrom(band: Band, position: number): number | null {
  if (band.batches.length === 0) return null
  if (position === 0) return 1
  const index = band.batches.indexOf(position)
  return index < 0 ? null : index + 2
}

/** "E1, E2 and 3 more". */
export function callersText({ callers, callers_total }: Question): string {
  const named = callers.slice(0, MOST_CALLERS)
  const more = callers_total - named.length
  return more > 0 ? `${named.join(', ')} and ${more} more` : named.join(', ')
}

const MOST_CALLERS = 8

/** The first step site at which something runs or waits. */
export function currentSite(band: Band): number | null {
  for (const [site] of band.columns) {
    const tally = band.sites[String(site)]
    if (tally !== undefined && ((tally.running ?? 0) > 0 || (tally.retrying ?? 0) > 0 || (tally.waiting ?? 0) > 0)) return site
  }
  return null
}

function questions(tree: Tree): string {
  const [first] = tree.questions
  if (first === undefined) return 'Waits for an answer.'
  const more = tree.questions.length === 1 ? '' : ` and ${tree.questions.length - 1} more`
  return first.kind === 'approval' ? `Waits for your answer: “${first.message}”${more}.` : `Waits for your answer about ${first.element}${more}.`
}

function failed(band: Band): string {
  const count = failures(band.counts)
  return count === 0 ? reasonText(band.reason, band.columns) : `${count} of ${elementsText(band.names.length)} failed`
}

/** The run's own reason, without the count that stands beside it in the header. */
function stopReason(band: Band): string {
  return withoutCount(reasonText(band.reason, band.columns)).replace(/\.$/, '') || failed(band)
}

/** "Cancelled by alice", or "Cancelled" and why. */
function cancelReason(band: Band): string {
  const reason = stopReason(band)
  return reason.startsWith('cancelled') ? `C${reason.slice(1)}` : `Cancelled: ${reason}`
}

function left(band: Band): string {
  const midway = (band.counts.stopped ?? 0) + (band.counts.cancelled ?? 0)
  const parts = [
    (band.counts.not_started ?? 0) > 0 ? `${band.counts.not_started ?? 0} not started` : '',
    midway > 0 ? `${midway} left mid-way` : '',
  ].filter((part) => part !== '')
  return parts.length === 0 ? '' : ` ${parts.join(', ')}.`
}

const BROKEN: ReadonlySet<ElementState> = new Set(['failed', 'unreachable', 'stopped', 'cancelled'])

/** Why an element did not succeed, "failed: no disk"; null while it goes on and where it did. */
export function endingOf(band: Band, position: number): string | null {
  const state = elementState(band, position)
  if (!BROKEN.has(state)) return null
  const message = endingMessage(band, position)
  return message === '' ? lookOf(state).word : `${lookOf(state).word}: ${message}`
}
