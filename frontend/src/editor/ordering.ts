/** Asks in which order the elements of the draft would run, whenever something changed that decides it. */
import { ApiRefused, call } from '../wire/api'
import type { OrderPreview } from './documents'
import type { Page, State } from './state'

const WAITS_MS = 200
const TRIES_AGAIN_MS = 5_000
export const ROWS = 200

/** One question at a time: a newer one takes the place of the one on its way, and late answers are dropped. */
export class Ordering {
  private asked = ''
  private timer = 0
  private going: AbortController | null = null

  constructor(private readonly page: Page) {}

  look(state: State): void {
    const body = questionOf(state)
    if (body === this.asked) return
    this.asked = body
    this.ask(body, this.going === null && state.order.answer === null ? 0 : WAITS_MS)
  }

  /** Facts may have changed since: asks the same again. */
  again(): void {
    if (this.asked !== '') this.ask(this.asked, 0)
  }

  private ask(body: string, afterMs: number): void {
    window.clearTimeout(this.timer)
    this.going?.abort()
    if (!this.page.state().order.isAsking) this.tell({ isAsking: true })
    this.timer = window.setTimeout(() => void this.send(body), afterMs)
  }

  private async send(body: string): Promise<void> {
    const going = new AbortController()
    this.going = going
    try {
      const address = `/api/drafts/${this.page.state().stored.flow}/order/`
      const answer = await call<OrderPreview>('POST', address, { body: JSON.parse(body) as unknown, signal: going.signal })
      this.tell({ answer, isAsking: false, problem: null })
    } catch (error) {
      if (going.signal.aborted) return
      this.tell({ isAsking: false, problem: error instanceof Error ? error.message : String(error) })
      if (!(error instanceof ApiRefused)) this.timer = window.setTimeout(() => void this.send(body), TRIES_AGAIN_MS)
    }
  }

  private tell(change: Partial<State['order']>): void {
    this.page.dispatch({ type: 'order-told', order: { ...this.page.state().order, ...change } })
  }
}

/** What decides the order: nothing else of the draft does. */
function questionOf({ other, sides }: State): string {
  const keys = { target: other.target, inputs: other.inputs, refresh: other.refresh, processing_script: sides.processing.text }
  return JSON.stringify({ keys, rows: ROWS })
}
