/** What may come at the cursor of a script: steps and variables, or in a text the names that belong there. Pure. */
import type { Script } from './documents'
import type { Known, Offer } from './offers'

export interface Completions {
  readonly typed: string
  readonly offers: readonly Offer[]
  /** Inside the quotes of a text. */
  readonly isText: boolean
}

const STEPS: readonly Offer[] = [
  { value: 'run_task', note: "('name', input=value)" },
  { value: 'run_flow', note: "('name', elements=elements)" },
  { value: 'sleep', note: '(seconds)' },
  { value: 'approve', note: '(message)' },
  { value: 'set_context', note: '(key, value)' },
  { value: 'get_context', note: '()' },
  { value: 'log', note: '(message)' },
  { value: 'fail', note: '(message)' },
  { value: 'finish', note: '(message)' },
  { value: 'abort', note: '(message)' },
]
const BOTH: readonly Offer[] = [
  { value: 'elements', note: 'the elements, in order' },
  { value: 'inputs', note: 'of the run' },
  { value: 'order_flow_elements', note: '(elements, key, reverse=False)' },
  { value: 'filter_flow_elements', note: '(elements, condition)' },
  ...[
    'if',
    'elif',
    'else',
    'for',
    'while',
    'in',
    'not',
    'and',
    'or',
    'lambda',
    'True',
    'False',
    'None',
    'len',
    'str',
  ].map((value) => ({ value, note: '' })),
]
const EXECUTION: readonly Offer[] = [
  ...STEPS,
  { value: 'element', note: 'this element' },
  { value: 'current', note: 'its number' },
  { value: 'first', note: 'number of the first' },
  { value: 'last', note: 'number of the last' },
  ...['try', 'except', 'finally', 'StepFailed', 'range', 'break', 'continue'].map((value) => ({ value, note: '' })),
]

/** `before` is the line up to the cursor. */
export function completionsAt(before: string, script: Script, known: Known): Completions | null {
  return inText(before, known) ?? word(before, script)
}

const PLACES: readonly (readonly [RegExp, (known: Known) => readonly Offer[]])[] = [
  [
    /run_task\(\s*(['"])([^'"]*)$/,
    (known) => (known.names?.tasks ?? []).map((one) => ({ value: one.name, note: one.class })),
  ],
  [
    /run_flow\(\s*(['"])([^'"]*)$/,
    (known) => (known.names?.flows ?? []).map((one) => ({ value: one.name, note: one.mode })),
  ],
  [/\binputs\[(['"])([^'"]*)$/, (known) => known.inputs.map((one) => ({ value: one.name, note: one.type ?? 'any' }))],
]

function inText(before: string, known: Known): Completions | null {
  for (const [place, offers] of PLACES) {
    const found = place.exec(before)
    if (found !== null) return { typed: found[2] ?? '', offers: offers(known), isText: true }
  }
  const path = /\[['"]context['"]\]((?:\[['"][^'"]+['"]\])*)\[(['"])([^'"]*)$/.exec(before)
  if (path === null) return null
  const above = [...(path[1] ?? '').matchAll(/['"]([^'"]+)['"]/g)].map((key) => key[1] ?? '')
  return { typed: path[3] ?? '', offers: keysBelow(known.names?.context_keys ?? [], above), isText: true }
}

/** The next keys of dotted paths, below the keys above. */
function keysBelow(paths: readonly string[], above: readonly string[]): readonly Offer[] {
  const below = paths.map((path) => path.split('.')).filter((keys) => above.every((key, index) => keys[index] === key))
  return [...new Set(below.map((keys) => keys[above.length]).filter((key) => key !== undefined))].map((value) => ({
    value,
    note: '',
  }))
}

function word(before: string, script: Script): Completions | null {
  const found = /(?:^|[^\w.'"])([A-Za-z_]\w*)?$/.exec(before)
  if (found === null || isInQuotes(before)) return null
  return { typed: found[1] ?? '', offers: script === 'execution' ? [...EXECUTION, ...BOTH] : BOTH, isText: false }
}

function isInQuotes(before: string): boolean {
  return before.split("'").length % 2 === 0 || before.split('"').length % 2 === 0 || before.includes('#')
}
