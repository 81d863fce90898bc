/** What the dialog *Try* shows of the run that it started: its state, and why elements failed. */
import { make } from '../lib/dom'
import { icon } from '../lib/icons'
import { isOver, stateBadge } from '../lib/states'
import { tryMark } from '../lib/tries'
import { countWords } from '../runs/strip'
import { call } from '../wire/api'
import type { Counts, RunState } from '../wire/types'
import { actButton, answers } from './boxes'

export interface Run {
  readonly id: number
  readonly state: RunState
  readonly reason: string
  readonly elements_by_state?: Counts
}

/** An element that did not succeed, and what its step said. */
export interface Trouble {
  readonly name: string
  readonly message: string
}

/** So many are told; the run's page tells the others. */
const TOLD = 3

/** The first elements of the run that failed or were not reached, but for what its reason says; none if the server does not say. */
export async function troublesOf(run: Run): Promise<readonly Trouble[]> {
  const counts = run.elements_by_state ?? {}
  const states = (['failed', 'unreachable'] as const).filter((state) => (counts[state] ?? 0) > 0)
  const asked = states.map((state) =>
    call<{ readonly results: readonly Trouble[] }>('GET', `/api/runs/${run.id}/elements/?state=${state}&page_size=${TOLD}`),
  )
  const pages = await Promise.all(asked).catch(() => [])
  return pages
    .flatMap(({ results }) => results)
    .filter(({ message }) => message === '' || !run.reason.includes(message))
    .slice(0, TOLD)
}

export function runView(run: Run, troubles: readonly Trouble[]): readonly Node[] {
  const counts = countWords(run.elements_by_state ?? {})
  return [
    make(
      'p', { class: 'ed-try-run', role: 'status', 'data-key': 'run' },
      tryMark(), make('a', { href: `/runs/${run.id}/` }, `Run ${run.id}`), stateBadge(run.state), make('span', {}, counts === '' ? 'waits for its elements' : counts),
    ),
    make('p', { class: run.reason === '' ? 'text-secondary' : null, 'data-key': 'why' }, whyWords(run)),
    ...(troubles.length === 0 ? [] : [troublesView(troubles)]),
    answers(
      actButton('close', '', false, 'Back to the editor'),
      ...(isOver(run.state) ? [actButton('again', '', false, icon('repeat'), ' Try again…')] : []),
      make('a', { class: 'btn btn-primary', href: `/runs/${run.id}/`, 'data-key': 'open' }, 'Open the run'),
    ),
  ]
}

function whyWords(run: Run): string {
  if (run.reason !== '') return run.reason === 'worker' ? 'It waits for a worker.' : run.reason
  return isOver(run.state) ? 'It is over.' : 'It goes on when this is closed; its state stays in the bar above.'
}

function troublesView(troubles: readonly Trouble[]): HTMLElement {
  const items = troubles.map(({ name, message }) => make('li', {}, make('b', {}, name), message === '' ? '' : ` ${message}`))
  return make('ul', { class: 'ed-try-troubles', 'data-key': 'troubles' }, ...items)
}
