import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { ApiRefused, NoAnswer } from '../wire/api'
import { aDraft } from './fixtures'
import { Planning } from './planning'
import { after, opened, type Event, type Page, type State } from './state'

interface Asked {
  readonly path: string
  readonly body: { readonly keys: Readonly<Record<string, unknown>>; readonly inputs: Readonly<Record<string, string>>; readonly elements: readonly string[] | null }
  readonly signal: AbortSignal
  readonly answer: (value: unknown) => Promise<void>
  readonly refuse: (error: Error) => Promise<void>
}

class Bench implements Page {
  readonly canWrite = true
  readonly asked: Asked[] = []
  readonly planning: Planning
  private now: State = opened(aDraft({ flow: 7 }), true, 'steps')

  constructor() {
    const ask = (path: string, body: unknown, signal: AbortSignal): Promise<never> =>
      new Promise((resolve, reject) => {
        const settled = async (settle: () => void): Promise<void> => {
          settle()
          await vi.advanceTimersByTimeAsync(0)
        }
        this.asked.push({
          path,
          body: body as Asked['body'],
          signal,
          answer: (value) => settled(() => { resolve(value as never) }),
          refuse: (error) => settled(() => { reject(error) }),
        })
      })
    this.planning = new Planning(this, ask)
    this.planning.look()
  }

  state(): State {
    return this.now
  }

  dispatch(event: Event): void {
    this.now = after(this.now, event, 0)
    this.planning.look()
  }

  type(text: string): void {
    this.dispatch({ type: 'text-edited', script: 'execution', text })
  }

  of(what: string): readonly Asked[] {
    return this.asked.filter(({ path }) => path.endsWith(what))
  }
}

const plan = { columns: ['a plan'] }

describe('asking for the plan', () => {
  beforeEach(() => {
    vi.useFakeTimers()
    vi.stubGlobal('window', globalThis)
  })
  afterEach(() => {
    vi.useRealTimers()
    vi.unstubAllGlobals()
  })

  it('begins when the page is opened, the order second', async () => {
    const bench = new Bench()
    await vi.advanceTimersByTimeAsync(50)
    expect(bench.asked.map(({ path }) => path)).toEqual(['/api/drafts/7/plan'])
    expect(bench.state().plan).toEqual({ answer: null, isAsking: true, problem: null })
    await bench.of('plan')[0]?.answer(plan)
    await vi.advanceTimersByTimeAsync(50)
    expect(bench.state().plan).toEqual({ answer: plan, isAsking: false, problem: null })
    expect(bench.asked.map(({ path }) => path)).toEqual(['/api/drafts/7/plan', '/api/drafts/7/order'])
  })

  it('asks with the keys as they are on the page, once after a burst of edits', async () => {
    const bench = new Bench()
    bench.type('log(1)')
    bench.type('log(12)')
    bench.type('log(123)')
    await vi.advanceTimersByTimeAsync(200)
    expect(bench.of('plan').map(({ body }) => body.keys['execution_script'])).toEqual(['log(123)'])
  })

  it('drops the older question and its answer, and keeps the last plan meanwhile', async () => {
    const bench = new Bench()
    await vi.advanceTimersByTimeAsync(50)
    await bench.of('plan')[0]?.answer(plan)
    bench.type('log(1)')
    await vi.advanceTimersByTimeAsync(200)
    bench.type('log(12)')
    await vi.advanceTimersByTimeAsync(200)
    const [, older, newer] = bench.of('plan')
    expect(older?.signal.aborted).toBe(true)
    await older?.answer({ columns: ['late'] })
    expect(bench.state().plan).toEqual({ answer: plan, isAsking: true, problem: null })
    await newer?.answer({ columns: ['new'] })
    expect(bench.state().plan.answer).toEqual({ columns: ['new'] })
  })

  it('waits for the text of edited blocks', async () => {
    const bench = new Bench()
    await vi.advanceTimersByTimeAsync(50)
    await bench.of('plan')[0]?.answer(plan)
    bench.dispatch({ type: 'answered', script: 'execution', turn: { text: 'x', workspace: { first: null, blocks: [], sites: [] }, sites: [], problems: [], revision: 1 } })
    bench.dispatch({ type: 'blocks-edited', script: 'execution', blocks: { first: null, blocks: [], sites: [] } })
    await vi.advanceTimersByTimeAsync(1_000)
    expect(bench.of('plan').length).toBe(1)
  })

  it('says why there is no answer and asks again, but not what was refused', async () => {
    const bench = new Bench()
    await vi.advanceTimersByTimeAsync(50)
    await bench.of('plan')[0]?.refuse(new NoAnswer())
    expect(bench.state().plan.problem).toContain('did not answer')
    await vi.advanceTimersByTimeAsync(6_000)
    expect(bench.of('plan').length).toBe(2)
    await bench.of('plan')[1]?.refuse(new ApiRefused(403, { code: 'access_denied', message: 'no', fields: {} }))
    await vi.advanceTimersByTimeAsync(60_000)
    expect(bench.of('plan').length).toBe(2)
    expect(bench.state().plan.problem).toBe('no')
  })

  it('asks again when another window of the same person was faster', async () => {
    const bench = new Bench()
    await vi.advanceTimersByTimeAsync(50)
    await bench.of('plan')[0]?.refuse(new ApiRefused(409, { code: 'overtaken', message: 'overtaken', fields: {} }))
    expect(bench.state().plan.problem).toBeNull()
    await vi.advanceTimersByTimeAsync(400)
    expect(bench.of('plan').length).toBe(2)
  })

  it('is made with the inputs that were given for it', async () => {
    const bench = new Bench()
    await vi.advanceTimersByTimeAsync(50)
    await bench.of('plan')[0]?.answer(plan)
    bench.planning.give('service', 'nginx')
    await vi.advanceTimersByTimeAsync(50)
    expect(bench.of('plan')[1]?.body.inputs).toEqual({ service: 'nginx' })
    bench.planning.give('service', '')
    expect(bench.planning.given()).toEqual({})
  })

  it('is made on named elements where the flow has no target', async () => {
    const bench = new Bench()
    bench.planning.giveElements('db1, db2,')
    await vi.advanceTimersByTimeAsync(50)
    expect(bench.of('plan')[0]?.body.elements).toBeNull()
    await bench.of('plan')[0]?.answer(plan)
    bench.dispatch({ type: 'keys-changed', keys: { target: null } })
    await vi.advanceTimersByTimeAsync(50)
    expect(bench.of('plan')[1]?.body.elements).toEqual(['db1', 'db2'])
  })

  it('does not ask for the order again when only steps changed', async () => {
    const bench = new Bench()
    await vi.advanceTimersByTimeAsync(50)
    await bench.of('plan')[0]?.answer(plan)
    await vi.advanceTimersByTimeAsync(50)
    await bench.of('order')[0]?.answer({ words: '' })
    bench.type('log(1)')
    await vi.advanceTimersByTimeAsync(200)
    await bench.of('plan')[1]?.answer(plan)
    await vi.advanceTimersByTimeAsync(200)
    expect(bench.of('order').length).toBe(1)
  })

  it('is made anew when somebody comes back after a minute', async () => {
    const bench = new Bench()
    await vi.advanceTimersByTimeAsync(50)
    await bench.of('plan')[0]?.answer(plan)
    bench.planning.lookedAt(Date.now() + 1_000)
    await vi.advanceTimersByTimeAsync(100)
    expect(bench.of('plan').length).toBe(1)
    bench.planning.lookedAt(Date.now() + 61_000)
    await vi.advanceTimersByTimeAsync(100)
    expect(bench.of('plan').length).toBe(2)
  })
})
