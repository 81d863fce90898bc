import { describe, expect, test } from 'vitest'

import type { InputSpec } from '../wire/types'
import { Around } from './around'
import { rawCodeOf } from './block_view'
import type { Argument, Blocks, CallRange, Extra, FlatBlock, Site } from './documents'
import { codeFor, shownValue } from './field_text'
import { failingOf, heldWords } from './failing'
import { aBlock, aTask, WORDS } from './fixtures'
import { caretAfter } from './formatting'
import { stepOf, type Step, type Written } from './inspected'
import { modeFor } from './inspector_fields'
import { readFromFlow, sampledInputs, secretsOf, valueOfCode, type SampleElement } from './sampled'

const INPUTS: readonly InputSpec[] = [
  { name: 'service', type: 'string', required: true, default: null, description: 'What to restart' },
  { name: 'wait', type: 'integer', required: false, default: 5 },
  { name: 'version', type: 'string', required: true, default: null },
]
const written: Written = {
  text: "log('é')\nrun_task('Restart', service=1, timeout=90, extra='x')\n",
  faults: [
    { line: 2, col: 29, code: 'wrong_input', message: 'service is 1', block: 's2' },
    { line: 2, col: 10, code: 'wrong_argument', message: 'no name of a task', block: 's2' },
    { line: 1, col: 1, code: 'x', message: 'of another line', block: 's1' },
  ],
  names: { tasks: [aTask('Restart', INPUTS, { timeout: 45, retries: 2 })], flows: [], steps: WORDS, context_keys: [], values: {} },
  flowInputs: [{ name: 'version', type: 'string', required: true, default: null }],
}

function callIn(text: string, line: string, args: readonly (readonly [string | null, string])[]): CallRange {
  const start = text.indexOf(line)
  const placed = args.map(([name, code]): Argument => {
    const at = text.indexOf(name === null ? code : `${name}=${code}`, start)
    const from = name === null ? at : at + name.length + 1
    return { name, code, start: from, end: from + code.length, ...(name === null ? {} : { from: at }) }
  })
  const close = start + line.length - 1
  return { start, end: close + 1, close, args: placed }
}

const LINE = "run_task('Restart', service=1, timeout=90, extra='x')"
const call = callIn(written.text, LINE, [
  [null, "'Restart'"],
  ['service', '1'],
  ['timeout', '90'],
  ['extra', "'x'"],
])
const site: Site = {
  site: 2,
  step: 'run_task',
  name: 'Restart',
  line: 2,
  end_line: 2,
  block: 's2',
  call,
  statement: { start: call.start, end: call.end },
}

function field(step: Step, name: string): Step['inputs'][number] {
  const found = [...step.inputs, ...step.options].find((one) => one.name === name)
  if (found === undefined) throw new Error(`there is no field ${name}`)
  return found
}

describe('a step that calls a task', () => {
  const step = stepOf(site, call, written)

  test('has a field for each declared input, then for what is given and not declared', () => {
    expect(step.inputs.map(({ name }) => name)).toEqual(['service', 'wait', 'version', 'extra'])
    expect(field(step, 'service')).toMatchObject({ code: '1', isRequired: true, hint: 'What to restart' })
    expect(field(step, 'wait')).toMatchObject({ code: null, kind: 'number', placeholder: '5' })
    expect(field(step, 'extra').hint).toContain('declares no such input')
  })

  test('needs no input that the flow has under the same name', () => {
    expect(field(step, 'version')).toMatchObject({ isRequired: false, placeholder: 'as the flow’s input' })
  })

  test('says what the task does when nothing is given', () => {
    expect(field(step, 'retries').placeholder).toBe('2, as the task')
    expect(field(step, 'timeout').code).toBe('90')
  })

  test('has each problem at its field, and the others above', () => {
    expect(field(step, 'service').problems).toEqual(['service is 1'])
    expect(field(step, 'timeout').problems).toEqual([])
    expect(step.problems).toEqual(['no name of a task'])
  })
})

