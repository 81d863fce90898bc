/** The dock below the editor: the plan of the draft as it is now, its waves to be played, and what it was made with. */
import { make } from '../lib/dom'
import { icon } from '../lib/icons'
import { capital } from '../lib/sentences'
import { morphChildren } from '../lib/morph'
import type { InputSpec } from '../wire/types'
import { Around } from './around'
import { boardOf, toldPlan, toldUnknown, type Board } from './dock_board'
import { Grid } from './dock_grid'
import { movesBetween, NO_MOVES, type Moves } from './dock_moves'
import { Player } from './dock_play'
import { problemWords, toldProblem, type DraftPlan, type KeyProblem, type Site } from './documents'
import { tellHint } from './hints'
import { cardOfProblem } from './key_problems'
import { type Card, type Page, type State } from './state'
import type { Planning } from './planning'
import { sortedProblems, warningsOf } from './problems'
import { isUnchosen } from './target_words'
import { sentence } from './words'

const FOLDED = 'flowsite.dock'
const FLASHES_MS = 1_600

export class Dock {
  private readonly grid: Grid
  private readonly player: Player
  private readonly head = make('div', { class: 'dk-bar' })
  private readonly summary = make('span', { class: 'dk-summary', role: 'status' })
  private readonly fold = make('button', { type: 'button', class: 'dk-fold', id: 'dock-fold' })
  private readonly said = make('div', { class: 'dk-said' })
  private readonly notes = make('div', { class: 'dk-notes' })
  private readonly folded = new Set<string>()
  private isFolded = readFolded()
  /** The last plan that there was: it stays, dimmed, while there is none. */
  private shown: DraftPlan | null = null
  private board: Board | null = null
  private moves: Moves = NO_MOVES
  private flashes = 0
  private drawn: readonly unknown[] = []
  /** What the words alone are made of: the grid, which is slow to draw, does not wait for them. */
  private told: readonly unknown[] = []
  private state: State

  constructor(
    private readonly place: HTMLElement,
    private readonly page: Page,
    private readonly planning: Planning,
  ) {
    this.state = page.state()
    this.grid = new Grid({
      hinted: (column) => tellHint(column === null || this.state.script !== 'execution' ? null : (this.siteAt(column)?.block ?? null)),
      pointed: (column, isMeant) => this.point(column, isMeant),
      folded: (key) => this.turn(key),
    })
    this.player = new Player(() => this.drawGrid())
    this.head.append(this.fold, this.summary, this.player.element)
    const middle = make('div', { class: 'dk-main' }, this.grid.element, this.notes)
    place.append(this.head, this.said, middle)
    this.fold.addEventListener('click', () => this.setFolded(!this.isFolded))
    place.addEventListener('click', (event) => this.hearClick(event))
    place.addEventListener('change', (event) => this.hearChange(event))
    window.addEventListener('focus', () => planning.lookedAt(Date.now()))
  }

  draw(state: State): void {
    this.state = state
    const { answer, isAsking, problem } = state.plan
    const about = [answer, isAsking, problem, state.pointed, state.sides.execution.sites, state.other, this.planning.given(), this.planning.givenElements(), this.isFolded]
    const words = [state.card, state.sides, state.names]
    const isSame = about.every((one, at) => one === this.drawn[at])
    if (isSame && words.every((one, at) => one === this.told[at])) return
    const isNewAnswer = answer !== this.drawn[0]
    this.drawn = about
    this.told = words
    if (isNewAnswer && answer !== null && answer.plan !== null) this.take(answer)
    this.drawFrame()
    if (!isSame && !this.isFolded) this.drawGrid()
    if (isNewAnswer) this.place.dataset['answers'] = String(Number(this.place.dataset['answers'] ?? '0') + 1)
  }

  /** Marks the column of what the pointer is over. */
  hint(block: string | null): void {
    if (this.shown !== null) this.grid.hint(this.columnOf(this.shown, block))
  }

