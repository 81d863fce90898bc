/** What stands in a new hole until something better does: by the input's type, or as in the row's example. Pure. */
import type { Row } from './catalog'
import { canvasType, stateOf, type State } from './flat'
import type { Known, Offer } from './offers'

const BY_TYPE: Readonly<Record<string, State>> = {
  string: value('text', 'TEXT', ''),
  integer: value('number', 'NUMBER', '1'),
  number: value('number', 'NUMBER', '1'),
  boolean: value('boolean', 'CHOICE', 'True'),
  check: value('boolean', 'CHOICE', 'False'),
  timeout: value('number', 'NUMBER', '60'),
  retries: value('number', 'NUMBER', '3'),
  elements: { type: canvasType('elements') },
}

/** `word` is the keyword that the hole is of, `callee` the task or flow that declares it. */
export function fillerFor(
  row: Row,
  hole: string,
  known: Known | null,
  callee: string | null,
  word: string | null,
): State {
  if (word !== null) return BY_TYPE[word] ?? ofType(declaredType(known, callee, word))
  const held = row.example.blocks.find((block) => block.id === row.example.first)?.inputs ?? {}
  const child = held[hole] ?? held[`${hole}1`]
  return child === undefined ? ofType('string') : stateOf(row.example, child, true)
}

export function ofType(type = 'any'): State {
  return BY_TYPE[type] ?? value('text', 'TEXT', '')
}

/** The first that is offered and not there yet. */
export function freeKeyword(offers: readonly Offer[], taken: readonly string[]): string {
  return offers.find((offer) => !taken.includes(offer.value))?.value ?? 'name'
}

function declaredType(known: Known | null, callee: string | null, word: string): string {
  const called = [...(known?.names?.tasks ?? []), ...(known?.names?.flows ?? [])].find((one) => one.name === callee)
  return called?.inputs.find((one) => one.name === word)?.type ?? 'string'
}

function value(type: string, field: string, text: string): State {
  return { type: canvasType(type), fields: { [field]: text } }
}
