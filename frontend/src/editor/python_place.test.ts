import { describe, expect, test } from 'vitest'

import { completionsAt } from './completions'
import type { Names } from './documents'
import { aFlow, aTask, WORDS } from './fixtures'
import { toldAt } from './hover'
import type { Known } from './offers'
import { isWholeValue, whereAt } from './python_place'

const names: Names = {
  tasks: [
    aTask('Restart', [
      { name: 'service', type: 'string', required: true, default: null, description: 'What to restart' },
      { name: 'mode', type: 'choice', required: false, default: 'fast', choices: ['fast', 'slow'] },
      { name: 'peer', type: 'element', required: false, default: null },
    ]),
    aTask('Health'),
  ],
  flows: [aFlow('Child', [{ name: 'why', type: 'string', required: false, default: null }])],
  steps: WORDS,
  context_keys: ['env', 'net.0.hostname', 'net.0.mac'],
  values: { env: ['prod', 'stage'], 'net.0.hostname': [] },
}
const known: Known = {
  names,
  inputs: [{ name: 'version', type: 'string', required: true, default: null, description: 'To install' }],
  elements: ['db1', 'db2'],
}

function values(before: string, after = ''): readonly string[] {
  return completionsAt(before, 'execution', known, after)?.offers.map((offer) => offer.apply ?? offer.value) ?? []
}

describe('completion', () => {
  test('offers the names of what is called, also over lines', () => {
    expect(values("run_task('Re")).toEqual(['Restart', 'Health'])
    expect(values('x = run_flow(\n    "')).toEqual(['Child'])
    expect(values("inputs['")).toEqual(['version'])
  })

  test('offers the inputs of what is called as keywords, those alone that are not given', () => {
    expect(values("run_task('Restart', ").slice(0, 7)).toEqual(['service=', 'mode=', 'peer=', 'check=', 'timeout=', 'retries=', 'element='])
    expect(values("run_task(\n  'Restart',  # it's (this\n  service=f(1, [2]),\n  mo").slice(0, 3)).toEqual(['mode=', 'peer=', 'check='])
    expect(values("run_task('Restart', service=")).not.toContain('mode=')
    expect(values("run_flow('Child', ")).toContain('why=')
    expect(values("run_task('Restart').get(")).not.toContain('service=')
  })

  test('offers the values that a keyword may have', () => {
    expect(values("run_task('Restart', mode='")).toEqual(['fast', 'slow'])
    expect(values("run_task('Restart', peer='d")).toEqual(['db1', 'db2'])
    expect(values("run_task('Health', element='")).toEqual(['db1', 'db2'])
  })

  test('offers the keys of a context, whoever has it, and its known values', () => {
    expect(values("element['context']['")).toEqual(['env', 'net'])
    expect(values("f = lambda x: x['context']['net']['0']['")).toEqual(['hostname', 'mac'])
    expect(values("elements[current]['context']['n")).toEqual(['env', 'net'])
    expect(values("x['context']['env'] == '")).toEqual(['prod', 'stage'])
    expect(values("log(f\"{element['context']['")).toEqual(['env', 'net'])
  })

  test('offers what a result, the run and an element have', () => {
    expect(values("result = run_task('A')\nif result['")).toContain('exit_code')
    expect(values("child = run_flow('A')\nlog(child['")).toContain('failed')
    expect(values("run['")).toEqual(['id', 'flow', 'started_at'])
    expect(values("element['")).toContain('context')
  })

  test('offers keys in quotes where the quotes are not written yet', () => {
    expect(values('inputs[')[0]).toBe("'version']")
    expect(values('log(inputs[', '])')[0]).toBe("'version'")
    expect(values('inputs[ver')[0]).toBe("'version']")
    expect(values("element['context'][").slice(0, 3)).toEqual(["'env']", "'net']", 'run_task'])
    expect(values("r = run_task('Health')\nif r[")[0]).toBe("'ok']")
    expect(values('elements.sort(key=lambda x: x[')[0]).toBe("'name']")
    expect(values("log(f'{inputs[")[0]).toBe('"version"]')
  })

  test('offers keys by themselves, but none of what may be a list', () => {
    expect(completionsAt('inputs[', 'execution', known)?.comesAlone).toBe(true)
    for (const before of ['rows[', 'elements[', 'x = [']) {
      expect(completionsAt(before, 'execution', known)?.comesAlone).toBe(false)
      expect(values(before)[0]).toBe('run_task')
    }
  })

  test('offers keys to get as well', () => {
    expect(values("element['context'].get('")).toEqual(['env', 'net'])
    expect(values('inputs.get(')[0]).toBe("'version')")
    expect(values('inputs.get(', ", 'a')")[0]).toBe("'version')")
    expect(values("inputs.get('version', ")).not.toContain("'version')")
  })

  test('offers words and variables, but not in texts, comments and behind dots', () => {
    expect(values('done = 1\nfor one in elements:\n    d')).toEqual(expect.arrayContaining(['run_task', 'done', 'one', 'if']))
    expect(values("log('cur")).toEqual([])
    expect(values('# run')).toEqual([])
    expect(values('element.')).toEqual([])
    expect(completionsAt('sle', 'processing', known)?.offers.some((offer) => offer.value === 'sleep')).toBe(false)
  })

  test('begins where the word begins', () => {
    expect(whereAt("log(f'{ele").wordFrom).toBe("log(f'{".length)
    expect(completionsAt("run_task('Re", 'execution', known)?.typed).toBe('Re')
  })
})

function told(marked: string): readonly string[] | null {
  const found = toldAt(marked.replace('|', ''), marked.indexOf('|'), 'execution', known)
  return found === null ? null : [found.title, ...found.lines]
}

describe('what is said under the pointer', () => {
  test('of a step is its signature and what it does', () => {
    expect(told('x = sl|eep(5)')).toEqual(['sleep(seconds)', 'What sleep does.'])
    expect(told('x.sl|eep(5)')).toBeNull()
  })

  test('of a task its command, of a flow its steps', () => {
    expect(told("run_task('Res|tart')")).toEqual([
      'task Restart, version 1',
      'echo Restart',
      'Inputs: service: string, required; mode: choice; peer: element',
      'Timeout 600 s, 0 retries',
    ])
    expect(told("run_flow('Chi|ld')")?.slice(0, 2)).toEqual(['flow Child, version 3, serial', '1 Health'])
    expect(told("log('Res|tart')")).toBeNull()
  })

  test('of an input its type, of a keyword what it is for', () => {
    expect(told("log(inputs['ver|sion'])")).toEqual(['input version: string, required', 'To install'])
    expect(told("log(inputs['go|ne'])")).toEqual(['input gone', 'This flow declares no such input.'])
    expect(told("run_task('Restart', serv|ice='a')")).toEqual(['service: string, required', 'What to restart'])
    expect(told("run_task('Restart', time|out=5)")?.[0]).toBe('timeout=')
  })

  test('of a context key its known values', () => {
    expect(told("x['context']['en|v']")).toEqual(['context key env', 'Known values: prod, stage'])
    expect(told("x['context']['gone|']")).toEqual(['context key gone', 'No element has it now.'])
  })
})

test.each(["'a'", 'f(1, [2])', "inputs['a']", '1 if a == 2 else {3: 4}', "''' , '''"])('%s is one whole value', (code) => {
  expect(isWholeValue(code)).toBe(true)
})

test.each(["'a", 'f(1', 'a]', '1, 2', 'a=1', '1  # one', 'a\nb', '(1]', 'f"{x}', '"""a"', '1; 2'])('%s is none', (code) => {
  expect(isWholeValue(code)).toBe(false)
})