  private take(answer: DraftPlan): void {
    this.moves = this.shown === null ? NO_MOVES : movesBetween(this.shown, answer)
    this.shown = answer
    this.board = boardOf(answer, this.folded)
    window.clearTimeout(this.flashes)
    if (this.moves.cells.size + this.moves.rows.size === 0) return
    this.flashes = window.setTimeout(() => {
      this.moves = NO_MOVES
      this.drawGrid()
    }, FLASHES_MS)
  }

  private drawFrame(): void {
    const { answer, isAsking, problem } = this.state.plan
    const isOld = this.shown !== null && (answer !== this.shown || problem !== null)
    this.place.classList.toggle('is-folded', this.isFolded)
    this.place.classList.toggle('is-asking', isAsking)
    this.place.classList.toggle('is-old', isOld)
    this.place.dataset['plan'] = isAsking ? 'asking' : answer === null ? 'none' : answer.plan === null ? 'refused' : 'known'
    this.fold.setAttribute('aria-expanded', String(!this.isFolded))
    this.fold.title = this.isFolded ? 'Show the plan' : 'Hide the plan'
    this.fold.replaceChildren(icon(this.isFolded ? 'chevron-right' : 'chevron-down'), 'Plan')
    const words = this.summaryWords()
    if (this.summary.textContent !== words) this.summary.textContent = words
    this.player.show(isOld || this.isFolded ? null : this.shown)
    morphChildren(this.said, this.isFolded ? [] : this.whatToDo())
    morphChildren(this.notes, this.isFolded || this.shown === null ? [] : this.noteLines(this.shown))
    this.grid.element.hidden = this.isFolded || this.board === null || this.board.columns.length === 0
  }

  private drawGrid(): void {
    if (this.shown === null || this.board === null || this.isFolded) return
    this.grid.draw({ plan: this.shown, board: this.board, moves: this.moves, wave: this.player.wave(), lit: this.litColumn(this.shown) })
  }

  // --- words --------------------------------------------------------------------------------------------------------

  private summaryWords(): string {
    const { answer, isAsking, problem } = this.state.plan
    if (problem !== null) return 'No plan: the server did not give one'
    if (answer === null) return isAsking ? 'Making the plan…' : ''
    if (answer.plan !== null) return [toldPlan(answer), this.toldWarnings()].filter((part) => part !== '').join('; ')
    if (this.state.sides.execution.text.trim() === '') return 'No step yet'
    const kept = this.shown === null ? '' : ': below is the last one'
    if (isUnchosen(this.state.other.target)) return `No plan until elements are chosen${kept}`
    const count = answer.problems.length
    return count > 0 ? `No plan until ${count === 1 ? 'a problem is' : `${count} problems are`} mended${kept}` : `No plan${kept}`
  }

  /** The plan assumes that every step succeeds; these may well not. */
  private toldWarnings(): string {
    const count = warningsOf(this.state).length
    return count === 0 ? '' : `${count === 1 ? '1 step lacks' : `${count} steps lack`} a required input: press F8`
  }

  private whatToDo(): readonly HTMLElement[] {
    const { answer, problem } = this.state.plan
    if (problem !== null) return [line('alert-triangle', problem, button('Try again', { 'data-again': true }))]
    if (answer === null || answer.plan !== null) return []
    if (this.state.sides.execution.text.trim() === '')
      return [guide('plus', 'There is no step yet. Put the first one in: the plan follows every edit.')]
    if (isUnchosen(this.state.other.target)) return [guide('target', 'Choose a profile, a group or a filter: the plan follows.', ...(this.state.card === 'target' ? [] : [openButton('target')]))]
    const [first] = answer.problems
    if (first === undefined && this.state.other.target === null) return [this.withoutTarget(answer.reason ?? '')]
    if (first !== undefined) return this.led(toldProblem(first), cardOfProblem(first), isListed(this.state, first))
    const reason = answer.reason ?? ''
    return this.led(capital(sentence(reason)), cardOfReason(reason), false)
  }