describe('a value in a field', () => {
  const text = { kind: 'text', choices: [], of: '', isRequired: false, flowInput: null } as const

  test.each([
    [{ ...text }, "'a b'", 'a b'],
    [{ ...text }, '"a"', 'a'],
    [{ ...text, kind: 'number' }, '1.5', '1.5'],
    [{ ...text, kind: 'boolean' }, 'True', 'True'],
    [{ ...text, kind: 'any' }, "{'a': [1]}", '{"a":[1]}'],
    [{ ...text, kind: 'list' }, "['a', 2]", 'a, 2'],
    [{ ...text, kind: 'choice', choices: ['a'] }, "'a'", 'a'],
  ] as const)('%j is shown and written as it was', (of, code, shown) => {
    expect(shownValue({ ...of, code })).toBe(shown)
    expect(codeFor({ ...of, code }, shown)).toBe(code)
  })

  test.each([
    [{ ...text }, '5'],
    [{ ...text }, "''"],
    [{ ...text }, "inputs['a']"],
    [{ ...text, kind: 'number' }, "'5'"],
    [{ ...text, kind: 'list' }, "['5']"],
    [{ ...text, kind: 'list', of: 'string' }, "['a, b']"],
    [{ ...text, kind: 'choice', choices: ['a'] }, "'b'"],
    [{ ...text, kind: 'any' }, 'None'],
    [{ ...text }, String.raw`'a\nb'`],
    [{ ...text, kind: 'any' }, String.raw`'a\nb'`],
    [{ ...text, kind: 'list' }, String.raw`['a\rb']`],
  ] as const)('%j is left to Python where it says %s', (of, code) => {
    expect(shownValue({ ...of, code })).toBeNull()
  })

  test('that must be given and is an empty text waits for one', () => {
    expect(shownValue({ ...text, isRequired: true, code: "''" })).toBe('')
    expect(modeFor({ ...field(stepOf(site, call, written), 'service'), code: "''" })).toBe('value')
  })

  test('that does not fit goes as text, for the check to say what is expected', () => {
    expect(codeFor({ ...text, kind: 'number', code: null }, 'many')).toBe("'many'")
    expect(codeFor({ ...text, kind: 'any', code: null }, '12')).toBe('12')
    expect(codeFor({ ...text, kind: 'list', of: 'string', code: null }, 'a, 5')).toBe("['a', '5']")
    expect(codeFor({ ...text, code: null }, ' ')).toBeNull()
  })

  test('of a secret begins as Python', () => {
    expect(modeFor({ ...field(stepOf(site, call, written), 'service'), kind: 'secret', code: null })).toBe('python')
  })
})

/** `try:` around site 1 with a plain handler, then an `if` with a raw body and a step in its test. */
const BLOCKS: Blocks = {
  first: 't',
  sites: ['s1', 's2', 's3'],
  blocks: [
    aBlock('t', 'try', {
      inputs: { BODY: 's1', TYPE1: 'v', BODY1: 'h' },
      next: 'i',
      extra: { clauses: ['except_as'], spans: [[1, 1, 0], [3, 3, 0]] } satisfies Extra,
    }),
    aBlock('v', 'variable', { fields: { NAME: 'StepFailed' } }),
    aBlock('s1', 'run_task', { extra: { spans: [[2, 2, 0]] } }),
    aBlock('h', 'log', { extra: { spans: [[4, 4, 0]] } }),
    aBlock('i', 'if', { inputs: { TEST: 'c', BODY: 'r' }, extra: { spans: [[5, 5, 0]] } }),
    aBlock('c', 'compare', { inputs: { LEFT: 's3' } }),
    aBlock('s3', 'run_task_result', {}),
    aBlock('r', 'raw_statement', { fields: { CODE: 'class A:\n    x = 1' }, extra: { spans: [[6, 8, 0]] } }),
  ],
}

function at(number: number, block: string): Site {
  return { ...site, site: number, block }
}

describe('what is around a block', () => {
  const around = new Around(BLOCKS)
  const sites = [at(1, 's1'), at(2, 'h'), at(3, 's3')]

  test('a statement has its own steps, not those of its body', () => {
    expect(around.sites('i', sites).map((one) => one.site)).toEqual([3])
    expect(around.sites('c', sites).map((one) => one.site)).toEqual([3])
    expect(around.sites('s1', sites).map((one) => one.site)).toEqual([1])
    expect(around.sites('t', sites)).toEqual([])
  })

  test('the try that catches a step, and the lines by which it is taken out', () => {
    expect(around.catching('s1')).toEqual({ line: 1, lines: { head: 1, handler: 3, last: 4 }, more: null })
    expect(around.catching('h')).toBeNull()
  })

  test.each<readonly [id: string, change: Partial<FlatBlock>, words: string]>([
    ['s1', { next: 'r' }, 'holds more than this step'],
    ['t', { extra: { clauses: ['except', 'finally'], spans: [[1, 1, 0]] } }, 'has more than one clause'],
    ['h', { type: 'run_task' }, 'does more than log the failure'],
    ['h', { next: 'r' }, 'does more than log the failure'],
  ])('a try that cannot be taken away says what is in the way: %s %o', (id, change, words) => {
    const blocks = BLOCKS.blocks.map((one) => (one.id === id ? { ...one, ...change } : one))
    const catching = new Around({ ...BLOCKS, blocks }).catching('s1')
    expect(catching?.lines).toBeNull()
    expect(heldWords(catching)).toBe(`The try on line 1 ${words}: take this step out of it to stop here.`)
  })

  test('nothing is in the way of a step that is alone in a plain try', () => {
    expect(heldWords(around.catching('s1'))).toBe('')
  })

  test('the last line of a statement is that of its body', () => {
    expect(around.lastLine('i')).toBe(8)
  })
})

