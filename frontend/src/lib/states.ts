/** Every state has a word, an icon and a colour; the table is shared with the server's templates. */
import type { ElementState, RunState, StepState } from '../wire/types'
import { make } from './dom'
import { icon } from './icons'
import table from './states.json'

export type State = RunState | ElementState | StepState
export type Tone = 'idle' | 'wait' | 'busy' | 'good' | 'half' | 'bad'

export interface Look {
  readonly word: string
  readonly icon: string
  readonly tone: Tone
}

const looks = table as Readonly<Record<State, Look>>

export function lookOf(state: State): Look {
  return looks[state]
}

export function isOver(state: RunState): boolean {
  return state === 'succeeded' || state === 'partial' || state === 'failed' || state === 'cancelled'
}

/** Icon and word in the state's colour, as `{% state %}` draws it. */
export function stateBadge(state: State): HTMLSpanElement {
  const look = lookOf(state)
  return make('span', { class: `state tone-${look.tone}`, 'data-state': state }, icon(look.icon), look.word)
}
