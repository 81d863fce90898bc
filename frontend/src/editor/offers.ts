/** What a field offers, by the hole that it fills: tasks, flows, inputs, context keys, keywords. Pure. */
import type { Hole } from './catalog'
import type { Names } from './documents'
import type { InputSpec } from '../wire/types'

export interface Offer {
  readonly value: string
  /** Said beside the value in the list. */
  readonly note: string
}

export interface Offered {
  readonly offers: readonly Offer[]
  /** What is chosen from, in a word: "task". */
  readonly what: string
  /** Whether a value that is not offered is a mistake, shown as missing. */
  readonly isClosed: boolean
}

/** What the fields look up: the names of the site, and the inputs of this flow. */
export interface Known {
  readonly names: Names | null
  readonly inputs: readonly InputSpec[]
  /** The names of the elements that the flow's target selects. */
  readonly elements?: readonly string[]
}

const NOTES: Readonly<Record<string, string>> = {
  check: 'False: go on when it fails',
  timeout: 'seconds',
  retries: 'times',
  elements: 'the elements of the child',
}

/** `callee` is the task or flow that the block calls, whose inputs are keywords. */
export function offersFor(hole: Hole, known: Known, callee: string): Offered {
  if (typeof hole.picks !== 'string') return keywords(hole.picks, known, callee)
  switch (hole.picks) {
    case 'tasks':
      return {
        what: 'task',
        isClosed: known.names !== null,
        offers: (known.names?.tasks ?? []).map((one) => ({ value: one.name, note: one.class })),
      }
    case 'flows':
      return {
        what: 'flow',
        isClosed: known.names !== null,
        offers: (known.names?.flows ?? []).map((one) => ({ value: one.name, note: one.mode })),
      }
    case 'inputs':
      return {
        what: 'input',
        isClosed: false,
        offers: known.inputs.map((one) => ({ value: one.name, note: one.type ?? 'any' })),
      }
    case 'context':
      return {
        what: 'context key',
        isClosed: false,
        offers: (known.names?.context_keys ?? []).map((key) => ({ value: key, note: '' })),
      }
    default:
      return { what: 'value', isClosed: false, offers: [] }
  }
}

function keywords(picks: readonly string[], known: Known, callee: string): Offered {
  const called = [...(known.names?.tasks ?? []), ...(known.names?.flows ?? [])].find((one) => one.name === callee)
  const inputs = (called?.inputs ?? []).map((one) => ({
    value: one.name,
    note: `${one.type}${one.required ? ', required' : ''}`,
  }))
  return {
    what: 'input',
    isClosed: false,
    offers: [...inputs, ...picks.map((word) => ({ value: word, note: NOTES[word] ?? '' }))],
  }
}

/** What a hole of this block offers; the block knows whom it calls. */
export function offered(hole: Hole, block: { getFieldValue(name: string): unknown }, known: () => Known): Offered {
  const callee = block.getFieldValue('NAME')
  return offersFor(hole, known(), typeof callee === 'string' ? callee : '')
}

/** Those that hold every word of the query, first those that begin with it; at most `most`. */
export function matching(offers: readonly Offer[], query: string, most: number): readonly Offer[] {
  const words = query
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
  const found = offers.filter((offer) => words.every((word) => offer.value.toLowerCase().includes(word)))
  const start = query.trim().toLowerCase()
  const rank = (offer: Offer): number => (offer.value.toLowerCase().startsWith(start) ? 0 : 1)
  return found.toSorted((a, b) => rank(a) - rank(b)).slice(0, most)
}
