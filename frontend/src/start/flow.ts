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
  readonly elements: readonly string[]
}

export interface Plan {
  readonly elements: readonly string[]
  readonly complete: boolean
  readonly stops_at: { readonly path: readonly string[]; readonly line: number; readonly site: number; readonly reason: string } | null
  readonly waves: readonly Wave[]
}

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
  return call('POST', `/api/flows/${id}/plan`, { body: given, signal })
}

/** The id of the run. The same key starts one run, however often it is sent. */
export async function start(id: number, given: Given, reason: string, key: string): Promise<number> {
  const run = await call<{ readonly id: number }>('POST', `/api/flows/${id}/runs`, { body: { ...given, reason }, headers: { 'Idempotency-Key': key } })
  return run.id
}
