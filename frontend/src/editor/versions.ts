/** The card *Versions*: who published what and why, the difference of any two, and a version taken back. */
import { make } from '../lib/dom'
import { icon } from '../lib/icons'
import { morphChildren } from '../lib/morph'
import { timeElement } from '../lib/times'
import { ApiRefused, call } from '../wire/api'
import { failure, scriptsView, UNCHANGED, wordsView, type Change, type Difference } from './differences'
import { KEYS, type Draft, type Keys } from './documents'
import { isDirty, type Page, type State } from './state'

interface Version {
  readonly number: number
  readonly published_at: string
  readonly published_by: string
  readonly note: string
  readonly words: readonly Change[]
}

/** The draft stands for what is on the page now, 0 for an empty flow. */
type Side = number | 'draft'

interface Compared {
  readonly from: Side
  readonly to: Side
  readonly answer: Difference | { readonly failed: string } | null
}

const PAGE = 20
const FIRST_WORDS = 3

export class VersionsCard {
  private versions: readonly Version[] | null = null
  private failed = ''
  private loadedFor: number | null | undefined
  private isComplete = false
  private compared: Compared | null = null
  private said: { readonly text: string; readonly isGood: boolean } | null = null
  private isRestoring = false

  /** `save` stores what is on the page, so that what is taken back replaces what was seen. */
  constructor(
    private readonly place: HTMLElement,
    private readonly page: Page,
    private readonly save: () => Promise<void>,
  ) {
    place.addEventListener('click', ({ target }) => this.act(target))
    place.addEventListener('change', ({ target }) => this.choose(target))
  }

  draw(state: State): void {
    if (state.card !== 'versions') return
    const { published_version } = state.stored
    if (this.loadedFor !== published_version) {
      this.loadedFor = published_version
      this.compared = null
      void this.load(null)
    }
    morphChildren(this.place, [...this.view(state)])
    this.fillIn()
  }

  private async load(before: number | null): Promise<void> {
    const { flow } = this.page.state().stored
    try {
      const found = await call<readonly Version[]>('GET', `/api/flows/${flow}/versions${before === null ? '' : `?before=${before}`}`)
      this.versions = before === null ? found : [...(this.versions ?? []), ...found]
      this.isComplete = found.length < PAGE
      this.failed = ''
    } catch (error) {
      this.failed = messageOf(error)
    }
    if (this.compared === null) this.compareFirst()
    this.draw(this.page.state())
  }

  /** What the draft changes, or what the last version changed. */
  private compareFirst(): void {
    const [newest, older] = this.versions ?? []
    if (newest === undefined) return
    const { stored } = this.page.state()
    if (stored.is_draft || isDirty(this.page.state())) void this.compare(newest.number, 'draft')
    else if (older !== undefined) void this.compare(older.number, newest.number)
  }

  private async compare(from: Side, to: Side): Promise<void> {
    const compared: Compared = { from, to, answer: null }
    this.compared = compared
    this.draw(this.page.state())
    const answer = await this.difference(from, to).catch((error: unknown) => ({ failed: messageOf(error) }))
    if (this.compared === compared) this.compared = { ...compared, answer }
    this.draw(this.page.state())
  }

  private async difference(from: Side, to: Side): Promise<Difference> {
    const { flow } = this.page.state().stored
    if (from === to) return { words: [], is_same: true, scripts: { processing: [], execution: [] } }
    if (to === 'draft') {
      await this.save()
      return call<Difference>('POST', `/api/drafts/${flow}/changes`, { body: { against: from } })
    }
    if (from === 'draft') {
      await this.save()
      const version = await call<Keys>('GET', `/api/flows/${flow}/versions/${to}`)
      const keys = Object.fromEntries(KEYS.map((key) => [key, version[key]]))
      return call<Difference>('POST', `/api/drafts/${flow}/changes`, { body: { before: {}, keys } })
    }
    return call<Difference>('GET', `/api/flows/${flow}/versions/${to}/changes?against=${from}`)
  }

  private act(target: EventTarget | null): void {
    const button = target instanceof Element ? target.closest<HTMLElement>('button[data-act]') : null
    if (button === null) return
    const number = Number(button.dataset['version'])
    if (button.dataset['act'] === 'show') void this.compare(number - 1, number)
    if (button.dataset['act'] === 'restore') void this.restore(number)
    if (button.dataset['act'] === 'more') void this.load(this.versions?.at(-1)?.number ?? null)
    if (button.dataset['act'] === 'again') void this.load(null)
  }

  private choose(target: EventTarget | null): void {
    if (!(target instanceof HTMLSelectElement) || this.compared === null) return
    const side: Side = target.value === 'draft' ? 'draft' : Number(target.value)
    if (target.name === 'from') void this.compare(side, this.compared.to)
    const { from } = this.compared
    if (target.name === 'to') void this.compare(side === 'draft' && from === 0 ? (this.versions?.[0]?.number ?? 0) : from, side)
  }

  private async restore(version: number): Promise<void> {
    if (this.isRestoring) return
    this.isRestoring = true
    this.said = null
    this.draw(this.page.state())
    await this.save()
    const { stored } = this.page.state()
    if (isDirty(this.page.state())) {
      this.say(`Version ${version} was not restored: what is on the page could not be saved first. Try again.`, false)
      return
    }
    try {
      const draft = await call<Draft>('POST', `/api/drafts/${stored.flow}/restore`, { body: { revision: stored.revision, version } })
      this.page.dispatch({ type: 'restored', draft })
      void this.compare(version, 'draft')
      this.say(`The draft is what version ${version} was. Undo brings back what was here before.`, true)
    } catch (error) {
      this.say(refusedText(error, version), false)
    }
  }

