/** The dialog *Try*: the draft, really run on elements that are chosen; its state is followed here and in the bar. */
import { make } from '../lib/dom'
import { icon } from '../lib/icons'
import { randomKey } from '../lib/keys'
import { morphChildren } from '../lib/morph'
import { isOver, stateBadge } from '../lib/states'
import { tryMark } from '../lib/tries'
import { inputField } from '../start/fields'
import { isCheckbox, misfit, textFor, valueOf } from '../start/values'
import { ApiRefused, call } from '../wire/api'
import { targetAddress } from '../wire/targets'
import type { InputSpec } from '../wire/types'
import { actButton, answers, Box } from './boxes'
import { failure, warnedView, warning } from './differences'
import { toldProblem, type KeyProblem, type OrderPreview, type Selection } from './documents'
import { warningsOf } from './problems'
import { heldBack, isDirty, isSettled, type Page, type State } from './state'
import { isUnchosen } from './target_words'
import { askedInShort, NO_ANSWER, openOf, runView, troublesOf, type Answering, type Run, type Tried, type Trouble } from './tried'
import { counted } from './words'

/** So many elements are listed; searching finds the others. */
const LISTED = 200
const SEARCHED_FROM = 12
const LOOK_MS = 1_000
const ELEMENTS = 'elements'
const NOT_WRITTEN = 'Choose a profile, groups or filters on the card Target first.'

export class TryDialog {
  private readonly box: Box
  private names: readonly string[] | null = null
  private readonly chosen = new Set<string>()
  private search = ''
  private readonly values = new Map<string, string>()
  private faults: Readonly<Record<string, string>> = {}
  private refused: { readonly message: string; readonly problems: readonly KeyProblem[] } | null = null
  private isStarting = false
  private isWanted = false
  private run: Run | null = null
  private triedRevision = 0
  private troubles: readonly Trouble[] = []
  private answering: Answering = NO_ANSWER
  private key = ''

  constructor(
    private readonly page: Page,
    private readonly chip: HTMLElement,
    private readonly goTo: (problem: KeyProblem) => void,
  ) {
    this.box = new Box('try-box', {
      act: (what, button) => this.act(what, button),
      input: (field) => this.note(field),
      submit: () => this.start(),
    })
    chip.addEventListener('click', ({ target }) => {
      const button = target instanceof Element ? target.closest<HTMLElement>('[data-act=answer]') : null
      if (button !== null) this.act('answer', button)
    })
  }

  open(): void {
    const state = this.page.state()
    this.names = null
    this.chosen.clear()
    this.search = ''
    this.faults = {}
    this.refused = null
    this.isStarting = this.isWanted = false
    if (this.run !== null && isOver(this.run.state)) this.run = null
    for (const spec of inputsOf(state)) if (!this.values.has(spec.name)) this.values.set(spec.name, textFor(spec, null))
    this.box.open()
    void this.load(state)
    this.draw(state)
  }

  /** The last try since the page was opened, and whether it ran the draft as it is stored now. */
  last(): Tried | null {
    return this.run === null ? null : { run: this.run, isOfThis: this.triedRevision === this.page.state().stored.revision }
  }

  draw(state: State): void {
    this.drawChip()
    if (!this.box.isOpen) return
    if (state.conflict !== null) {
      this.box.close()
      return
    }
    if (this.isWanted && isAtRest(state)) void this.send(state)
    this.box.draw(this.run === null ? `Try the draft of ${state.stored.name}` : `Trying ${state.stored.name}`, ...this.view(state))
    this.fillIn(state)
  }

  /** The elements of the target; every enabled one where the caller gives them. The first that would run alone is chosen. */
  private async load(state: State): Promise<void> {
    const { target } = state.other
    const address = target === null ? '/api/targets/?all=true' : targetAddress(target)
    try {
      const names = address === null ? [] : (await call<Selection>('GET', address)).names
      this.names = inRunOrder(names, this.page.state().order.answer)
      const [first] = this.names
      if (first !== undefined) this.chosen.add(first)
    } catch (error) {
      this.names = []
      this.refused = { message: messageOf(error), problems: [] }
    }
    this.draw(this.page.state())
  }

  private act(what: string, button: HTMLElement): void {
    if (what === 'close') this.box.close()
    if (what === 'none') this.chosen.clear()
    if (what === 'try') this.start()
    if (what === 'answer') void this.answer(Number(button.dataset['question']), button.dataset['answer'] ?? '')
    if (what === 'again') {
      this.run = null
      this.open()
    }
    if (what === 'go') {
      const problem = this.refused?.problems[Number(button.dataset['at'])]
      this.box.close()
      if (problem !== undefined) this.goTo(problem)
    }
    this.draw(this.page.state())
  }

  private note(field: HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement): void {
    const { element, startInput } = field.dataset
    const isChecked = field instanceof HTMLInputElement && field.checked
    if (element !== undefined) {
      if (isChecked) this.chosen.add(element)
      else this.chosen.delete(element)
      this.faults = without(this.faults, ELEMENTS)
    } else if (startInput !== undefined) {
      const isBox = field instanceof HTMLInputElement && field.type === 'checkbox'
      this.values.set(startInput, isBox ? String(field.checked) : field.value)
      this.faults = without(this.faults, startInput)
    } else if (field.type === 'search') this.search = field.value
    this.draw(this.page.state())
  }

