/** Asks what a target selects while it is written: counts after each filter, and the elements found by a search. */
import { call, NoAnswer } from '../wire/api'
import type { Target, TargetEffect } from '../wire/types'
import { NOT_ASKED, type Asked } from './documents'

const WAITS_MS = 200
const TRIES_AGAIN_MS = 5_000

/** One question at a time: a newer one takes the place of the one on its way. */
export class Effects {
  now: Asked<TargetEffect> = NOT_ASKED
  private asked = ''
  private timer = 0
  private going: AbortController | null = null

  constructor(private readonly told: () => void) {}

  /** Asks unless this is what was asked last; null is a target that selects nothing by itself. */
  want(target: Target | null, search: string): void {
    const body = target === null ? '' : JSON.stringify({ target: asTarget(target), search })
    if (body === this.asked) return
    this.asked = body
    this.stop()
    if (body === '') this.now = NOT_ASKED
    else {
      this.now = { ...this.now, isAsking: true }
      this.timer = window.setTimeout(() => void this.ask(body), WAITS_MS)
    }
  }

  /** What was told may be old by now: asks again. */
  forget(): void {
    this.asked = ''
  }

  private async ask(body: string): Promise<void> {
    const going = new AbortController()
    this.going = going
    try {
      const answer = await call<TargetEffect>('POST', '/api/targets/effect/', { body: JSON.parse(body) as unknown, signal: going.signal })
      this.now = { answer, isAsking: false, problem: null }
    } catch (error) {
      if (going.signal.aborted) return
      this.now = { ...this.now, isAsking: false, problem: error instanceof Error ? error.message : String(error) }
      if (error instanceof NoAnswer) this.timer = window.setTimeout(() => void this.ask(body), TRIES_AGAIN_MS)
    }
    this.told()
  }

  private stop(): void {
    window.clearTimeout(this.timer)
    this.going?.abort()
    this.going = null
  }
}

/** Only what a target has: a draft may hold more, which publishing tells. */
function asTarget({ all, profile, groups, filters }: Target): Target {
  return { all: all ?? false, profile: profile ?? null, groups: groups ?? [], filters: filters ?? [] }
}
