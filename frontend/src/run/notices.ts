/** What stands above the matrix when it must be seen: a lost connection, a refusal, questions. */
import { ANSWERS } from '../lib/answers'
import { make, may } from '../lib/dom'
import { icon } from '../lib/icons'
import { timeElement } from '../lib/times'
import type { Question } from '../wire/types'
import { writeHash } from './address'
import type { PageState } from './state'
import { callersText, siteName } from './words'

export function noticesView(state: PageState): readonly HTMLElement[] {
  const notices: HTMLElement[] = []
  if (state.link === 'lost' || (state.link === 'connecting' && state.tree !== null)) {
    const text = state.refusal === '' ? 'Connection lost. Trying again…' : state.refusal
    notices.push(make('div', { class: 'run-notice tone-wait', 'data-key': 'link', role: 'status' }, icon('plug-connected-x'), make('span', {}, text)))
  }
  if (state.problem !== '') {
    notices.push(
      make(
        'div', { class: 'run-notice tone-bad', 'data-key': 'problem', role: 'alert' },
        icon('alert-circle'), make('span', {}, state.problem),
        make('button', { type: 'button', class: 'btn-close ms-auto', 'data-act': 'problem read', 'aria-label': 'Close' }),
      ),
    )
  }
  return notices
}

const MOST_QUESTIONS = 20

export function questionsView(state: PageState): readonly HTMLElement[] {
  const asked = state.tree?.questions ?? []
  const cards = asked.slice(0, MOST_QUESTIONS).map((question) => card(state, question))
  if (asked.length > MOST_QUESTIONS) {
    cards.push(make('p', { 'data-key': 'more' }, `${asked.length - MOST_QUESTIONS} more questions come when these are answered.`))
  }
  return cards
}

function card(state: PageState, question: Question): HTMLElement {
  const { question: number, run, element, site } = question
  const band = state.tree?.bands.get(run)
  const step = band === undefined ? `step ${site}` : siteName(band, site)
  const commentId = `comment-${number}`
  const isBusy = state.answering === number
  const form = make(
    'div', { class: 'run-answer' },
    ...question.options.map((option) => answer(number, option, isBusy)),
    make(
      'span', { class: 'run-comment' },
      make('label', { for: commentId }, 'Comment'),
      make('input', { class: 'form-control', id: commentId, maxlength: 1000, autocomplete: 'off', placeholder: 'kept with the run' }),
    ),
  )
  const told =
    question.kind === 'approval'
      ? approvalText(state, question, step)
      : [
          make('h2', { class: 'h4' }, icon('hand-stop'), ' ', make('a', { href: writeHash({ run, element, site }) }, `${element} · ${step}`)),
          make('p', {}, question.message, '.'),
        ]
  return make(
    'section', { class: 'run-question tone-wait', 'data-key': `question-${number}`, 'aria-label': `Question about ${element}` },
    ...told,
    may('run.answer') ? form : make('p', {}, question.kind === 'approval' ? 'An operator must answer.' : 'An operator must decide what became of it.'),
  )
}

/** What is asked, who waits for it, and until when. */
function approvalText(state: PageState, question: Question, step: string): readonly HTMLElement[] {
  const { run, element, site, until } = question
  const where = make('a', { href: writeHash({ run, element, site }) }, callersText(question))
  const end = until === null ? [] : ['; without an answer it is refused at ', timeElement(new Date(until * 1000).toISOString(), new Date(state.now))]
  const isStep = !step.endsWith(question.message)
  return [
    make('h2', { class: 'h4' }, icon('hand-stop'), ' ', make('span', {}, question.message)),
    make('p', {}, 'Asked by ', where, isStep ? ` at ${step}` : ` at step ${site}`, ...end, '.'),
  ]
}

function answer(question: number, option: string, disabled: boolean): HTMLElement {
  const [word, does] = ANSWERS[option] ?? [option, '']
  return make(
    'button', { type: 'button', class: 'btn', title: does, 'data-act': 'answer', 'data-question': question, 'data-answer': option, disabled }, word,
  )
}
