/** What can be undone: one history over the whole draft, whichever pane an edit came from. Pure. */
import { KEYS, type Keys } from './documents'

/** One state of the draft, and what made the next one of it. */
export interface Step {
  readonly keys: Keys
  readonly by: string
}

export interface History {
  readonly past: readonly Step[]
  readonly future: readonly Step[]
  /** The last edit: one of the same kind that comes soon after it is undone together with it. */
  readonly last: { readonly by: string; readonly at: number } | null
}

export const NO_HISTORY: History = { past: [], future: [], last: null }

const MOST_STEPS = 200
const PAUSE_MS = 1_000

/** The history after an edit that found the draft as `before`; `by` says what kind of edit, `at` when, in ms. */
export function recorded(history: History, before: Keys, by: string, at: number): History {
  const { last, past } = history
  const isGoingOn = last !== null && last.by === by && at - last.at < PAUSE_MS && past.length > 0
  return {
    past: isGoingOn ? past : [...past, { keys: before, by }].slice(-MOST_STEPS),
    future: [],
    last: { by, at },
  }
}

/** The history one step back and what the draft is then; null where there is nothing to undo. */
export function undone(history: History, now: Keys): { readonly history: History; readonly keys: Keys } | null {
  const step = history.past.at(-1)
  if (step === undefined) return null
  const future = [{ keys: now, by: step.by }, ...history.future]
  return { history: { past: history.past.slice(0, -1), future, last: null }, keys: step.keys }
}

/** The history one step on again; null where nothing was undone. */
export function redone(history: History, now: Keys): { readonly history: History; readonly keys: Keys } | null {
  const [step, ...future] = history.future
  if (step === undefined) return null
  const past = [...history.past, { keys: now, by: step.by }]
  return { history: { past, future, last: null }, keys: step.keys }
}

/** The keys in which two states of a draft differ; those that are not the same object are compared by what they say. */
export function differingKeys(one: Keys, other: Keys): readonly (keyof Keys)[] {
  return KEYS.filter((key) => one[key] !== other[key] && JSON.stringify(one[key]) !== JSON.stringify(other[key]))
}