  /** What is wrong, unless the list of problems tells it, and the way to its card, unless that is open. */
  private led(words: string, card: Card, isTold: boolean): readonly HTMLElement[] {
    const way = this.state.card === card ? [] : [openButton(card)]
    if (!isTold) return [line('alert-triangle', words, ...way)]
    return way.length === 0 ? [] : [guide('alert-triangle', 'What is wrong stands below.', ...way)]
  }

  /** Such a flow runs where others call it; it is planned on elements that somebody names. */
  private withoutTarget(reason: string): HTMLElement {
    const given = this.planning.givenElements().join(', ')
    const told = given === '' ? 'The elements are named at each start. Choose a target, or plan it on' : capital(sentence(reason))
    return guide('target', told, elementsField(given), openButton('target'))
  }

  private noteLines(plan: DraftPlan): readonly HTMLElement[] {
    const summary = plan.plan
    const lines: HTMLElement[] = []
    if (summary?.complete === false) lines.push(note('unknown', `Hatched: ${toldUnknown(plan)}.`))
    for (const [at, text] of (summary?.notes ?? []).entries()) lines.push(note(`note-${at}`, capital(sentence(text))))
    const more = plan.rows_total - plan.rows.length
    if (more > 0) lines.push(note('more', `and ${more.toLocaleString('en')} more elements`))
    if (plan.columns_total > plan.columns.length) lines.push(note('columns', `and ${plan.columns_total - plan.columns.length} more steps`))
    const given = this.planning.givenElements()
    if (given.length > 0 && this.state.other.target === null)
      lines.push(make('div', { class: 'dk-input', 'data-key': 'elements' }, make('span', {}, 'Planned on'), elementsField(given.join(', '))))
    const fields = this.inputFields(plan)
    if (fields.length > 0) lines.push(make('div', { class: 'dk-inputs', 'data-key': 'inputs' }, make('h3', {}, 'Planned with'), ...fields))
    return lines
  }

  /** A field for each input whose value the plan had to make up, or somebody has chosen. */
  private inputFields(plan: DraftPlan): readonly HTMLElement[] {
    const given = this.planning.given()
    const specs = this.state.other.inputs.filter(({ name }) => name in plan.sampled || name in given)
    return specs.map((spec) => {
      const id = `dock-input-${spec.name}`
      const sample = name(plan.sampled[spec.name])
      return make(
        'div',
        { class: 'dk-input', 'data-key': spec.name },
        make('label', { for: id }, spec.name),
        fieldOf(spec, id, given[spec.name] ?? '', sample),
        spec.name in given ? null : make('span', { class: 'dk-sample' }, 'a sample'),
      )
    })
  }

  // --- pointing -----------------------------------------------------------------------------------------------------

  private litColumn(plan: DraftPlan): number | null {
    return this.columnOf(plan, this.state.pointed.block)
  }

  /** The column of the step that a block is, holds as a value, or is a value of. */
  private columnOf(plan: DraftPlan, block: string | null): number | null {
    if (block === null || this.state.script !== 'execution') return null
    const { sites, placed } = this.state.sides.execution
    const [site] = new Around(placed).sites(block, sites)
    if (site === undefined) return null
    const place = plan.columns.findIndex((column) => column.depth === 0 && column.site === site.site)
    return place < 0 ? null : place
  }

  /** A child's steps are no blocks of this flow: the one that calls it is meant. */
  private siteAt(column: number): Site | undefined {
    const columns = this.shown?.columns ?? []
    let at = column
    for (let within = columns[at]?.within ?? null; within !== null; within = columns[at]?.within ?? null) at = within
    return this.state.sides.execution.sites.find((site) => site.site === columns[at]?.site)
  }

  private point(column: number, isMeant: boolean): void {
    const found = this.siteAt(column)
    if (isMeant && this.state.card !== 'steps') this.page.dispatch({ type: 'card-chosen', card: 'steps' })
    const { script, pointed } = this.page.state()
    if (script !== 'execution' || found?.block === undefined || found.block === pointed.block) return
    this.page.dispatch({ type: 'pointed', block: found.block, by: 'plan' })
  }

