/** What is wrong with a script: what the server found, and calls that it takes but a run would refuse. Pure. */
import type { InputSpec } from '../wire/types'
import { argumentOf, isEmptyText } from './call_text'
import type { Fault, Names, Site } from './documents'
import { calleeOf, isInherited, isNeeded } from './inspected'
import type { Side } from './side'

interface Looked {
  readonly names: Names | null
  readonly flowInputs: readonly InputSpec[]
  readonly faults: readonly Fault[]
}

const looked = new WeakMap<Side, Looked>()

/** All faults of one side; the same list as long as nothing changes that it was made of. */
export function faultsOf(side: Side, names: Names | null, flowInputs: readonly InputSpec[]): readonly Fault[] {
  const before = looked.get(side)
  if (before !== undefined && before.names === names && before.flowInputs === flowInputs) return before.faults
  const faults = [...side.problems, ...side.sites.flatMap((site) => missingInputs(site, side.agreed, names, flowInputs))]
  looked.set(side, { names, flowInputs, faults })
  return faults
}

/** A warning where the task or flow requires inputs that the call does not give, or gives as an empty text, as a new block
 * does; a dict spread into it (`**more`) may give any. */
function missingInputs(site: Site, text: string, names: Names | null, flowInputs: readonly InputSpec[]): readonly Fault[] {
  const callee = calleeOf(site, names)
  if (callee === null || site.call.args.some(({ code }) => code.startsWith('**'))) return []
  const isMissing = (input: InputSpec): boolean => {
    const code = argumentOf(site.call, input.name)?.code ?? null
    return code === null ? isNeeded(input, callee, flowInputs) : input.required && isEmptyText(code)
  }
  const missing = callee.found.inputs.filter(isMissing)
  const hidden = missing.filter((input) => isInherited(input, callee, flowInputs))
  const lacking = missing.filter((input) => !hidden.includes(input))
  const [place, col] = [site.line, columnOf(text, site.call.start)]
  const told = (inputs: readonly InputSpec[], message: (listed: string) => string): readonly Fault[] =>
    inputs.length === 0 ? [] : [{ line: place, col, code: 'missing_input', message: message(inputs.map(({ name }) => name).join(', ')), block: site.block, severity: 'warning' }]
  const wayOut = callee.kind === 'task' ? 'Give a value here, or make it an input of the flow' : 'Give a value here'
  return [
    ...told(lacking, (listed) => `the ${callee.kind} '${callee.found.name}' requires ${listed}, which has no value yet. ${wayOut}`),
    ...told(hidden, (listed) => `${listed} is an empty text here, and hides the input of the flow. Take it out, or give a value here`),
  ]
}

/** In characters, from 1. */
function columnOf(text: string, place: number): number {
  const start = text.lastIndexOf('\n', place - 1) + 1
  return Array.from(text.slice(start, place)).length + 1
}
