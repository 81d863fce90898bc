import { describe, expect, test } from 'vitest'

import type { Blocks, Site } from './documents'
import { aBlock, aDraft, aTurn, SCRIPT } from './fixtures'
import { shutSide } from './side'
import { after, allProblems, canPublish, canRedo, canUndo, changesOf, heldBack, holdsUnsaved, isDirty, isSettled, opened, type Event, type State } from './state'
import { statusOf } from './status'

const script = 'execution'
const empty: Blocks = { first: null, blocks: [], sites: [] }
const fault = { line: 1, col: 1, code: 'syntax', message: 'wrong', block: null }

function begun(...events: readonly Event[]): State {
  const ready: readonly Event[] = [
    { type: 'asked', script },
    { type: 'answered', script, turn: aTurn({}) },
    { type: 'asked', script: 'processing' },
    { type: 'answered', script: 'processing', turn: aTurn({ text: '', workspace: empty }) },
  ]
  return [...ready, ...events].reduce(after, opened(aDraft(), true, 'steps'))
}

describe('opening', () => {
  test('a script that is only opened is never saved', () => {
    expect(isDirty(begun())).toBe(false)
    expect(canPublish(begun())).toBe(false)
    expect(isSettled(begun())).toBe(true)
  })

  test('nothing is lost by leaving while a script is being opened, but by leaving before an edit was answered', () => {
    const opening = after(opened(aDraft(), true, 'steps'), { type: 'asked', script })
    expect(isSettled(opening)).toBe(false)
    expect(holdsUnsaved(opening)).toBe(false)
    expect(canPublish(opening)).toBe(false)
    expect(holdsUnsaved(begun({ type: 'blocks-edited', script, blocks: empty }))).toBe(true)
  })

  test('the canvas loads what the text says', () => {
    expect(begun().sides.execution).toMatchObject({ blocks: SCRIPT, base: 'sleep(5)\n', loads: 1, behind: null })
  })
})

describe('the two sides', () => {
  const typed: readonly Event[] = [
    { type: 'text-edited', script, text: 'sleep(6)\n' },
    { type: 'asked', script },
  ]

  test('text makes blocks, which the canvas loads', () => {
    const state = begun(...typed, { type: 'answered', script, turn: aTurn({ revision: 2, workspace: empty }) })
    expect(state.sides.execution).toMatchObject({
      text: 'sleep(6)\n',
      blocks: empty,
      base: 'sleep(6)\n',
      agreed: 'sleep(6)\n',
      loads: 2,
      edited: null,
    })
    expect(changesOf(state)).toEqual({ execution_script: 'sleep(6)\n' })
  })

  test('blocks make text, and the canvas stays as it is', () => {
    const state = begun(
      { type: 'blocks-edited', script, blocks: empty },
      { type: 'asked', script },
      { type: 'answered', script, turn: aTurn({ revision: 2, text: 'log(1)\n' }) },
    )
    expect(state.sides.execution).toMatchObject({
      text: 'log(1)\n',
      blocks: empty,
      base: 'sleep(5)\n',
      placed: SCRIPT,
      loads: 1,
    })
  })

  test('an answer to an older edit is dropped', () => {
    const state = begun(
      ...typed,
      { type: 'text-edited', script, text: 'sleep(7)\n' },
      { type: 'answered', script, turn: aTurn({ revision: 2, workspace: empty }) },
    )
    expect(state.sides.execution).toMatchObject({
      text: 'sleep(7)\n',
      blocks: SCRIPT,
      edited: 'text',
      asked: null,
      loads: 1,
    })
  })

  test('a text that cannot be read leaves the blocks as they were', () => {
    const state = begun(...typed, {
      type: 'answered',
      script,
      turn: aTurn({ revision: 2, workspace: null, problems: [fault] }),
    })
    expect(state.sides.execution).toMatchObject({
      text: 'sleep(6)\n',
      blocks: SCRIPT,
      behind: 'blocks',
      agreed: 'sleep(5)\n',
      problems: [fault],
    })
    expect(changesOf(state)).toEqual({ execution_script: 'sleep(6)\n' })
  })

  test('blocks that make no text leave the text as it was, and are not published without a word', () => {
    const edits: readonly Event[] = [
      { type: 'blocks-edited', script, blocks: empty },
      { type: 'asked', script },
    ]
    const state = begun(...edits, {
      type: 'answered',
      script,
      turn: aTurn({ revision: 2, text: null, problems: [fault] }),
    })
    expect(state.sides.execution).toMatchObject({ text: 'sleep(5)\n', blocks: empty, behind: 'text' })
    expect(isDirty(state)).toBe(false)
    expect(after(state, { type: 'publish-wanted', note: '', over: null }).publishing.step).toBe('refused')
  })

  test('one can go back to what both sides last agreed on', () => {
    const state = begun(
      ...typed,
      { type: 'answered', script, turn: aTurn({ revision: 2, workspace: null }) },
      { type: 'went-back', script },
    )
    expect(state.sides.execution).toMatchObject({ text: 'sleep(5)\n', edited: 'text' })
  })

  test('without an answer the edit is kept, to be asked again', () => {
    const state = begun(...typed, { type: 'not-answered', script, message: 'no network' })
    expect(state.sides.execution).toMatchObject({
      text: 'sleep(6)\n',
      edited: 'text',
      asked: null,
      noAnswer: 'no network',
    })
    expect(shutSide(state.sides.execution)).toBe('blocks')
  })

  test('blocks that got no answer are not told to be saved', () => {
    const edits: readonly Event[] = [
      { type: 'blocks-edited', script, blocks: empty },
      { type: 'asked', script },
      { type: 'not-answered', script, message: 'No network.' },
    ]
    expect(statusOf(begun(...edits), 0)).toBe('Not saved: No network. Will try again.')
  })

  test('blocks that are older than what was typed take nothing of it away', () => {
    const state = begun(...typed, { type: 'not-answered', script, message: 'no network' })
    expect(after(state, { type: 'blocks-edited', script, blocks: empty })).toBe(state)
    const more = after(state, { type: 'text-edited', script, text: 'sleep(7)\n' })
    expect(shutSide(more.sides.execution)).toBe('blocks')
    const answer = { type: 'answered', script, turn: aTurn({ revision: 3, workspace: empty }) } as const
    expect(shutSide(after(more, answer).sides.execution)).toBe(null)
  })

  test('problems of the script that is shown come first', () => {
    const sides = begun().sides
    const state: State = {
      ...begun({ type: 'card-chosen', card: 'order' }),
      sides: {
        execution: { ...sides.execution, problems: [fault] },
        processing: { ...sides.processing, problems: [fault] },
      },
    }
    expect(allProblems(state).map((one) => one.script)).toEqual(['processing', 'execution'])
  })
})

