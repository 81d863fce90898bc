/** What the page does by itself after an event: turns between text and blocks, saves, the target's count, publishes. */
import { ApiRefused, call } from '../wire/api'
import { targetAddress } from '../wire/targets'
import { toldConflict } from './conflict_words'
import type { Draft, KeyProblem, Names, Script, Selection, Turn } from './documents'
import { SCRIPTS } from './documents'
import { sentence } from './words'
import { changesOf, isDirty, isSettled, type Page, type State } from './state'

/** The events of a change of the blocks were waited for before. */
const TURN_WAITS_MS: Readonly<Record<'text' | 'blocks', number>> = { text: 250, blocks: 0 }
const SAVE_WAITS_MS = 1_000
const TRIES_AGAIN_MS = 5_000
const COUNT_WAITS_MS = 300

/** Looks at the state after each event and begins what is due; `now` is in milliseconds. */
export class Work {
  private readonly timers = new Map<string, { readonly id: number; readonly about: readonly unknown[] }>()
  private target: string | null = null

  constructor(private readonly page: Page) {}

  look(): void {
    const state = this.page.state()
    for (const script of SCRIPTS) this.lookAtSide(state, script)
    if (state.canWrite && isDirty(state) && state.saving === 'idle' && state.conflict === null && state.notSaved?.needsAnswer !== true) {
      const about = [state.sides.execution.text, state.sides.processing.text, state.other]
      this.later('save', state.notSaved === null ? SAVE_WAITS_MS : TRIES_AGAIN_MS, about, () => void this.save())
    }
    this.lookAtTarget(state)
    this.lookAtPublishing(state)
  }

  /** Saves at once. */
  async save(): Promise<void> {
    this.cancel('save')
    const state = this.page.state()
    const { stored, saving, conflict, canWrite } = state
    if (!canWrite || saving === 'busy' || conflict !== null || !isDirty(state)) return
    this.page.dispatch({ type: 'saving' })
    try {
      const body = {
        ...changesOf(state),
        revision: stored.revision,
        ...(stored.revision === 0 ? { base_version: stored.base_version } : {}),
      }
      const draft = await call<Draft>('PUT', `/api/drafts/${stored.flow}/`, { body })
      this.page.dispatch({ type: 'saved', draft, at: Date.now() })
    } catch (error) {
      await this.tellWhyNot(error, stored.flow)
    }
  }

  /** Publishes what is saved; `over` names a version that was published meanwhile and may be replaced. */
  async publish(note: string, over: number | null): Promise<void> {
    const { stored } = this.page.state()
    this.page.dispatch({ type: 'publishing', to: { step: 'asking' } })
    try {
      const body = { revision: stored.revision, note, ...(over === null ? {} : { over_version: over }) }
      const flow = await call<{ readonly version: number }>('POST', `/api/drafts/${stored.flow}/publish`, { body })
      const draft = await call<Draft>('GET', `/api/drafts/${stored.flow}/`)
      this.page.dispatch({ type: 'published', version: flow.version, draft })
    } catch (error) {
      await this.tellWhyNotPublished(error, stored.flow)
    }
  }

  async learnNames(): Promise<void> {
    try {
      this.page.dispatch({ type: 'names-known', names: await call<Names>('GET', '/api/scripts/names/') })
    } catch {
      // Until they are known every name is shown as it stands, none as missing.
      this.later('names', TRIES_AGAIN_MS, [], () => void this.learnNames())
    }
  }

  private lookAtSide(state: State, script: Script): void {
    const side = state.sides[script]
    if (side.edited === null || side.asked !== null) return
    const isFirst = side.loads === 0 && side.revision === 1
    const waits = side.noAnswer !== null ? TRIES_AGAIN_MS : isFirst ? 0 : TURN_WAITS_MS[side.edited]
    this.later(`turn ${script}`, waits, [side.revision], () => void this.turn(script))
  }