  private say(text: string, isGood: boolean): void {
    this.isRestoring = false
    this.said = { text, isGood }
    this.draw(this.page.state())
  }

  // --- drawing ------------------------------------------------------------------------------------------------------

  private view(state: State): readonly HTMLElement[] {
    const said = this.said
    const told =
      said === null
        ? []
        : [said.isGood ? make('p', { class: 'ed-warning tone-good', role: 'status' }, icon('circle-check'), make('span', {}, said.text)) : failure(said.text)]
    if (this.failed !== '') return [failure(this.failed), make('button', { type: 'button', class: 'btn btn-sm', 'data-act': 'again' }, 'Try again')]
    if (this.versions === null) return [make('p', { class: 'text-secondary', role: 'status' }, 'Loading…')]
    if (this.versions.length === 0) {
      return [make('p', { class: 'empty-state' }, 'It was never published. Publish makes version 1; from then on every version stands here.')]
    }
    return [...told, make('div', { class: 'ed-versions', 'data-key': 'versions' }, this.list(state, this.versions), this.comparison(this.versions))]
  }

  private list(state: State, versions: readonly Version[]): HTMLElement {
    const rows = versions.map((version, at) => this.row(state, version, at === 0))
    const more = this.isComplete ? null : make('button', { type: 'button', class: 'btn btn-sm', 'data-act': 'more' }, 'Older versions')
    return make('div', { class: 'ed-version-list' }, make('ol', {}, ...rows), more)
  }

  private row(state: State, version: Version, isLive: boolean): HTMLElement {
    const { number, published_by, published_at, note, words } = version
    const isShown = this.compared?.to === number
    const restore = make(
      'button', { type: 'button', class: 'btn btn-sm', 'data-act': 'restore', 'data-version': number, disabled: this.isRestoring, title: `Make the draft what version ${number} was` },
      icon('history'), ' Restore', make('span', { class: 'visually-hidden' }, ` version ${number}`),
    )
    return make(
      'li', { class: `ed-version ${isShown ? 'is-shown' : ''}`, 'data-key': `version ${number}` },
      make(
        'div', { class: 'ed-version-head' },
        make('button', { type: 'button', class: 'ed-version-name', 'data-act': 'show', 'data-version': number, 'aria-pressed': isShown ? 'true' : 'false' }, `Version ${number}`),
        isLive ? make('span', { class: 'state tone-good' }, icon('circle-check'), 'live') : null,
        make('span', { class: 'text-secondary' }, `${published_by}, `, timeElement(published_at)),
        state.canWrite ? restore : null,
      ),
      note === '' ? null : make('p', { class: 'ed-version-note' }, note),
      number === 1 ? make('p', { class: 'text-secondary small mb-0' }, 'the first version') : wordsView(words.filter(({ text }) => text !== UNCHANGED), FIRST_WORDS),
    )
  }

  private comparison(versions: readonly Version[]): HTMLElement {
    const { compared } = this
    if (compared === null) return make('section', { 'aria-label': 'Difference' })
    const sides: readonly Side[] = ['draft', ...versions.map(({ number }) => number)]
    const empty: readonly Side[] = compared.to === 'draft' ? [] : [0]
    return make(
      'section', { class: 'ed-compare', 'aria-label': 'Difference' },
      make(
        'div', { class: 'ed-compare-head' },
        sideSelect('from', 'From', [...sides, ...empty]), icon('arrow-forward-up'), sideSelect('to', 'To', sides),
      ),
      ...answerView(compared),
    )
  }

  /** What is chosen stands in the state, not in the fields. */
  private fillIn(): void {
    if (this.compared === null) return
    for (const select of this.place.querySelectorAll('select')) {
      const side = select.name === 'from' ? this.compared.from : this.compared.to
      if (select.value !== String(side)) select.value = String(side)
    }
  }
}

function answerView({ answer }: Compared): readonly HTMLElement[] {
  if (answer === null) return [make('p', { class: 'text-secondary', role: 'status' }, 'Comparing…')]
  if ('failed' in answer) return [failure(answer.failed)]
  if (answer.is_same) return [make('p', {}, 'No difference.')]
  return [wordsView(answer.words), ...scriptsView(answer, true)]
}

function sideWord(side: Side): string {
  if (side === 'draft') return 'the draft'
  return side === 0 ? 'an empty flow' : `version ${side}`
}

function sideSelect(name: 'from' | 'to', label: string, sides: readonly Side[]): HTMLElement {
  const options = sides.map((side) => make('option', { value: side }, sideWord(side)))
  return make('label', {}, make('span', { class: 'text-secondary' }, `${label} `), make('select', { class: 'form-select form-select-sm', name }, ...options))
}

function refusedText(error: unknown, version: number): string {
  const why = error instanceof ApiRefused && error.problem.code === 'draft_changed' ? 'Somebody else has saved the draft: reload the page to see it.' : messageOf(error)
  return `Version ${version} was not restored. ${why}`
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
