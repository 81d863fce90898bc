/** Holds the page's one state. Whoever subscribes is told after each change, with the state before it. */
import { type Action, type PageState, reduce } from './state'

export interface Store {
  readonly state: () => PageState
  readonly dispatch: (action: Action) => void
  readonly subscribe: (changed: (before: PageState) => void) => void
}

export function makeStore(first: PageState): Store {
  let state = first
  const listeners: ((before: PageState) => void)[] = []
  return {
    state: () => state,
    dispatch(action) {
      const before = state
      state = reduce(before, action)
      if (state === before) return
      for (const changed of listeners) changed(before)
    },
    subscribe: (changed) => listeners.push(changed),
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