  private start(): void {
    if (this.run !== null || this.isStarting) return
    this.faults = this.faultsNow()
    if (Object.keys(this.faults).length > 0) {
      this.draw(this.page.state())
      this.box.find('[aria-invalid="true"]', HTMLElement)?.focus()
      return
    }
    const held = heldBack(this.page.state(), 'tried')
    this.refused = held === null ? null : { message: held, problems: [] }
    this.isStarting = this.isWanted = held === null
    this.key = randomKey()
    this.draw(this.page.state())
  }

  private faultsNow(): Readonly<Record<string, string>> {
    const faults: Record<string, string> = {}
    if (this.chosen.size === 0) faults[ELEMENTS] = 'Choose at least one element.'
    for (const spec of inputsOf(this.page.state())) {
      const text = this.values.get(spec.name) ?? ''
      if (text === '' && spec.required) faults[spec.name] = 'A value is needed.'
      else if (text !== '' && valueOf(spec, text) === undefined) faults[spec.name] = misfit(spec, text)
    }
    return faults
  }

  private async send(state: State): Promise<void> {
    this.isWanted = false
    const given = inputsOf(state).map((spec) => [spec.name, valueOf(spec, this.values.get(spec.name) ?? '')] as const)
    const inputs = Object.fromEntries(given.filter(([name]) => (this.values.get(name) ?? '') !== ''))
    const reason = this.box.find('input[name="reason"]', HTMLInputElement)?.value ?? ''
    const elements = (this.names ?? []).filter((name) => this.chosen.has(name))
    const body = { revision: state.stored.revision, elements, inputs, reason }
    this.triedRevision = body.revision
    try {
      const headers = { 'Idempotency-Key': this.key }
      this.troubles = []
      this.answering = NO_ANSWER
      this.run = await call<Run>('POST', `/api/drafts/${state.stored.flow}/try`, { body, headers })
      void this.follow(this.run.id)
    } catch (error) {
      const { problems } = (error instanceof ApiRefused ? error.problem : {}) as { readonly problems?: readonly KeyProblem[] }
      this.refused = { message: messageOf(error), problems: problems ?? [] }
    }
    this.isStarting = false
    this.draw(this.page.state())
  }

  private async follow(id: number): Promise<void> {
    while (this.run?.id === id && !isOver(this.run.state)) {
      await new Promise((resolve) => window.setTimeout(resolve, LOOK_MS))
      const found = await call<Run>('GET', `/api/runs/${id}/`).catch(() => null)
      const troubles = found !== null && isOver(found.state) ? await troublesOf(found) : []
      if (found !== null && this.run.id === id) {
        this.take(found)
        this.troubles = troubles
      }
      this.draw(this.page.state())
    }
  }

  /** The question stays until the run has read the answer; until then its buttons are grey. */
  private async answer(question: number, answer: string): Promise<void> {
    if (this.run === null || this.answering.question !== null) return
    const { id } = this.run
    this.answering = { question, refused: '' }
    this.draw(this.page.state())
    try {
      await call<unknown>('POST', `/api/runs/${id}/questions/${question}`, { body: { answer, comment: '' } })
    } catch (error) {
      this.answering = { question: null, refused: messageOf(error) }
      if (!this.box.isOpen) this.open()
      this.draw(this.page.state())
    }
  }

  /** What is no longer asked is answered. */
  private take(run: Run): void {
    this.run = run
    const { question } = this.answering
    if (question !== null && !openOf(run).some((asked) => asked.question === question)) this.answering = NO_ANSWER
  }

  // --- drawing ------------------------------------------------------------------------------------------------------

  private view(state: State): readonly Node[] {
    if (this.run !== null) return runView(this.run, this.troubles, this.answering)
    const specs = inputsOf(state)
    const busy = this.isStarting
    const warned = warningsOf(state)
    return [
      warning('This really runs on the elements. The run is marked ', tryMark(), ', and nothing is published.'),
      ...(warned.length > 0 ? [warnedView(warned)] : []),
      this.elementsView(state),
      ...(specs.length === 0
        ? []
        : [
            make(
              'fieldset', { 'data-key': 'inputs' }, make('legend', { class: 'h4' }, 'Inputs'),
              ...specs.map((spec) => inputField(spec, this.values.get(spec.name) ?? '', this.faults[spec.name], this.names ?? [])),
            ),
          ]),
      make('label', { class: 'ed-note-field', 'data-key': 'reason' }, 'Reason', make('span', { class: 'text-secondary' }, ' if you like'), make('input', { class: 'form-control', name: 'reason', maxlength: 1000, autocomplete: 'off' })),
      ...(this.refused === null ? [] : [refusedView(this.refused)]),
      answers(
        actButton('close', '', false, 'Cancel'),
        actButton('try', 'btn-primary', busy || (this.names ?? []).length === 0, icon('flask'), busy ? (this.isWanted ? ' Saving…' : ' Starting…') : tryWords(this.chosen.size)),
      ),
    ]
  }

