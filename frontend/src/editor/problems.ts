/** The problems of the draft: one line that says how many, a list that opens, and the way from one to the next. */
import { make } from '../lib/dom'
import { icon } from '../lib/icons'
import { problemWords, type KeyProblem } from './documents'
import { cardOfProblem, keyProblemsOf } from './key_problems'
import { counted } from './words'
import { allProblems, CARDS, type Card, type Listed, type State } from './state'

const MOST_LISTED = 50
/** The closed list tells these in its one line, as far as they fit. */
const MOST_IN_HEAD = 3
const WORDS: Readonly<Record<Card, string>> = {
  target: 'Target',
  order: 'Order',
  steps: 'Steps',
  rules: 'Rules',
  versions: 'Versions',
}

/** A place of the draft: a card and, where it shows a script, line and column from 1. */
export interface At {
  readonly card: Card
  readonly line: number
  readonly col: number
}

/** A problem of a script, or of another key of the draft. */
export interface Found extends At {
  readonly message: string
  /** It can be published, and would fail. */
  readonly isWarning: boolean
  readonly of: Listed | KeyProblem
}

/** In the order of the sentence, those of a script in the order of its text. */
export function sortedProblems(state: State): readonly Found[] {
  const ofScripts = allProblems(state).map(
    (one): Found => ({ card: one.script === 'processing' ? 'order' : 'steps', line: one.line, col: one.col, message: one.message, isWarning: one.severity === 'warning', of: one }),
  )
  const ofKeys = keyProblemsOf(state).map(
    (one, index): Found => ({ card: cardOfProblem(one), line: 0, col: index, message: problemWords(one), isWarning: false, of: one }),
  )
  return [...ofScripts, ...ofKeys].toSorted((one, other) => compared(one, other))
}

/** What can be published and lacks something. */
export function warningsOf(state: State): readonly Found[] {
  return sortedProblems(state).filter(({ isWarning }) => isWarning)
}

/** The next problem behind a place, or before it; from the last on to the first. */
export function nextProblem(problems: readonly Found[], at: At | null, step: 1 | -1): Found | null {
  if (at === null) return problems.at(step === 1 ? 0 : -1) ?? null
  const found = step === 1 ? problems.find((one) => compared(one, at) > 0) : problems.findLast((one) => compared(one, at) < 0)
  return found ?? problems.at(step === 1 ? 0 : -1) ?? null
}

/** "2 problems, 1 warning". */
export function countOf(problems: readonly Found[]): string {
  const warnings = problems.filter(({ isWarning }) => isWarning).length
  const errors = problems.length - warnings
  const told = [errors > 0 || warnings === 0 ? counted(errors, 'problem') : '', warnings > 0 ? counted(warnings, 'warning') : '']
  return told.filter((part) => part !== '').join(', ')
}

export function whereIs({ card, line }: At): string {
  if (card !== 'order' && card !== 'steps') return WORDS[card]
  return line > 0 ? `${WORDS[card]}, line ${line}` : `${WORDS[card]}, blocks`
}

function compared(one: At, other: At): number {
  return CARDS.indexOf(one.card) - CARDS.indexOf(other.card) || one.line - other.line || one.col - other.col
}

export class Problems {
  private problems: readonly Found[] = []
  private drawn = ''
  private at: Found | null = null
  private readonly summary = make('button', { type: 'button', class: 'ed-problems-head', 'aria-expanded': 'false' })
  private readonly list = make('ol', { id: 'problems-list', hidden: true })
  private readonly said = make('span', { class: 'visually-hidden', role: 'status' })

  /** `goTo` shows a problem where it is; `cursor` is where the text cursor stands, null elsewhere. */
  constructor(
    private readonly place: HTMLElement,
    private readonly goTo: (problem: Listed | KeyProblem) => void,
    private readonly cursor: () => At | null,
  ) {
    this.summary.setAttribute('aria-controls', this.list.id)
    this.summary.addEventListener('click', () => this.toggle(this.list.hidden))
    this.list.addEventListener('keydown', (event) => this.hearKey(event))
    place.replaceChildren(this.summary, this.list)
    // What is announced stays on the page when the list is not.
    place.after(this.said)
  }

  draw(state: State): void {
    const problems = sortedProblems(state)
    const key = JSON.stringify(problems)
    if (key === this.drawn) return
    this.drawn = key
    this.problems = problems
    this.place.hidden = problems.length === 0
    this.place.classList.toggle('is-warning', problems.every(({ isWarning }) => isWarning))
    if (problems.length === 0) this.toggle(false)
    this.summary.replaceChildren(
      icon('chevron-right', 'icon ed-problems-open'),
      icon('alert-triangle'),
      make('strong', {}, countOf(problems)),
      make('span', { class: 'ed-problems-first' }, problems.slice(0, MOST_IN_HEAD).map((one) => `${whereIs(one)}: ${one.message}`).join(' · ')),
      make('kbd', {}, 'F8'),
    )
    const more = problems.length - MOST_LISTED
    this.list.replaceChildren(
      ...problems.slice(0, MOST_LISTED).map((problem) => make('li', {}, this.button(problem))),
      ...(more > 0 ? [make('li', {}, `and ${more} more`)] : []),
    )
    this.markAt()
  }

  /** Goes to the next problem, or back, and says which of how many it is. */
  next(step: 1 | -1): void {
    const problem = nextProblem(this.problems, this.cursor() ?? this.at, step)
    if (problem === null) {
      this.said.textContent = 'No problems'
      return
    }
    this.at = problem
    this.markAt()
    const number = this.problems.indexOf(problem) + 1
    this.said.textContent = `${problem.isWarning ? 'Warning' : 'Problem'} ${number} of ${this.problems.length}. ${whereIs(problem)}: ${problem.message}`
    this.goTo(problem.of)
  }

  /** The row of the problem where the person is, in sight if the list is. */
  private markAt(): void {
    const at = this.problems.findIndex((one) => one.message === this.at?.message && compared(one, this.at) === 0)
    for (const [index, button] of [...this.list.querySelectorAll('button')].entries()) {
      if (index === at) button.setAttribute('aria-current', 'true')
      else button.removeAttribute('aria-current')
      if (index === at) button.scrollIntoView({ block: 'nearest' })
    }
  }

  private toggle(isOpen: boolean): void {
    this.list.hidden = !isOpen
    this.summary.setAttribute('aria-expanded', String(isOpen))
  }

  private button(problem: Found): HTMLElement {
    const button = make(
      'button',
      { type: 'button', class: `ed-problem${problem.isWarning ? ' is-warning' : ''}` },
      icon('alert-triangle'),
      make('span', { class: 'ed-where' }, whereIs(problem)),
      make('span', {}, problem.message),
    )
    button.addEventListener('click', () => {
      this.at = problem
      this.markAt()
      this.goTo(problem.of)
    })
    return button
  }

  private hearKey(event: KeyboardEvent): void {
    const buttons = [...this.list.querySelectorAll('button')]
    const at = buttons.findIndex((button) => button === document.activeElement)
    if (event.key === 'ArrowDown') buttons[Math.min(buttons.length - 1, at + 1)]?.focus()
    else if (event.key === 'ArrowUp') buttons[Math.max(0, at - 1)]?.focus()
    else if (event.key === 'Escape') {
      this.toggle(false)
      this.summary.focus()
    } else return
    event.preventDefault()
  }
}
