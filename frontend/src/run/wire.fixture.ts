/** Frames for tests: one run of two elements unless said otherwise. */
import type { Band, ElementState, MatrixSnapshot, Question } from '../wire/types'

export const LETTERS: Readonly<Record<string, ElementState>> = {
  q: 'queued', w: 'waiting', r: 'running', s: 'succeeded', f: 'failed', u: 'unreachable', t: 'stopped', c: 'cancelled', x: 'excluded',
  k: 'skipped', n: 'not_started',
}

export function aBand(changes: Partial<Band> = {}): Band {
  return {
    run: 100, number: 0, parent: null, site: null, turn: null, callers: [], callers_total: 0, path: ['Restart'], flow: 'Restart', version: 1,
    mode: 'serial', state: 'running', reason: '', asked: null, started_at: '2026-11-26T14:00:00+00:00', ended_at: null, soaking: null, batches: [],
    columns: [[1, 'run_task', 'Stop service', 1], [2, 'sleep', null, 2], [3, 'run_task', 'Start service', 3]],
    first_row: 0, elements: ['db1', 'db2'], states: 'qq', ends: [], counts: { queued: 2 }, sites: {}, ...changes,
  }
}

export function aQuestion(changes: Partial<Question> = {}): Question {
  return {
    question: 1, kind: 'interrupted', run: 100, element: 'db1', callers: [], callers_total: 1, until: null, site: 1, turn: 1, attempt: 1, message: '?',
    options: ['retry'], row: 0, ...changes,
  }
}

export function aSnapshot(changes: Partial<MatrixSnapshot> = {}): MatrixSnapshot {
  return {
    type: 'snapshot', seq: 1, root: 100, run: 100, letters: LETTERS, runs_total: changes.runs?.length ?? 1, runs: [aBand()], questions: [], cells: [],
    ...changes,
  }
}
