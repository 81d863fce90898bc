/** What the dialog *Try* shows of the run that it started: its state, what it asks, and why elements failed. */
import { ANSWERS } from '../lib/answers'
import { make, may } from '../lib/dom'
import { icon } from '../lib/icons'
import { isOver, stateBadge } from '../lib/states'
import { withoutCount } from '../lib/thresholds'
import { tryMark } from '../lib/tries'
import { countWords } from '../runs/strip'
import { call } from '../wire/api'
import type { Counts, RunState } from '../wire/types'
import { actButton, answers } from './boxes'
import { failure } from './differences'

export interface Run {
  readonly id: number
  readonly state: RunState
  readonly reason: string
  readonly elements_by_state?: Counts
  /** What waits for an answer; the server tells it of a run that it was asked for, not of one that it just started. */
  readonly questions?: readonly TriedQuestion[]
}

export interface TriedQuestion {
  readonly question: number
  readonly kind: 'interrupted' | 'approval'
  readonly element: string
  readonly callers: readonly string[]
  readonly message: string
  readonly options: readonly string[]
}

export interface Tried {
  readonly run: Run
  readonly isOfThis: boolean
}

/** The answer that is on its way, and why the last one was refused. */
export interface Answering {
  readonly question: number | null
  readonly refused: string
}

export const NO_ANSWER: Answering = { question: null, refused: '' }

/** An element that did not succeed, and what its step said. */
export interface Trouble {
  readonly name: string
  readonly message: string
}

/** So many are told; the run's page tells the others. */
const TOLD = 3

/** The first elements of the run that failed or were not reached, but for what its reason says; none if the server does not say. */
export async function troublesOf(run: Run): Promise<readonly Trouble[]> {
  const counts = run.elements_by_state ?? {}
  const states = (['failed', 'unreachable'] as const).filter((state) => (counts[state] ?? 0) > 0)
  const asked = states.map((state) =>
    call<{ readonly results: readonly Trouble[] }>('GET', `/api/runs/${run.id}/elements/?state=${state}&page_size=${TOLD}`),
  )
  const pages = await Promise.all(asked).catch(() => [])
  return pages
    .flatMap(({ results }) => results)
    .filter(({ message }) => message === '' || !run.reason.includes(message))
    .slice(0, TOLD)
}

export function runView(run: Run, troubles: readonly Trouble[], answering: Answering): readonly Node[] {
  const counts = countWords(run.elements_by_state ?? {})
  const questions = openOf(run)
  return [
    make(
      'p', { class: 'ed-try-run', role: 'status', 'data-key': 'run' },
      tryMark(), make('a', { href: `/runs/${run.id}/` }, `Run ${run.id}`), stateBadge(run.state), make('span', {}, counts === '' ? 'waits for its elements' : counts),
    ),
    ...(questions.length > 0 ? questionViews(run, questions, answering) : [make('p', { class: run.reason === '' ? 'text-secondary' : null, 'data-key': 'why' }, whyWords(run))]),
    ...(answering.refused === '' ? [] : [failure(answering.refused)]),
    ...(troubles.length === 0 ? [] : [troublesView(troubles)]),
    answers(
      actButton('close', '', false, 'Back to the editor'),
      ...(isOver(run.state) ? [actButton('again', '', false, icon('repeat'), ' Try again…')] : []),
      make('a', { class: questions.length > 0 ? 'btn' : 'btn btn-primary', href: `/runs/${run.id}/`, 'data-key': 'open' }, 'Open the run'),
    ),
  ]
}

/** In one line, for who is about to publish. */
export function triedLine({ run, isOfThis }: Tried): HTMLElement {
  const isBad = isOver(run.state) && run.state !== 'succeeded'
  return make(
    'p', { class: isBad ? 'ed-warning tone-wait' : 'ed-tried-line', 'data-key': 'tried' },
    icon(isBad ? 'alert-triangle' : 'flask'),
    make('span', {}, 'The last try, ', make('a', { href: `/runs/${run.id}/` }, `run ${run.id}`), ': ', stateBadge(run.state), run.reason === '' ? '' : ` ${withoutCount(run.reason)}`, isOfThis ? '' : ' The draft was changed since.'),
  )
}

/** Nothing is asked of a run that is over. */
export function openOf(run: Run): readonly TriedQuestion[] {
  return isOver(run.state) ? [] : (run.questions ?? [])
}

/** For the bar: the first question in short, with its answers. */
export function askedInShort(run: Run, answering: Answering): readonly Node[] {
  return openOf(run).slice(0, 1).map((asked) =>
    make('span', { class: 'ed-tried-asked', role: 'group', 'aria-label': `Asked by the try: ${asked.message}`, 'data-key': 'asked' }, make('q', { title: toldQuestion(asked), role: 'status' }, asked.message), ...answersTo(run, asked, answering, 'btn-sm')),
  )
}

function questionViews(run: Run, questions: readonly TriedQuestion[], answering: Answering): readonly Node[] {
  const views = questions.slice(0, TOLD).map((asked) =>
    make(
      'section', { class: 'ed-try-asked', 'data-key': `question ${asked.question}`, 'aria-label': 'A question' },
      make('h3', { class: 'h4' }, icon('hand-stop'), asked.message), make('p', {}, toldQuestion(asked)), make('div', { class: 'ed-try-answers' }, ...answersTo(run, asked, answering, '')),
    ),
  )
  const more = questions.length - TOLD
  return more <= 0 ? views : [...views, make('p', { 'data-key': 'more' }, `${more} more on the run’s page.`)]
}

/** Who waits for the answer. */
function toldQuestion({ kind, element, callers }: TriedQuestion): string {
  if (kind === 'interrupted') return `The step on ${element} was interrupted.`
  const names = callers.length === 0 ? [element] : callers
  return `Asked by ${names.slice(0, TOLD).join(', ')}${names.length > TOLD ? ` and ${names.length - TOLD} more` : ''}.`
}

function answersTo(run: Run, { question, options }: TriedQuestion, answering: Answering, css: string): readonly Node[] {
  if (!may('run.answer')) return [make('a', { href: `/runs/${run.id}/`, 'data-key': 'others' }, 'An operator must answer')]
  return options.map((option) => {
    const [word, does] = ANSWERS[option] ?? [option, '']
    const told = { title: does, 'data-act': 'answer', 'data-question': question, 'data-answer': option, 'data-key': `answer ${question} ${option}` }
    return make('button', { type: 'button', class: `btn ${css}`, disabled: answering.question === question, ...told }, word)
  })
}

function whyWords(run: Run): string {
  if (run.reason !== '') return run.reason === 'worker' ? 'It waits for a worker.' : withoutCount(run.reason)
  return isOver(run.state) ? 'It is over.' : 'It goes on when this is closed; its state stays in the bar above.'
}

function troublesView(troubles: readonly Trouble[]): HTMLElement {
  const items = troubles.map(({ name, message }) => make('li', {}, make('b', {}, name), message === '' ? '' : ` ${message}`))
  return make('ul', { class: 'ed-try-troubles', 'data-key': 'troubles' }, ...items)
}