  private turn(key: string): void {
    if (!this.folded.delete(key)) this.folded.add(key)
    if (this.shown !== null) this.board = boardOf(this.shown, this.folded)
    this.drawGrid()
  }

  private setFolded(isFolded: boolean): void {
    this.isFolded = isFolded
    localStorage.setItem(FOLDED, isFolded ? 'folded' : 'open')
    this.draw(this.state)
  }

  private hearClick(event: MouseEvent): void {
    const target = event.target instanceof Element ? event.target.closest('button') : null
    if (target === null) return
    const card = target.dataset['card'] as Card | undefined
    if (card !== undefined) this.page.dispatch({ type: 'card-chosen', card })
    if ('again' in target.dataset) this.planning.again()
  }

  private hearChange(event: Event): void {
    const field = event.target
    if (!(field instanceof HTMLInputElement || field instanceof HTMLSelectElement)) return
    if ('elements' in field.dataset) this.planning.giveElements(field.value)
    const input = field.dataset['input']
    if (input !== undefined) this.planning.give(input, field.value)
  }
}

function readFolded(): boolean {
  const kept = localStorage.getItem(FOLDED)
  return kept === null ? window.innerWidth < 768 : kept === 'folded'
}

function line(iconName: string, text: string, ...acts: readonly HTMLElement[]): HTMLElement {
  return make('p', { class: 'dk-line' }, icon(iconName), make('span', {}, text), ...acts)
}

/** What to do next, where nothing is wrong. */
function guide(iconName: string, text: string, ...acts: readonly HTMLElement[]): HTMLElement {
  return make('p', { class: 'dk-line is-guide' }, icon(iconName), make('span', {}, text), ...acts)
}

function elementsField(value: string): HTMLElement {
  return make('input', { type: 'text', class: 'form-control form-control-sm', 'data-elements': true, value, placeholder: 'db1, db2', 'aria-label': 'Elements to plan on', autocomplete: 'off' })
}

function note(key: string, text: string): HTMLElement {
  return make('p', { 'data-key': key }, text)
}

function button(text: string, data: Readonly<Record<string, string | boolean>>): HTMLElement {
  return make('button', { type: 'button', class: 'btn btn-sm', ...data }, text)
}

const NAMES: Readonly<Record<Card, string>> = { target: 'Target', order: 'Order', steps: 'Steps', rules: 'Rules', versions: 'Versions' }

function openButton(card: Card): HTMLElement {
  return button(`Open ${NAMES[card]}`, { 'data-card': card })
}

/** True where the bar of problems, right below, says the same. */
function isListed(state: State, problem: KeyProblem): boolean {
  const words = [problem.message, problemWords(problem)]
  return sortedProblems(state).some(({ message }) => words.includes(message))
}

/** Before its first step a flow fails by its target, by its processing script, or by its inputs. */
function cardOfReason(reason: string): Card {
  if (/^\S+ failed at /.test(reason)) return 'steps'
  if (reason.startsWith('line ') || reason.includes('processing script')) return 'order'
  if (reason.startsWith('input ')) return 'rules'
  return reason.startsWith('making the plan') ? 'target' : reason.includes(', line ') ? 'steps' : 'target'
}

function fieldOf(spec: InputSpec, id: string, value: string, sample: string): HTMLElement {
  const about = { id, 'data-input': spec.name, class: 'form-control form-control-sm' }
  const choices = spec.type === 'boolean' ? ['true', 'false'] : spec.type === 'choice' ? (spec.choices ?? []) : null
  if (choices === null) {
    const type = spec.type === 'secret' ? 'password' : 'text'
    return make('input', { ...about, type, value, placeholder: sample, autocomplete: 'off' })
  }
  const chosen = value === '' ? sample : value
  return make('select', { ...about, class: 'form-select form-select-sm' }, ...choices.map((choice) => make('option', { value: choice, selected: choice === chosen }, choice)))
}

function name(value: unknown): string {
  if (value === undefined || value === null) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}