  private elementsView({ other }: State): HTMLElement {
    const { names } = this
    const title = make('legend', { class: 'h4' }, 'On which elements')
    if (names === null) return make('fieldset', { 'data-key': ELEMENTS }, title, make('p', { role: 'status' }, 'Loading…'))
    if (names.length === 0) return make('fieldset', { 'data-key': ELEMENTS }, title, isUnchosen(other.target) ? make('p', {}, NOT_WRITTEN) : failure('The target selects no enabled element: change it on the card Target, or enable elements.'))
    const needle = this.search.trim().toLowerCase()
    const found = names.filter((name) => name.toLowerCase().includes(needle) || this.chosen.has(name))
    const fault = this.faults[ELEMENTS]
    return make(
      'fieldset', { 'data-key': ELEMENTS, 'aria-invalid': fault === undefined ? null : 'true', tabindex: '-1' },
      title,
      names.length < SEARCHED_FROM ? null : make('input', { type: 'search', class: 'form-control form-control-sm', 'data-key': 'search', placeholder: `Find among ${names.length}`, 'aria-label': 'Find an element', autocomplete: 'off' }),
      make(
        'div', { class: 'ed-try-elements', 'data-key': 'list' },
        ...found.slice(0, LISTED).map((name) => make('label', { class: 'form-check', 'data-key': `element ${name}` }, make('input', { type: 'checkbox', class: 'form-check-input', 'data-element': name }), make('span', { class: 'form-check-label' }, name))),
      ),
      make('p', { class: 'text-secondary', 'data-key': 'count' }, chosenWords(this.chosen.size, names.length, found.length - LISTED)),
      fault === undefined ? null : make('div', { class: 'invalid-feedback d-block' }, fault),
    )
  }

  /** What a person chose stands here, not in the fields. */
  private fillIn(state: State): void {
    for (const field of this.box.fields('[data-element]')) {
      if (field instanceof HTMLInputElement) field.checked = this.chosen.has(field.dataset['element'] ?? '')
    }
    for (const spec of inputsOf(state)) {
      const text = this.values.get(spec.name) ?? ''
      const field = this.box.find(`[data-start-input="${CSS.escape(spec.name)}"]`, HTMLElement)
      if (field instanceof HTMLInputElement && isCheckbox(spec)) field.checked = text === 'true'
      else if (isField(field) && field.value !== text) field.value = text
    }
  }

  private drawChip(): void {
    const { run } = this
    this.chip.hidden = run === null
    if (run === null) return
    const link = make('a', { href: `/runs/${run.id}/`, title: 'Open the run of the last try', 'data-key': 'run' }, icon('flask'), `Try ${run.id}`)
    morphChildren(this.chip, [link, stateBadge(run.state), ...askedInShort(run, this.answering)])
  }
}

function refusedView({ message, problems }: { readonly message: string; readonly problems: readonly KeyProblem[] }): HTMLElement {
  if (problems.length === 0) return failure(message)
  const items = problems.map((problem, at) => make('li', {}, make('button', { type: 'button', class: 'ed-problem', 'data-act': 'go', 'data-at': at }, icon('alert-triangle'), make('span', {}, toldProblem(problem)))))
  return make('section', { class: 'ed-blocked', role: 'alert', 'data-key': 'refused' }, make('h3', { class: 'h4' }, 'It cannot be tried yet'), make('ol', {}, ...items))
}

function inputsOf(state: State): readonly InputSpec[] {
  const { inputs } = state.other
  return Array.isArray(inputs) ? (inputs as readonly InputSpec[]) : []
}

function isAtRest(state: State): boolean {
  return isSettled(state) && !isDirty(state) && state.saving === 'idle' && heldBack(state, 'tried') === null
}

function tryWords(count: number): string {
  return count === 0 ? ' Try' : ` Try on ${counted(count, 'element')}`
}

/** "2 of 10 chosen, 3 more not listed"; with nobody chosen, what to do. */
export function chosenWords(chosen: number, all: number, unlisted: number): string {
  const told = chosen === 0 ? `Choose at least one of ${counted(all, 'element')}` : `${chosen} of ${all} chosen`
  return `${told}${unlisted > 0 ? `, ${unlisted} more not listed` : ''}`
}

/** As the run would take them, where the order of the draft is known; what it does not tell of, or drops, comes last. */
export function inRunOrder(names: readonly string[], order: OrderPreview | null): readonly string[] {
  const selected = new Set(names)
  const first = (order?.rows ?? []).map(({ name }) => name).filter((name) => selected.has(name))
  const told = new Set(first)
  return [...first, ...names.filter((name) => !told.has(name))]
}

function isField(field: HTMLElement | null): field is HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement {
  return field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement || field instanceof HTMLSelectElement
}

function without(faults: Readonly<Record<string, string>>, name: string): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(faults).filter(([key]) => key !== name))
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
