/** One task tried on one element: from the question to the result. Pure. */
import { isOver } from '../lib/states'
import { shownDuration } from '../lib/times'
import type { Tried } from '../wire/types'

export type Trying =
  | { readonly kind: 'idle' }
  | { readonly kind: 'starting'; readonly element: string }
  | { readonly kind: 'following'; readonly element: string; readonly run: number; readonly tried: Tried | null; readonly problem: string }
  | { readonly kind: 'over'; readonly element: string; readonly run: number; readonly tried: Tried }
  | { readonly kind: 'refused'; readonly problems: readonly string[] }

export type TryEvent =
  | { readonly kind: 'asked'; readonly element: string }
  | { readonly kind: 'started'; readonly run: number }
  | { readonly kind: 'told'; readonly run: number; readonly tried: Tried }
  | { readonly kind: 'not-told'; readonly run: number; readonly problem: string }
  | { readonly kind: 'refused'; readonly problems: readonly string[] }

export const IDLE: Trying = { kind: 'idle' }

export function moved(trying: Trying, event: TryEvent): Trying {
  switch (event.kind) {
    case 'asked':
      return isGoingOn(trying) ? trying : { kind: 'starting', element: event.element }
    case 'started':
      return trying.kind === 'starting' ? { kind: 'following', element: trying.element, run: event.run, tried: null, problem: '' } : trying
    case 'told':
      if (trying.kind !== 'following' || trying.run !== event.run) return trying
      if (isOver(event.tried.state)) return { kind: 'over', element: trying.element, run: trying.run, tried: event.tried }
      return { ...trying, tried: event.tried, problem: '' }
    case 'not-told':
      return trying.kind === 'following' && trying.run === event.run ? { ...trying, problem: event.problem } : trying
    case 'refused':
      return trying.kind === 'starting' ? { kind: 'refused', problems: event.problems } : trying
    default:
      return event satisfies never
  }
}

export function isGoingOn(trying: Trying): boolean {
  return trying.kind === 'starting' || trying.kind === 'following'
}

/** What is to be asked before a command really runs; a problem says why it cannot be tried now. */
export type Readiness = { readonly question: string } | { readonly problem: string }

export function readiness(task: string, element: string, missing: readonly string[], hasErrors: boolean): Readiness {
  if (element === '') return { problem: 'Choose an element to try it on.' }
  if (missing.length > 0) return { problem: `Give ${missing.map((name) => `'${name}'`).join(', ')} first: the task needs it.` }
  if (hasErrors) return { problem: 'Correct what the preview says first.' }
  return { question: `Run ${task === '' ? 'this task' : task} on ${element} now, as it stands in the form? The command really runs there.` }
}

/** `[setting key, value]` of what a success saves; null for a path that leads nowhere. */
export function saved(save: Readonly<Record<string, string>>, tried: Tried): readonly (readonly [key: string, value: unknown])[] {
  const result = { data: tried.data, output: tried.output, exit_code: tried.exit_code }
  return Object.entries(save).map(([key, path]) => [key, valueAt(result, path.split('.'))] as const)
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  const [first, ...rest] = path
  if (first === undefined) return value
  if (typeof value !== 'object' || value === null || !(first in value)) return null
  return valueAt((value as Readonly<Record<string, unknown>>)[first], rest)
}

/** `exit 3 · 2 attempts · 1.2 s`: what is known of it. */
export function inShort(tried: Tried): string {
  const parts = [
    tried.exit_code === null ? '' : `exit ${tried.exit_code}`,
    tried.attempts === null || tried.attempts < 2 ? '' : `${tried.attempts} attempts`,
    tried.duration_s === null ? '' : tried.duration_s < 10 ? `${tried.duration_s.toFixed(1)} s` : shownDuration(tried.duration_s * 1000),
  ]
  return parts.filter((part) => part !== '').join(' · ')
}