describe('the draft', () => {
  const mine: Event = { type: 'keys-changed', keys: { concurrency: 5 } }
  const theirs = aDraft({
    revision: 3,
    is_draft: true,
    written_by: 'bob',
    concurrency: 7,
    execution_script: 'log(2)\n',
  })

  test('only what changed is saved', () => {
    expect(changesOf(begun(mine))).toEqual({ concurrency: 5 })
  })

  test('what is edited while a save is under way is saved after it', () => {
    const saved: Event = { type: 'saved', draft: aDraft({ revision: 1, is_draft: true, concurrency: 5 }), at: 0 }
    const state = begun(mine, { type: 'saving' }, { type: 'keys-changed', keys: { concurrency: 6 } }, saved)
    expect(state.saving).toBe('idle')
    expect(changesOf(state)).toEqual({ concurrency: 6 })
  })

  test('a conflict waits for an answer and loses nothing', () => {
    const state = begun(mine, { type: 'saving' }, { type: 'conflicted', conflict: { message: 'bob saved', theirs } })
    expect(state.other.concurrency).toBe(5)
    const kept = after(state, { type: 'kept-mine' })
    expect(kept.stored.revision).toBe(3)
    expect(changesOf(kept)).toEqual({ concurrency: 5, execution_script: 'sleep(5)\n' })
    expect(after(kept, { type: 'undone' }).other.concurrency).toBe(7)
    const taken = after(state, { type: 'took-theirs' })
    expect(after(taken, { type: 'undone' }).other.concurrency).toBe(5)
    expect(taken.other.concurrency).toBe(7)
    expect(taken.sides.execution).toMatchObject({ text: 'log(2)\n', edited: 'text' })
    expect(isDirty(taken)).toBe(false)
    const later = after(state, { type: 'put-off' })
    expect(later).toMatchObject({ conflict: null, notSaved: { message: 'bob saved.', needsAnswer: true }, stored: { revision: state.stored.revision } })
    expect(isDirty(later)).toBe(true)
  })

  test('a save that fails says so and keeps the change', () => {
    const state = begun(mine, { type: 'saving' }, { type: 'save-failed', notSaved: { message: 'no network.', needsAnswer: false } })
    expect(statusOf(state, 0)).toBe('Not saved: no network. Will try again.')
    expect(isDirty(state)).toBe(true)
  })

  test('after publishing the page is at the new version, and the script that is open stays open', () => {
    const published: Event = {
      type: 'published',
      version: 2,
      draft: aDraft({ published_version: 2, base_version: 2, concurrency: 5 }),
    }
    const state = begun(mine, { type: 'publish-wanted', note: '', over: null }, published)
    expect(state.publishing).toEqual({ step: 'done', version: 2 })
    expect(canPublish(state)).toBe(false)
    expect(state.sides.execution.revision).toBe(1)
  })

  test('what is typed while a version is being published begins the next draft', () => {
    const state = begun(
      { type: 'publishing', to: { step: 'asking' } },
      { type: 'text-edited', script, text: 'sleep(7)\n' },
      { type: 'published', version: 2, draft: aDraft({ published_version: 2, base_version: 2 }) },
    )
    expect(state.sides.execution.text).toBe('sleep(7)\n')
    expect(isDirty(state)).toBe(true)
  })
})

