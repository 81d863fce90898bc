/** What is wrong with the keys of the draft: what its plan could not be made of, and what publishing refused. Pure. */
import type { KeyProblem } from './documents'
import type { Card, State } from './state'
import { cardOf } from './state'
import { isUnchosen } from './target_words'

/** Each problem once; those of scripts are with their texts. */
export function keyProblemsOf(state: State): readonly KeyProblem[] {
  const refused = state.publishing.step === 'refused' ? state.publishing.problems : []
  const planned = (state.plan.answer?.problems ?? []).filter(({ key }) => !(isUnchosen(state.other.target) && key.split('.')[0] === 'target'))
  const found = [...refused, ...planned].filter(({ key }) => !key.endsWith('_script'))
  return found.filter((one, index) => found.findIndex((other) => isSame(one, other)) === index)
}

/** The card on which a problem is mended. */
export function cardOfProblem({ key }: KeyProblem): Card {
  const [first] = key.split('.')
  if (first === 'target') return 'target'
  return cardOf(first === 'processing_script' || first === 'execution_script' ? first : 'mode') ?? 'rules'
}

function isSame(one: KeyProblem, other: KeyProblem): boolean {
  return one.key === other.key && one.line === other.line && one.message === other.message
}
