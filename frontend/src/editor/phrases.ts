/** What the sentence says of target, order and steps, from what the server told. Pure. */
import type { Target } from '../wire/types'
import type { Asked, OrderPreview, Selection } from './documents'
import type { Side } from './side'
import type { State } from './state'
import { isUnchosen } from './target_words'
import { conditionsOf, counted, phrase, waiting, type Phrase } from './words'

/** "42 elements: postgres, prod". */
export function targetPhrase(target: Target | null, selection: State['selection'], isCounting: boolean): Phrase {
  if (target === null) return phrase('named at each start')
  if (isUnchosen(target)) return phrase('no elements yet: open Target')
  const conditions = conditionsOf(target)
  if (isCounting || selection === null) return waiting(`counting…: ${conditions}`)
  if (isProblem(selection)) return phrase(`not counted: ${conditions}`, selection.problem)
  if (selection.count === 0) return phrase(`no elements match ${conditions}: open Target`, 'No element matches.')
  return phrase(`${counted(selection.count, 'element')}: ${conditions}`)
}

/** "leader last, 3 dropped". */
export function orderPhrase(side: Side, { answer, isAsking, problem }: Asked<OrderPreview>, target: Target | null): Phrase {
  const [fault] = side.problems
  if (fault !== undefined) return phrase(fault.line > 0 ? `stops at line ${fault.line}` : 'not ready', fault.message)
  if (side.text.trim() === '') return phrase('by name')
  if (answer === null) return problem === null ? waiting('sorting…') : phrase('not known yet', problem)
  // Without a target there are no elements to sort before a start.
  if (answer.problem?.line === 0 && target === null) return phrase(answer.words || 'by its script')
  if (answer.problem !== null) return stopped(answer.problem)
  return { ...ordered(answer), isWaiting: isAsking }
}

/** A problem without a line is not of the script: the target cannot be read. */
function stopped({ line, message }: NonNullable<OrderPreview['problem']>): Phrase {
  return phrase(line > 0 ? `stops at line ${line}` : 'no order yet', message)
}

function ordered({ words, selected, kept }: OrderPreview): Phrase {
  if (selected > 0 && kept === 0) return phrase('every element is dropped: open Order', 'No element is left.')
  const dropped = selected > kept ? `${selected - kept} dropped` : ''
  return phrase([words || (dropped === '' ? 'by name' : ''), dropped].filter((part) => part !== '').join(', '))
}

/** "5 steps". */
export function stepsPhrase({ sites, problems, loads, behind, text }: Side): Phrase {
  const [fault] = problems
  if (fault !== undefined || behind === 'blocks') {
    const where = fault !== undefined && fault.line > 0 ? `line ${fault.line}: ` : ''
    const words = behind === 'blocks' ? 'steps that cannot be read' : counted(sites.length, 'step')
    return phrase(words, `${where}${fault?.message ?? 'The script cannot be read.'}`)
  }
  if (loads === 0 && text.trim() !== '') return waiting()
  return phrase(sites.length === 0 ? 'nothing runs yet: add a step' : counted(sites.length, 'step'))
}

function isProblem(selection: Selection | { readonly problem: string }): selection is { readonly problem: string } {
  return 'problem' in selection
}