describe('the cards', () => {
  test('the cards Order and Steps show a script each, the others leave the one that was shown', () => {
    expect(begun({ type: 'card-chosen', card: 'order' })).toMatchObject({ card: 'order', script: 'processing' })
    const rules = begun({ type: 'card-chosen', card: 'order' }, { type: 'card-chosen', card: 'rules' })
    expect(rules).toMatchObject({ card: 'rules', script: 'processing' })
  })
})

describe('undoing', () => {
  const typed: Event = { type: 'text-edited', script, text: 'sleep(6)\n' }

  test('brings back what was typed over, and goes to the card where it is seen', () => {
    const state = begun(typed, { type: 'card-chosen', card: 'rules' }, { type: 'undone' })
    expect(state).toMatchObject({ card: 'steps', sides: { execution: { text: 'sleep(5)\n', edited: 'text' } } })
    expect(after(state, { type: 'redone' }).sides.execution.text).toBe('sleep(6)\n')
  })

  test('brings rules back, and leaves scripts alone', () => {
    const state = begun({ type: 'keys-changed', keys: { concurrency: 7 } }, { type: 'undone' })
    expect(state.other.concurrency).toBe(aDraft().concurrency)
    expect(state.card).toBe('rules')
    expect(state.sides.execution.edited).toBeNull()
  })

  test('of one field leaves what was done to another field of the same rule a moment before', () => {
    const renamed: Event = { type: 'keys-changed', keys: { inputs: [{ name: 'a', required: true, default: null }] }, place: '0 name' }
    const moved: Event = { type: 'keys-changed', keys: { inputs: [] }, place: 'remove 1' }
    expect(begun(renamed, moved, { type: 'undone' }).other.inputs).toMatchObject([{ name: 'a' }])
  })

  test('of blocks that make no text goes back to what both sides agreed on', () => {
    const state = begun(
      { type: 'blocks-edited', script, blocks: empty },
      { type: 'asked', script },
      { type: 'answered', script, turn: aTurn({ revision: 2, text: null, problems: [fault] }) },
      { type: 'undone' },
    )
    expect(state.sides.execution).toMatchObject({ text: 'sleep(5)\n', edited: 'text' })
  })

  test('after taking what somebody else saved brings mine back', () => {
    const theirs = { ...aDraft(), execution_script: 'log(1)\n', revision: 9 }
    const state = begun(typed, { type: 'conflicted', conflict: { message: 'theirs', theirs } }, { type: 'took-theirs' })
    expect(state.sides.execution.text).toBe('log(1)\n')
    const back = after(state, { type: 'undone' })
    expect(back.sides.execution.text).toBe('sleep(6)\n')
    expect(back.stored.revision).toBe(9)
  })

  test('of nothing changes nothing', () => {
    const state = begun()
    expect(after(state, { type: 'undone' })).toEqual(state)
  })
})

describe('what undo changed', () => {
  const at = (lines: readonly number[]): Blocks => ({
    first: 's1', sites: [], blocks: lines.map((line) => aBlock(`s${line}`, 'sleep', { extra: { spans: [[line, line, 0]] } })),
  })
  const undone = (before: string, now: string): State => {
    const typed: readonly Event[] = [
      { type: 'text-edited', script, text: before }, { type: 'card-chosen', card: 'rules' },
      { type: 'keys-changed', keys: { concurrency: 2 } }, { type: 'text-edited', script, text: now }, { type: 'undone' },
    ]
    const state = begun(...typed)
    const lines = before.trimEnd().split('\n').map((_, index) => index + 1)
    const { revision } = state.sides.execution
    return [{ type: 'asked', script } as const, { type: 'answered', script, turn: aTurn({ revision, workspace: at(lines) }) } as const].reduce(after, state)
  }

  test('is pointed at as soon as its blocks are known', () => {
    expect(undone('a()\nb()\nc()\n', 'a()\nc()\n').pointed).toEqual({ block: 's2', by: 'history' })
  })

  test('is what stands before it, where it took the end away', () => {
    expect(undone('a()\n', 'a()\nb()\n').pointed).toEqual({ block: 's1', by: 'history' })
  })
})

