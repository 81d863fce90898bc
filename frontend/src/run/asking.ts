/** What the page asks of the run: pause, resume, cancel, answers. A refusal is told in the server's words. */
import { call } from '../wire/api'
import type { Verb } from './state'
import { messageOf, type Store } from './store'

export interface Asking {
  readonly control: (verb: Verb) => void
  readonly answer: (question: number, answer: string, comment: string) => void
}

export function makeAsking(store: Store): Asking {
  const { root } = store.state().data

  function post(path: string, body?: unknown): void {
    call('POST', `/api/runs/${root}/${path}`, { body }).catch((error: unknown) => store.dispatch({ type: 'refused', message: messageOf(error) }))
  }

  return {
    control(verb) {
      store.dispatch({ type: 'asked', verb })
      post(verb)
    },
    answer(question, answer, comment) {
      store.dispatch({ type: 'answered', question })
      post(`questions/${question}`, { answer, comment })
    },
  }
}