  private async turn(script: Script): Promise<void> {
    const state = this.page.state()
    const side = state.sides[script]
    if (side.edited === null || side.asked !== null) return
    this.page.dispatch({ type: 'asked', script })
    const sent = side.edited === 'text' ? { text: side.text } : { workspace: side.blocks, base_text: side.base }
    try {
      const { inputs } = state.other
      const body = { ...sent, script, flow: state.stored.name, inputs, revision: side.revision }
      this.page.dispatch({
        type: 'answered',
        script,
        turn: await call<Turn>('POST', '/api/scripts/blocks/', { body }),
      })
    } catch (error) {
      this.page.dispatch({ type: 'not-answered', script, message: messageOf(error) })
    }
  }

  private lookAtTarget(state: State): void {
    const { target } = state.other
    const address = target === null ? null : targetAddress(target)
    if (address === this.target) return
    this.target = address
    this.cancel('count')
    if (address === null) this.page.dispatch({ type: 'selection-known', selection: null })
    else this.later('count', COUNT_WAITS_MS, [address], () => void this.count(address))
  }

  private async count(address: string): Promise<void> {
    try {
      const selection = await call<Selection>('GET', address)
      if (address === this.target) this.page.dispatch({ type: 'selection-known', selection })
    } catch (error) {
      if (address === this.target)
        this.page.dispatch({ type: 'selection-known', selection: { problem: messageOf(error) } })
    }
  }

  private lookAtPublishing(state: State): void {
    const { publishing } = state
    if (publishing.step !== 'waiting') return
    if (!isSettled(state) || state.saving === 'busy') return
    if (isDirty(state)) void this.save()
    else this.later('publish', 0, [], () => void this.publish(publishing.note, publishing.over))
  }

  private async tellWhyNot(error: unknown, flow: number): Promise<void> {
    if (error instanceof ApiRefused && error.problem.code === 'draft_changed') {
      const theirs = await call<Draft>('GET', `/api/drafts/${flow}/`).catch(() => null)
      if (theirs !== null) {
        this.page.dispatch({ type: 'conflicted', conflict: { message: toldConflict(this.page.state().stored, theirs).words, theirs } })
        return
      }
    }
    if (error instanceof ApiRefused && error.status === 404) {
      const message = 'this flow was deleted elsewhere. Copy its Python before you leave: a new flow takes it.'
      this.page.dispatch({ type: 'save-failed', notSaved: { message, needsAnswer: true } })
      return
    }
    this.page.dispatch({ type: 'save-failed', notSaved: { message: sentence(messageOf(error)), needsAnswer: false } })
  }

  private async tellWhyNotPublished(error: unknown, flow: number): Promise<void> {
    if (error instanceof ApiRefused && error.problem.code === 'draft_changed') return this.tellWhyNot(error, flow)
    if (error instanceof ApiRefused && error.problem.code === 'published_since') {
      const version = (await call<Draft>('GET', `/api/drafts/${flow}/`).catch(() => null))?.published_version ?? null
      if (version !== null) {
        this.page.dispatch({ type: 'publishing', to: { step: 'published-since', message: error.message, version } })
        return
      }
    }
    this.page.dispatch({
      type: 'publishing',
      to: { step: 'refused', message: messageOf(error), problems: problemsOf(error) },
    })
  }

  /** One timer for each name; it waits anew when what it is for, `about`, has changed. */
  private later(name: string, ms: number, about: readonly unknown[], act: () => void): void {
    const waiting = this.timers.get(name)
    if (waiting?.about.every((one, index) => one === about[index])) return
    this.cancel(name)
    const id = window.setTimeout(() => {
      this.timers.delete(name)
      act()
    }, ms)
    this.timers.set(name, { id, about })
  }

  private cancel(name: string): void {
    window.clearTimeout(this.timers.get(name)?.id)
    this.timers.delete(name)
  }
}

function problemsOf(error: unknown): readonly KeyProblem[] {
  const body = error instanceof ApiRefused ? (error.problem as { readonly problems?: readonly KeyProblem[] }) : {}
  return body.problems ?? []
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