describe('blocks that make no script', () => {
  const noText = (revision: number): Event => ({ type: 'answered', script, turn: aTurn({ revision, text: null, problems: [fault] }) })
  const other: Blocks = { ...empty, sites: ['1'] }
  const held = (): State =>
    begun({ type: 'blocks-edited', script, blocks: empty }, { type: 'asked', script }, noText(2), { type: 'blocks-edited', script, blocks: other }, { type: 'asked', script }, noText(3))

  test('are not saved, and that is said', () => {
    expect(holdsUnsaved(held())).toBe(true)
    expect(heldBack(held(), 'saved')).toMatch(/^Not saved: the blocks of the execution script make no script yet/)
  })

  test('are undone and done again one edit at a time, down to the text', () => {
    const once = after(held(), { type: 'undone' })
    expect(once.sides.execution).toMatchObject({ blocks: empty, edited: 'blocks', loads: 2 })
    const twice = after(once, { type: 'undone' })
    expect(twice.sides.execution).toMatchObject({ text: 'sleep(5)\n', edited: 'text', loads: 3 })
    const turn = aTurn({ revision: twice.sides.execution.revision, workspace: SCRIPT })
    const read = after(twice, { type: 'answered', script, turn })
    expect([canUndo(read), canRedo(read)]).toEqual([false, true])
    const again = after(after(read, { type: 'redone' }), { type: 'redone' })
    expect(again.sides.execution).toMatchObject({ blocks: other, edited: 'blocks' })
    expect(canRedo(again)).toBe(false)
  })

  test('are undone where they can be seen', () => {
    const elsewhere = after(held(), { type: 'card-chosen', card: 'rules' })
    expect(after(elsewhere, { type: 'undone' }).card).toBe('steps')
  })

  test('come back after one went back to the text', () => {
    const back = after(held(), { type: 'went-back', script })
    const again = after(after(back, { type: 'redone' }), { type: 'redone' })
    expect(again.sides.execution.blocks).toBe(other)
  })

  test('are not overwritten by a text that was typed before they are one', () => {
    const state = begun({ type: 'blocks-edited', script, blocks: empty }, { type: 'text-edited', script, text: 'log(1)\n' })
    expect(state.sides.execution).toMatchObject({ text: 'sleep(5)\n', blocks: empty, edited: 'blocks' })
  })
})

describe('inputs', () => {
  test('that change let both scripts be looked at again', () => {
    const state = begun({ type: 'keys-changed', keys: { inputs: [] } })
    expect(state.sides.execution).toMatchObject({ text: 'sleep(5)\n', edited: 'text' })
    expect(state.sides.processing.edited).toBe('text')
    expect(begun({ type: 'keys-changed', keys: { concurrency: 3 } }).sides.execution.edited).toBeNull()
  })

  test('leave blocks that make no script to who is mending them', () => {
    const state = begun(
      { type: 'blocks-edited', script, blocks: empty },
      { type: 'asked', script },
      { type: 'answered', script, turn: aTurn({ revision: 2, text: null, problems: [fault] }) },
      { type: 'keys-changed', keys: { inputs: [] } },
    )
    expect(state.sides.execution).toMatchObject({ behind: 'text', edited: null })
  })
})

test('what is pointed at stays so when its block comes back under another name', () => {
  const site = { site: 1, step: 'sleep', name: null, line: 1, end_line: 1 }
  const renamed: Blocks = { ...SCRIPT, first: 'new', blocks: SCRIPT.blocks.map((one) => ({ ...one, id: one.id === SCRIPT.first ? 'new' : one.id })) }
  const state = begun(
    { type: 'text-edited', script, text: 'sleep(5)\n' },
    { type: 'answered', script, turn: aTurn({ revision: 2, sites: [{ ...site, block: SCRIPT.first } as Site] }) },
    { type: 'pointed', block: SCRIPT.first, by: 'blocks' },
    { type: 'text-edited', script, text: 'sleep(7)\n' },
    { type: 'answered', script, turn: aTurn({ revision: 3, workspace: renamed, sites: [{ ...site, block: 'new' } as Site] }) },
  )
  expect(state.pointed).toEqual({ block: 'new', by: 'blocks' })
})
