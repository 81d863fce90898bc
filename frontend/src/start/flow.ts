/** What the sheet asks REST for: the flow, the elements it selects, the plan, the start. */
import { call } from '../wire/api'
import { targetAddress } from '../wire/targets'
import type { InputSpec, Mode, Target } from '../wire/types'

export interface FlowDetail {
  readonly id: number
  readonly name: string
  readonly version: number
  readonly mode: Mode
  readonly target: Target | null
  readonly inputs: readonly InputSpec[]
}

export interface Wave {
  readonly n: number
  readonly depth: number
  readonly path: readonly string[]
  readonly site: number
  readonly turn: number
  readonly step: string
  readonly name: string | null
  readonly batch: number
  readonly target: string | null
  readonly elements: readonly string[]
}

export interface Plan {
  readonly elements: readonly string[]
  readonly complete: boolean
  readonly hash: string
  readonly notes?: readonly string[]
  readonly stops_at: {
    readonly path: readonly string[]; readonly line: number; readonly site: number | null; readonly reason: string; readonly may_run: readonly number[]
  } | null
  /** How many there are, where fewer were asked for. */
  readonly waves_total?: number
  readonly waves: readonly Wave[]
}

/** So many waves are asked for: more than anybody reads here. */
const MOST_WAVES = 200

/** What is run on: null is all that the target selects. */
export interface Given {
  readonly inputs: Readonly<Record<string, unknown>>
  readonly elements: readonly string[] | null
}

export function readFlow(id: number): Promise<FlowDetail> {
  return call('GET', `/api/flows/${id}`)
}

/** The names that the target selects now; of a flow without one, every enabled element. */
export async function readCandidates(target: Target | null): Promise<readonly string[]> {
  const address = targetAddress(target ?? { all: true })
  if (address === null) return []
  const answer = await call<{ readonly names: readonly string[] }>('GET', address)
  return answer.names
}

export function readPlan(id: number, given: Given, signal: AbortSignal): Promise<Plan> {
  return call('POST', `/api/flows/${id}/plan`, { body: { ...given, first: MOST_WAVES }, signal })
}

/** The id of the run. The same key starts one run, however often it is sent; with a hash only what that plan showed. */
export async function start(id: number, given: Given, reason: string, key: string, planHash: string | null): Promise<number> {
  const body = { ...given, reason, plan_hash: planHash }
  const run = await call<{ readonly id: number }>('POST', `/api/flows/${id}/runs`, { body, headers: { 'Idempotency-Key': key } })
  return run.id
}
