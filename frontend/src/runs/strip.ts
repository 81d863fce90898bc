/** How many elements of a run are in which state: a strip in the states' colours, and in words. */
import { make } from '../lib/dom'
import { lookOf } from '../lib/states'
import type { Counts, ElementState } from '../wire/types'

/** What is done first, then what goes on, then what went wrong, then what was left out. */
const ORDER: readonly ElementState[] = [
  'succeeded', 'running', 'waiting', 'queued', 'failed', 'unreachable', 'stopped', 'cancelled', 'not_started', 'excluded', 'skipped',
]
const OPEN: ReadonlySet<ElementState> = new Set<ElementState>(['queued', 'waiting', 'running'])

type Tally = readonly (readonly [state: ElementState, count: number])[]

export function tally(counts: Counts): Tally {
  return ORDER.map((state) => [state, counts[state] ?? 0] as const).filter(([, count]) => count > 0)
}

/** "4 succeeded, 1 failed"; empty when the run has no elements yet. */
export function countWords(counts: Counts): string {
  return tally(counts)
    .map(([state, count]) => `${count} ${lookOf(state).word}`)
    .join(', ')
}

/** How many elements a run is through with, of how many. */
export function progressOf(counts: Counts): { readonly over: number; readonly all: number } {
  const all = sum(tally(counts))
  return { over: all - sum(tally(counts).filter(([state]) => OPEN.has(state))), all }
}

/** Drawn for the eye alone: the words beside it say the same. */
export function countStrip(counts: Counts): HTMLDivElement {
  const strip = make('div', { class: 'count-strip', 'aria-hidden': 'true' })
  for (const [state, count] of tally(counts)) {
    const part = make('span', { class: `tone-${lookOf(state).tone} ${OPEN.has(state) ? 'is-open' : ''}` })
    part.style.flexGrow = String(count)
    strip.append(part)
  }
  return strip
}

function sum(counted: Tally): number {
  return counted.reduce((total, [, count]) => total + count, 0)
}
