/** The sentence of the flow: its cards as buttons in words that are always true, each with its problem. */
import { make, need } from '../lib/dom'
import { icon } from '../lib/icons'
import { targetAddress } from '../wire/targets'
import { keyProblemsOf } from './key_problems'
import { problemWords } from './documents'
import { CARDS, type Card, type State } from './state'
import { orderPhrase, stepsPhrase, targetPhrase } from './phrases'
import { phrase, rulesWords, type Phrase } from './words'

const NAMES: Readonly<Record<Card, string>> = {
  target: 'Target',
  order: 'Order',
  steps: 'Steps',
  rules: 'Rules',
  versions: 'Versions',
}

export class Sentence {
  private readonly buttons: Readonly<Record<Card, HTMLButtonElement>>
  private drawn = ''
  private counted: { readonly selection: State['selection']; readonly address: string | null } = { selection: null, address: null }

  constructor(place: HTMLElement) {
    const button = (card: Card): HTMLButtonElement => need(`[data-open-card='${card}']`, HTMLButtonElement, place)
    this.buttons = {
      target: button('target'),
      order: button('order'),
      steps: button('steps'),
      rules: button('rules'),
      versions: button('versions'),
    }
    for (const [index, card] of CARDS.entries()) {
      this.buttons[card].title = `Open ${NAMES[card]} (Alt ${index + 1})`
      this.buttons[card].setAttribute('aria-keyshortcuts', `Alt+${index + 1}`)
    }
    window.addEventListener('keydown', (event) => this.hearKey(event), { capture: true })
  }

  draw(state: State): void {
    const phrases = this.phrases(state)
    const key = JSON.stringify(phrases)
    if (key === this.drawn) return
    this.drawn = key
    for (const card of CARDS) drawPhrase(this.buttons[card], NAMES[card], phrases[card])
  }

  private phrases(state: State): Readonly<Record<Card, Phrase>> {
    const problems = keyProblemsOf(state)
    const [ofTarget] = problems.filter(({ key }) => key.split('.')[0] === 'target')
    const [ofRules] = problems.filter(({ key }) => key.split('.')[0] !== 'target')
    const target = targetPhrase(state.other.target, state.selection, this.isCounting(state))
    return {
      target: target.problem === null && ofTarget !== undefined ? { ...target, problem: problemWords(ofTarget) } : target,
      order: orderPhrase(state.sides.processing, state.order, state.other.target),
      steps: stepsPhrase(state.sides.execution),
      rules: phrase(rulesWords(state.other), ofRules === undefined ? null : problemWords(ofRules)),
      versions: versionPhrase(state),
    }
  }

  /** A selection is that of the target as it was when it came. */
  private isCounting(state: State): boolean {
    const address = state.other.target === null ? null : targetAddress(state.other.target)
    if (state.selection !== this.counted.selection) this.counted = { selection: state.selection, address }
    return address !== null && address !== this.counted.address
  }

  private hearKey(event: KeyboardEvent): void {
    const digit = /^Digit([1-5])$/.exec(event.code)?.[1]
    if (digit === undefined || !event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return
    if (document.querySelector('dialog[open]') !== null) return
    const card = CARDS[Number(digit) - 1]
    if (card === undefined) return
    event.preventDefault()
    event.stopPropagation()
    this.buttons[card].click()
    this.buttons[card].focus()
  }
}

function versionPhrase({ stored }: State): Phrase {
  if (stored.published_version === null) return phrase('never published')
  return phrase(stored.is_draft ? `version ${stored.published_version} is live` : `version ${stored.published_version}`)
}

function drawPhrase(button: HTMLButtonElement, name: string, { text, problem, isWaiting }: Phrase): void {
  button.classList.toggle('is-waiting', isWaiting)
  button.classList.toggle('has-problem', problem !== null)
  const mark = problem === null ? null : icon('alert-triangle')
  const told = problem === null ? null : make('span', { class: 'visually-hidden' }, `. Problem: ${problem}`)
  button.replaceChildren(
    make('span', { class: 'sentence-name' }, name),
    make('span', { class: 'sentence-words' }, mark, text, told),
  )
}
