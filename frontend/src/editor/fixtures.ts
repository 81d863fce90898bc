/** Blocks and drafts for tests. */
import type { InputSpec } from '../wire/types'
import type { Blocks, Draft, Extra, FlatBlock, FlowName, TaskName, Turn, Word } from './documents'

export function aBlock(id: string, type: string, change: Partial<FlatBlock> = {}): FlatBlock {
  return { id, type, fields: {}, inputs: {}, next: null, extra: {}, ...change }
}

/** `if current == first: log('a')` with an else, then `sleep(5)`. */
export const SCRIPT: Blocks = {
  first: 'b1',
  sites: ['s1', 's2'],
  blocks: [
    aBlock('b1', 'if', {
      inputs: { TEST: 'b2', BODY: 's1', BODY1: 'b5' },
      next: 's2',
      extra: {
        clauses: ['else'],
        spans: [
          [1, 1, 0],
          [3, 3, 0],
        ],
        comments: [['# why'], []],
      } satisfies Extra,
    }),
    aBlock('b2', 'compare', { fields: { CHOICE: '==' }, inputs: { LEFT: 'b3', RIGHT: 'b4' } }),
    aBlock('b3', 'position', { fields: { CHOICE: 'current' } }),
    aBlock('b4', 'position', { fields: { CHOICE: 'first' } }),
    aBlock('s1', 'log', { inputs: { MESSAGE: 'b6' }, extra: { spans: [[2, 2, 0]], comments: [[]] } }),
    aBlock('b6', 'text', { fields: { TEXT: 'a' }, extra: { sources: { TEXT: '"a"' } } }),
    aBlock('b5', 'pass', { extra: { spans: [[4, 4, 0]], comments: [[]] } }),
    aBlock('s2', 'sleep', { inputs: { SECONDS: 'b7' }, extra: { spans: [[5, 6, 0]], comments: [[]] } }),
    aBlock('b7', 'number', { fields: { NUMBER: '5' } }),
  ],
}

export function aDraft(change: Partial<Draft> = {}): Draft {
  return {
    flow: 1,
    name: 'Restart',
    revision: 0,
    base_version: 1,
    published_version: 1,
    written_by: 'ann',
    written_at: '2026-01-02T03:04:05Z',
    is_draft: false,
    mode: 'serial',
    target: { profile: 'demo' },
    concurrency: 1,
    batches: [],
    soak: 0,
    error_threshold: null,
    on_empty: 'fail',
    refresh: [],
    inputs: [],
    execution_script: 'sleep(5)\n',
    processing_script: '',
    ...change,
  }
}

export function aTurn(change: Partial<Turn>): Turn {
  return { text: 'sleep(5)\n', workspace: SCRIPT, sites: [], problems: [], revision: 1, ...change }
}

export function aTask(name: string, inputs: readonly InputSpec[] = [], change: Partial<TaskName> = {}): TaskName {
  return {
    id: 1,
    name,
    version: 1,
    class: 'command',
    command_line: `echo ${name}`,
    timeout: 600,
    retries: 0,
    saves: [],
    inputs,
    ...change,
  }
}

export function aFlow(name: string, inputs: readonly InputSpec[] = []): FlowName {
  const steps = [{ site: 1, step: 'run_task', name: 'Health' }]
  return { id: 2, name, version: 3, mode: 'serial', steps, inputs }
}

/** Some words of the language. */
export const WORDS: readonly Word[] = [
  word('run_task', 'step', 'run_task(name, /, *, check=True, timeout=None, retries=None, element=None, **inputs)'),
  word('run_flow', 'step', 'run_flow(name, /, *, elements=None, check=True, **inputs)'),
  word('sleep', 'step', 'sleep(seconds)'),
  word('fail', 'ending', 'fail(message)'),
  word('element', 'variable', 'element'),
  { ...word('elements', 'variable', 'elements'), scripts: ['execution', 'processing'] },
]

function word(name: string, kind: Word['kind'], signature: string): Word {
  return { name, kind, signature, doc: `What ${name} does.`, scripts: ['execution'] }
}