test('what happens if a step fails is read from its check and from the try around it', () => {
  const step = stepOf(site, call, written)
  const check = step.check
  if (check === null) throw new Error('run_task has a check')
  const checked = (code: string): Step => ({ ...step, check: { ...check, code } })
  expect(failingOf(step, null)).toBe('stop')
  expect(failingOf(step, { line: 1, lines: null, more: null })).toBe('catch')
  expect(failingOf(checked('False'), { line: 1, lines: null, more: null })).toBe('go-on')
  expect(failingOf(checked('True'), null)).toBe('stop')
  expect(failingOf(checked('current == first'), null)).toBe('python')
})

describe('raw code in the small editor', () => {
  const text = 'if x:\r\n    class A:\r\n        y = 1\r\nz = [a for a in b] # c\r\n'

  test('loses its indentation and gets it back, with the ends of its lines', () => {
    const raw = rawCodeOf(text, aBlock('r', 'raw_statement', { extra: { spans: [[2, 3, 0]] } }), [2, 3])
    expect(raw?.code).toBe('class A:\n    y = 1')
    expect(raw?.replaced('class B:\n\n    y = 2')).toBe(text.replace('A:\r\n        y = 1', 'B:\r\n\r\n        y = 2'))
  })

  test('of a value is found where it stands once', () => {
    const value = aBlock('v', 'raw_value', { fields: { CODE: '[a for a in b]' } })
    expect(rawCodeOf(text, value, [4, 4])?.replaced('[1]')).toBe(text.replace('[a for a in b]', '[1]'))
    expect(rawCodeOf('z = a + a', aBlock('v', 'raw_value', { fields: { CODE: 'a' } }), [1, 1])).toBeNull()
  })
})

describe('a sample of what a step is given', () => {
  const element: SampleElement = {
    name: 'db1',
    address: '10.0.0.1',
    profile: 'postgres',
    context: new Map<string, unknown>([['net.0.port', 22]]),
  }
  const flowInputs: readonly InputSpec[] = [
    { name: 'version', type: 'string', required: false, default: '16' },
    { name: 'ticket', type: 'string', required: true, default: null },
  ]

  test('is known for plain values, facts and inputs with a default', () => {
    expect(valueOfCode("'a'", element, flowInputs)).toBe('a')
    expect(valueOfCode("element['name']", element, flowInputs)).toBe('db1')
    expect(valueOfCode("element['context']['net']['0']['port']", element, flowInputs)).toBe(22)
    expect(valueOfCode('inputs["version"]', element, flowInputs)).toBe('16')
  })

  test('is a secret where the task or a secret input of the flow says so', () => {
    const secret = [...flowInputs, { name: 'pw', type: 'secret', required: true, default: null }] as const
    const given = [
      { name: 'plain', kind: 'text', code: "inputs['ticket']" },
      { name: 'read', kind: 'text', code: "'x' + inputs['pw']" },
      { name: 'own', kind: 'secret', code: "'a'" },
      { name: 'pw', kind: 'text', code: null },
      { name: 'port', kind: 'text', code: null },
    ]
    expect(secretsOf(given, secret)).toEqual(['read', 'own', 'pw'])
  })

  test.each([
    ['echo {{ inputs.ticket }}', ['ticket']],
    ['echo {{ inputs["version"] }} {{ inputs[\'ticket\'] }}', ['version', 'ticket']],
    ['echo {{ inputs.own }} {{ ticket }} {{ my_inputs.ticket }} {{ inputs.tickets }}', []],
  ])('comes from the flow where the template reads what its task does not declare: %s', (template, names) => {
    const own: InputSpec = { name: 'own', type: 'string', required: true, default: null }
    expect(readFromFlow(template, [own], [...flowInputs, own]).map(({ name }) => name)).toEqual(names)
  })

  test('is asked for where only a run knows', () => {
    const given = ["'a'", "inputs['ticket']", 'f(1)', "element['context'][x]", "element['context']['gone']"]
    const named = given.map((code, index) => ({ name: `n${index}`, code, kind: 'text' }))
    expect(sampledInputs(named, element, flowInputs, { n2: 'typed' })).toEqual({
      values: { n0: 'a', n2: 'typed' },
      unknown: named.slice(1),
    })
  })
})

test('the caret stays behind the same signs when blanks come and go', () => {
  const before = "if  x==1 :\n  log( 'abc' )\n"
  const after = "if x == 1:\n    log('abc')\n"
  expect(after.slice(0, caretAfter(before, before.indexOf('bc'), after))).toBe("if x == 1:\n    log('a")
  expect(caretAfter(before, before.length, after)).toBe(after.length - 1)
})

describe('a block that stands apart', () => {
  const loose: Blocks = { ...BLOCKS, blocks: [...BLOCKS.blocks, aBlock('l1', 'log', { inputs: { MESSAGE: 'l2' } }), aBlock('l2', 'text')] }

  test('is found from any block of it, and only there', () => {
    const around = new Around(loose)
    expect(around.apart('l2', loose.first)?.id).toBe('l1')
    expect(around.apart('l1', loose.first)?.id).toBe('l1')
    for (const { id } of BLOCKS.blocks) expect(around.apart(id, loose.first)).toBeNull()
    expect(around.apart('gone', loose.first)).toBeNull()
  })
})
