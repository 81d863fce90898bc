/** Asks for the plan and for the order of the draft after each edit, and drops what came too late. */
import { ApiRefused, call } from '../wire/api'
import type { Asked, DraftPlan, Keys, OrderPreview } from './documents'
import { keysOf, type Page, type State } from './state'

/** What is typed is asked about in a pause; what came from blocks or a field has waited before. */
const WAITS_MS = { typed: 50, set: 0 } as const
const TRIES_AGAIN_MS = 5_000
const OVERTAKEN_MS = 300
/** Facts change without the draft: who comes back after so long gets a fresh plan. */
const OLD_MS = 60_000
const ROWS = 200

export type Given = Readonly<Record<string, string>>
type Ask = <Answer>(path: string, body: unknown, signal: AbortSignal) => Promise<Answer>

const overTheWire: Ask = (path, body, signal) => call('POST', path, { body, signal })

/** One thing that is asked again and again: only the answer to the newest question counts. */
class Question<Answer> {
  private about: readonly unknown[] = []
  private timer = 0
  private controller: AbortController | null = null
  private answeredAt = 0

  constructor(
    private readonly ask: (signal: AbortSignal) => Promise<Answer>,
    private readonly tell: (asked: (before: Asked<Answer>) => Asked<Answer>) => void,
  ) {}

  get isOpen(): boolean {
    return this.timer !== 0 || this.controller !== null
  }

  /** Asks after a while if `about` is something else than what was asked about last. */
  want(about: readonly unknown[], waitsMs: number): void {
    if (about.length === this.about.length && about.every((one, at) => one === this.about[at])) return
    this.about = about
    this.later(waitsMs)
  }

  again(): void {
    this.later(0)
  }

  isOld(now: number): boolean {
    return !this.isOpen && now - this.answeredAt > OLD_MS
  }

  private later(ms: number): void {
    window.clearTimeout(this.timer)
    this.timer = window.setTimeout(() => void this.go(), ms)
  }

  private async go(): Promise<void> {
    this.timer = 0
    this.controller?.abort()
    const mine = new AbortController()
    this.controller = mine
    this.tell((before) => ({ ...before, isAsking: true }))
    try {
      const answer = await this.ask(mine.signal)
      if (this.controller !== mine) return
      this.controller = null
      this.answeredAt = Date.now()
      this.tell(() => ({ answer, isAsking: this.timer !== 0, problem: null }))
    } catch (error) {
      if (this.controller !== mine) return
      this.controller = null
      const isOvertaken = error instanceof ApiRefused && error.problem.code === 'overtaken'
      const problem = error instanceof Error ? error.message : String(error)
      if (!isOvertaken) this.tell((before) => ({ ...before, isAsking: false, problem }))
      if (isOvertaken) this.later(OVERTAKEN_MS)
      else if (!(error instanceof ApiRefused)) this.later(TRIES_AGAIN_MS)
    }
  }
}

/** Looks at the state after each event, as `Work` does. */
export class Planning {
  private inputs: Given = {}
  private elements: readonly string[] = []
  private readonly plan: Question<DraftPlan>
  private readonly order: Question<OrderPreview>

  constructor(
    private readonly page: Page,
    ask: Ask = overTheWire,
  ) {
    const body = (): object => ({ keys: planned(keysOf(page.state())), inputs: this.inputs, rows: ROWS })
    const path = (what: string): string => `/api/drafts/${page.state().stored.flow}/${what}`
    this.plan = new Question<DraftPlan>(
      (signal) => ask(path('plan'), { ...body(), elements: this.chosen() }, signal),
      (change) => page.dispatch({ type: 'plan-told', plan: change(page.state().plan) }),
    )
    this.order = new Question<OrderPreview>(
      (signal) => ask(path('order'), body(), signal),
      (change) => page.dispatch({ type: 'order-told', order: change(page.state().order) }),
    )
  }

  look(): void {
    const state = this.page.state()
    const { execution, processing } = state.sides
    // The blocks' text is on its way: it will be asked about when it is here.
    if (execution.edited === 'blocks' || processing.edited === 'blocks') return
    this.plan.want([execution.text, processing.text, state.other, this.inputs, this.elements], waits(state, ['execution', 'processing']))
    // What decides about the order alone is asked second: a plan is looked at while one edits.
    if (this.plan.isOpen && state.card !== 'order') return
    const { target, inputs } = state.other
    this.order.want([processing.text, target, inputs, this.inputs], waits(state, ['processing']))
  }

  /** What the plan is made with for the flow's inputs, as texts. */
  given(): Given {
    return this.inputs
  }

  give(name: string, value: string): void {
    const others = Object.entries(this.inputs).filter(([other]) => other !== name)
    this.inputs = Object.fromEntries(value === '' ? others : [...others, [name, value]])
    this.look()
  }

  /** The elements that a flow without a target is planned on. */
  givenElements(): readonly string[] {
    return this.elements
  }

  giveElements(names: string): void {
    this.elements = names.split(',').map((name) => name.trim()).filter((name) => name !== '')
    this.look()
  }

  private chosen(): readonly string[] | null {
    return this.page.state().other.target === null && this.elements.length > 0 ? this.elements : null
  }

  again(): void {
    this.plan.again()
    this.order.again()
  }

  /** Somebody looks at the page again. */
  lookedAt(now: number): void {
    if (this.plan.isOld(now)) this.again()
  }
}

/** The keys without inputs that have no name yet: nothing reads them, and their author is about to name them. */
function planned(keys: Keys): Keys {
  return { ...keys, inputs: keys.inputs.filter(({ name }) => name.trim() !== '') }
}

function waits(state: State, scripts: readonly ('execution' | 'processing')[]): number {
  return scripts.some((script) => state.sides[script].edited === 'text' && state.sides[script].loads > 0)
    ? WAITS_MS.typed
    : WAITS_MS.set
}
