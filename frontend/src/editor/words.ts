/** A flow's target, order, steps and rules in the words of the sentence above the editor. Pure. */
import { sizeWords, thresholdWords } from '../lib/thresholds'
import type { Target } from '../wire/types'
import type { OtherKeys } from './state'

/** A part of the sentence; `isWaiting` while a newer answer is on its way. */
export interface Phrase {
  readonly text: string
  readonly problem: string | null
  readonly isWaiting: boolean
}

const MOST_CONDITIONS = 3
/** What a parallel flow has that says nothing of it, and so goes without saying. */
const USUAL_AT_ONCE = 50

export function phrase(text: string, problem: string | null = null): Phrase {
  return { text, problem, isWaiting: false }
}

export function waiting(text = 'counting…'): Phrase {
  return { text, problem: null, isWaiting: true }
}

/** With its full stop. */
export function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`
}

export function counted(count: number, one: string, many = `${one}s`): string {
  return count === 1 ? `1 ${one}` : `${count} ${many}`
}

/** "postgres, prod or stage, env == prod": profile, groups and filters, the first three of them. */
export function conditionsOf(target: Target): string {
  if (target.all === true) return 'all of the fleet'
  const groups = target.groups ?? []
  const parts = [target.profile ?? '', groups.join(' or '), ...(target.filters ?? [])].filter((part) => part.trim() !== '')
  const more = parts.length - MOST_CONDITIONS
  return more > 1 ? `${parts.slice(0, MOST_CONDITIONS).join(', ')} and ${more} more conditions` : parts.join(', ')
}

/** "one at a time, stop at the first failure": everything of the rules that changes what happens. */
export function rulesWords(keys: OtherKeys): string {
  const parts = [paceWords(keys), ...soakWords(keys), thresholdWords(keys.error_threshold, keys.target === null)]
  if (keys.on_empty === 'succeed') parts.push('with no elements there is nothing to do')
  const fresh = (keys.refresh ?? []).length > 0 ? 'after reading fresh facts: ' : ''
  return `${fresh}${parts.join(', ')}`
}

/** How many elements are worked on together. */
export function paceWords({ mode, concurrency, batches }: OtherKeys): string {
  if (mode === 'serial') return concurrency === null || concurrency === 1 ? 'one at a time' : `${concurrency} at a time`
  const isUsual = concurrency === null || concurrency === USUAL_AT_ONCE
  const width = isUsual ? '' : `, ${concurrency === 1 ? 'one' : `at most ${concurrency}`} at once`
  return `${batchWords(batches ?? [])}${width}`
}

function batchWords(batches: readonly (number | string)[]): string {
  const [only, ...others] = batches.map(sizeWords)
  if (only === undefined) return 'step by step'
  return others.length === 0 ? `step by step, ${only} at a time` : `step by step, ${[only, ...others].join(', then ')} at a time`
}

function soakWords({ mode, batches, soak }: OtherKeys): readonly string[] {
  if (mode === 'serial' || !soak || (batches ?? []).length === 0) return []
  return [`${typeof soak === 'number' ? secondsWords(soak) : soak} between them`]
}

/** "90 s", "5 min", "2 h". */
export function secondsWords(seconds: number): string {
  if (seconds < 120 || seconds % 60 !== 0) return `${seconds} s`
  const minutes = seconds / 60
  return minutes < 120 || minutes % 60 !== 0 ? `${minutes} min` : `${minutes / 60} h`
}

/** "2 min ago", "3 h ago", "5 days ago": coarse, as ages of facts are read. */
export function ageWords(at: string, now: number): string {
  const seconds = Math.max(0, Math.round((now - Date.parse(at)) / 1000))
  if (seconds < 60) return `${seconds} s ago`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 120) return `${minutes} min ago`
  const hours = Math.floor(minutes / 60)
  return hours < 48 ? `${hours} h ago` : `${Math.floor(hours / 24)} days ago`
}
