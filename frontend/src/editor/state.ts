/** What the page knows, as one object, and how each event changes it. Pure. */
import {
  NOT_ASKED,
  SCRIPTS,
  type Asked,
  type Blocks,
  type Draft,
  type DraftPlan,
  type Fault,
  type KeyProblem,
  type Keys,
  type Names,
  type OrderPreview,
  type Script,
  type Selection,
  type Turn,
} from './documents'
import { faultsOf } from './faults'
import { blockAt, linesOf } from './flat'
import { differingKeys, NO_HISTORY, recorded, redone, undone, type History } from './history'
import { difference } from './texts'
import { answered, backToText, isAhead, isOvertaken, NO_TRAIL, sideOf, steppedBack, steppedOn, withBlocks, type Side } from './side'

/** What the sentence of the flow consists of, and its versions: one of them is open in the centre. */
export const CARDS = ['target', 'order', 'steps', 'rules', 'versions'] as const
export type Card = (typeof CARDS)[number]

export interface Conflict {
  readonly message: string
  readonly theirs: Draft
}

export type Publishing =
  | { readonly step: 'idle' }
  | { readonly step: 'waiting'; readonly note: string; readonly over: number | null }
  | { readonly step: 'asking' }
  | { readonly step: 'refused'; readonly message: string; readonly problems: readonly KeyProblem[] }
  | { readonly step: 'published-since'; readonly message: string; readonly version: number }
  | { readonly step: 'done'; readonly version: number }

/** What is pointed at, and where: the block, its lines, its column of the plan and the inspector follow. */
export interface Pointed {
  readonly block: string | null
  readonly by: 'text' | 'blocks' | 'problems' | 'plan' | 'inspector' | 'history'
  /** Where something was typed, or what undo changed: as soon as blocks are made of it, the one there is pointed at. */
  readonly line?: number
}

export type OtherKeys = Omit<Keys, 'execution_script' | 'processing_script'>

/** Why the draft is not stored. */
export interface NotSaved {
  readonly message: string
  /** Nothing is saved by itself until a person has said what to do: a conflict that was put off, a flow that is gone. */
  readonly needsAnswer: boolean
}

export interface State {
  readonly stored: Draft
  readonly other: OtherKeys
  readonly sides: Readonly<Record<Script, Side>>
  readonly card: Card
  /** The script of the card, or the last one that was shown. */
  readonly script: Script
  readonly canWrite: boolean
  readonly names: Names | null
  readonly selection: Selection | { readonly problem: string } | null
  readonly plan: Asked<DraftPlan>
  readonly order: Asked<OrderPreview>
  readonly pointed: Pointed
  readonly history: History
  readonly saving: 'idle' | 'busy'
  readonly savedAt: number | null
  readonly notSaved: NotSaved | null
  readonly conflict: Conflict | null
  readonly publishing: Publishing
}

export type Event =
  | { readonly type: 'text-edited'; readonly script: Script; readonly text: string }
  | { readonly type: 'blocks-edited'; readonly script: Script; readonly blocks: Blocks }
  | { readonly type: 'asked'; readonly script: Script }
  | { readonly type: 'answered'; readonly script: Script; readonly turn: Turn }
  | { readonly type: 'not-answered'; readonly script: Script; readonly message: string }
  | { readonly type: 'went-back'; readonly script: Script }
  /** Edits of the same keys and the same `place`, such as one field of one input, are undone together. */
  | { readonly type: 'keys-changed'; readonly keys: Partial<OtherKeys>; readonly place?: string }
  | { readonly type: 'card-chosen'; readonly card: Card }
  | ({ readonly type: 'pointed' } & Pointed)
  | { readonly type: 'plan-told'; readonly plan: Asked<DraftPlan> }
  | { readonly type: 'order-told'; readonly order: Asked<OrderPreview> }
  | { readonly type: 'undone' }
  | { readonly type: 'redone' }
  | { readonly type: 'restored'; readonly draft: Draft }
  | { readonly type: 'names-known'; readonly names: Names }
  | { readonly type: 'selection-known'; readonly selection: Selection | { readonly problem: string } | null }
  | { readonly type: 'saving' }
  | { readonly type: 'saved'; readonly draft: Draft; readonly at: number }
  | { readonly type: 'save-failed'; readonly notSaved: NotSaved }
  | { readonly type: 'conflicted'; readonly conflict: Conflict }
  | { readonly type: 'took-theirs' }
  | { readonly type: 'kept-mine' }
  | { readonly type: 'put-off' }
  | { readonly type: 'publish-wanted'; readonly note: string; readonly over: number | null }
  | { readonly type: 'publishing'; readonly to: Publishing }
  | { readonly type: 'published'; readonly version: number; readonly draft: Draft }

/** What the parts of the page share: they read the state, and tell what a person did. */
export interface Page {
  readonly canWrite: boolean
  state(): State
  dispatch(event: Event): void
}

export function opened(draft: Draft, canWrite: boolean, card: Card): State {
  return {
    stored: draft,
    other: otherOf(draft),
    sides: { execution: sideOf(draft.execution_script), processing: sideOf(draft.processing_script) },
    card,
    script: scriptOf(card) ?? 'execution',
    canWrite,
    names: null,
    selection: null,
    plan: NOT_ASKED,
    order: NOT_ASKED,
    pointed: NOTHING,
    history: NO_HISTORY,
    saving: 'idle',
    savedAt: null,
    notSaved: null,
    conflict: null,
    publishing: { step: 'idle' },
  }
}

/** The state after an event, and what can be undone then; `at` is now, in ms. */
export function after(state: State, event: Event, at = 0): State {
  const next = changed(state, event)
  if (event.type === 'undone' || event.type === 'redone' || event.type === 'published') return next
  // What was given up for one's own draft can be brought back.
  if (event.type === 'kept-mine' && state.conflict !== null)
    return { ...next, history: recorded(next.history, state.conflict.theirs, event.type, at) }
  if (isSameDraft(state, next)) return next
  return { ...next, history: recorded(next.history, keysOf(state), kindOf(event), at) }
}

function changed(state: State, event: Event): State {
  switch (event.type) {
    case 'text-edited':
      // The edit of the canvas, which is no text yet, would be lost.
      return isAhead(state.sides[event.script])
        ? state
        : edited(state, event.script, (side) => withText(side, event.text))
    case 'blocks-edited':
      return isOvertaken(state.sides[event.script])
        ? state
        : edited(state, event.script, (side) => withBlocks(side, event.blocks))
    case 'asked':
      return withSide(state, event.script, (side) => ({ ...side, asked: side.revision }))
    case 'answered':
      return repointed(
        state,
        withSide(state, event.script, (side) => answered(side, event.turn)),
        event.script,
      )
    case 'not-answered':
      return withSide(state, event.script, (side) => ({ ...side, asked: null, noAnswer: event.message }))
    case 'went-back':
      return edited(state, event.script, backToText)
    case 'keys-changed':
      return withKeysChanged(state, event.keys)
    case 'card-chosen':
      return chosen(state, event.card)
    case 'pointed':
      return { ...state, pointed: { block: event.block, by: event.by, ...(event.line === undefined ? {} : { line: event.line }) } }
    case 'plan-told':
      return { ...state, plan: event.plan }
    case 'order-told':
      return { ...state, order: event.order }
    case 'undone':
      return unmadeBlocks(state) ?? unmade(state, undone(state.history, keysOf(state)))
    case 'redone':
      return remadeBlocks(state) ?? unmade(state, redone(state.history, keysOf(state)))
    case 'restored':
      return { ...taken(state, event.draft), publishing: IDLE, notSaved: null }
    case 'names-known':
      return { ...state, names: event.names }
    case 'selection-known':
      return { ...state, selection: event.selection }
    case 'saving':
      return { ...state, saving: 'busy' }
    case 'saved':
      return { ...state, saving: 'idle', stored: event.draft, savedAt: event.at, notSaved: null }
    case 'save-failed':
      return { ...state, saving: 'idle', notSaved: event.notSaved, publishing: withoutWaiting(state.publishing) }
    case 'conflicted':
      return { ...state, saving: 'idle', conflict: event.conflict, publishing: IDLE }
    case 'took-theirs':
      return state.conflict === null
        ? state
        : taken({ ...state, conflict: null, notSaved: null }, state.conflict.theirs)
    case 'kept-mine':
      return state.conflict === null
        ? state
        : { ...state, conflict: null, notSaved: null, stored: state.conflict.theirs }
    case 'put-off':
      return state.conflict === null ? state : { ...state, conflict: null, notSaved: { message: `${state.conflict.message}.`, needsAnswer: true } }
    case 'publish-wanted':
      return { ...state, publishing: wanted(state, event.note, event.over) }
    case 'publishing':
      return { ...state, publishing: event.to }
    case 'published':
      // What was typed while the answer was on its way is the beginning of the next draft.
      return {
        ...(isDirty(state) ? { ...state, stored: event.draft } : taken(state, event.draft)),
        publishing: { step: 'done', version: event.version },
        savedAt: null,
      }
    default:
      return event satisfies never
  }
}

const IDLE: Publishing = { step: 'idle' }
const NO_INPUTS: OtherKeys['inputs'] = []
const NOTHING: Pointed = { block: null, by: 'blocks' }

const CARD_OF: Readonly<Record<Script, Card>> = { execution: 'steps', processing: 'order' }

/** The script that a card shows; the others show none. */
export function scriptOf(card: Card): Script | null {
  return SCRIPTS.find((script) => CARD_OF[script] === card) ?? null
}

function chosen(state: State, card: Card): State {
  if (card === state.card) return state
  const script = scriptOf(card) ?? state.script
  return { ...state, card, script, pointed: script === state.script ? state.pointed : NOTHING }
}

function isSameDraft(one: State, other: State): boolean {
  const isUntouched = one.other === other.other && SCRIPTS.every((script) => one.sides[script].text === other.sides[script].text)
  return isUntouched || differingKeys(keysOf(one), keysOf(other)).length === 0
}

/** Edits of one kind that follow each other are undone together. */
function kindOf(event: Event): string {
  if (event.type === 'text-edited') return `text ${event.script}`
  if (event.type === 'answered') return `blocks ${event.script} ${event.turn.revision}`
  return event.type === 'keys-changed' ? [...Object.keys(event.keys), event.place ?? ''].join(' ') : event.type
}

/** Without the last edit of a canvas that is no text, on its card; null where there is none. */
function unmadeBlocks(state: State): State | null {
  const script = SCRIPTS.find((one) => isAhead(state.sides[one]))
  return script === undefined ? null : chosen(edited(state, script, steppedBack), CARD_OF[script])
}

function remadeBlocks(state: State): State | null {
  const script = SCRIPTS.find((one) => state.sides[one].trail.future.length > 0)
  return script === undefined ? null : chosen(edited(state, script, steppedOn), CARD_OF[script])
}

export function canUndo(state: State): boolean {
  return state.history.past.length > 0 || SCRIPTS.some((script) => isAhead(state.sides[script]))
}

export function canRedo(state: State): boolean {
  return state.history.future.length > 0 || SCRIPTS.some((script) => state.sides[script].trail.future.length > 0)
}

/** The draft as the history has it, on the card where the difference can be seen. */
function unmade(state: State, to: { readonly history: History; readonly keys: Keys } | null): State {
  if (to === null) return state
  const before = keysOf(state)
  const [first] = differingKeys(before, to.keys)
  const next = chosen({ ...withKeys(state, to.keys), history: to.history, publishing: IDLE }, cardOf(first) ?? state.card)
  if (first !== 'execution_script' && first !== 'processing_script') return next
  const { from } = difference(before[first], to.keys[first])
  return { ...next, pointed: { ...next.pointed, by: 'history', line: to.keys[first].slice(0, from).split('\n').length } }
}

export function cardOf(key: keyof Keys | undefined): Card | null {
  if (key === undefined) return null
  if (key === 'execution_script') return CARD_OF.execution
  if (key === 'processing_script') return CARD_OF.processing
  return key === 'target' ? 'target' : 'rules'
}

/** What of the flow differs from what is stored. */
export function changesOf(state: State): Partial<Keys> {
  const now = keysOf(state)
  return Object.fromEntries(differingKeys(now, state.stored).map((key) => [key, now[key]]))
}

export function isDirty(state: State): boolean {
  return Object.keys(changesOf(state)).length > 0
}

export function keysOf(state: State): Keys {
  return {
    ...state.other,
    execution_script: state.sides.execution.text,
    processing_script: state.sides.processing.text,
  }
}

/** True when every edit was answered: the texts say what the canvas says, or the page tells that they do not. */
export function isSettled(state: State): boolean {
  return SCRIPTS.every((script) => state.sides[script].edited === null && state.sides[script].asked === null)
}

/** True when leaving now would lose something: text that is not saved, or blocks that are no text. */
export function holdsUnsaved(state: State): boolean {
  return state.canWrite && (isDirty(state) || SCRIPTS.some((script) => isAhead(state.sides[script])))
}

/** Why this cannot be done: blocks that make no script would be left out without a word. */
export function heldBack(state: State, what: 'saved' | 'formatted' | 'tried' | 'published'): string | null {
  const script = SCRIPTS.find((one) => state.sides[one].behind === 'text')
  return script === undefined ? null : `Not ${what}: the blocks of the ${script} script make no script yet. Mend or undo them.`
}

/** True when there is something that a reader of the live version would not see. */
export function canPublish(state: State): boolean {
  return state.canWrite && (state.stored.is_draft || holdsUnsaved(state))
}

export interface Listed extends Fault {
  readonly script: Script
}

/** What is wrong with a script, warnings too. */
export function faultsIn(state: State, script: Script): readonly Fault[] {
  const { inputs } = state.other
  return faultsOf(state.sides[script], state.names, Array.isArray(inputs) ? inputs : NO_INPUTS)
}

/** The faults of both scripts, those of the one that is shown first. */
export function allProblems(state: State): readonly Listed[] {
  const order = state.script === 'execution' ? SCRIPTS : SCRIPTS.toReversed()
  return order.flatMap((script) => faultsIn(state, script).map((problem) => ({ ...problem, script })))
}

function edited(state: State, script: Script, change: (side: Side) => Side): State {
  const publishing = state.publishing.step === 'asking' ? state.publishing : IDLE
  return withSide({ ...state, publishing }, script, (side) => ({
    ...change(side),
    revision: side.revision + 1,
  }))
}

/** Scripts read inputs: with other inputs both are looked at again, unless their blocks make no script. */
function withKeysChanged(state: State, keys: Partial<OtherKeys>): State {
  const next = { ...state, other: { ...state.other, ...keys }, publishing: IDLE }
  if (keys.inputs === undefined) return next
  const atRest = SCRIPTS.filter((script) => next.sides[script].edited === null && next.sides[script].behind === null)
  return atRest.reduce((so, script) => edited(so, script, (side) => ({ ...side, edited: 'text' })), next)
}

/** Blocks that were made anew have other names: what was pointed at is the block of the same step, else of the same line. */
function repointed(before: State, next: State, script: Script): State {
  const { block, line } = next.pointed
  const [old, side] = [before.sides[script], next.sides[script]]
  if (script !== next.script || side.loads === old.loads) return next
  if (line !== undefined)
    return { ...next, pointed: pointedAt(next.pointed, side.placed, line) }
  const isThere = side.blocks.blocks.some((one) => one.id === block)
  if (block === null || isThere) return next
  const site = old.sites.find((one) => one.block === block)?.site
  const lines = linesOf(old.placed, block)
  const ofSite = side.sites.find((one) => one.site === site)?.block ?? null
  return { ...next, pointed: { ...next.pointed, block: ofSite ?? (lines === null ? null : blockAt(side.placed, lines[0])) } }
}

/** What undo took from the end is shown by what stands before it. */
function pointedAt({ by }: Pointed, placed: Blocks, line: number): Pointed {
  const block = blockAt(placed, line)
  return { block: by === 'history' ? (block ?? blockAt(placed, line - 1)) : block, by }
}

/** The page with the keys of this draft; a script that is the same is not opened again. */
function taken(state: State, draft: Draft): State {
  return withKeys({ ...state, stored: draft }, draft)
}

function withKeys(state: State, keys: Keys): State {
  const texts: Readonly<Record<Script, string>> = {
    execution: keys.execution_script,
    processing: keys.processing_script,
  }
  const other = SCRIPTS.filter((script) => texts[script] !== state.sides[script].text)
  const base = { ...state, other: otherOf(keys) }
  return other.reduce((so, script) => edited(so, script, (side) => withText(side, texts[script])), base)
}

function wanted(state: State, note: string, over: number | null): Publishing {
  const held = heldBack(state, 'published')
  return held === null ? { step: 'waiting', note, over } : { step: 'refused', message: held, problems: [] }
}

function withText(side: Side, text: string): Side {
  return { ...side, text, edited: 'text', trail: NO_TRAIL }
}

function withoutWaiting(publishing: Publishing): Publishing {
  return publishing.step === 'waiting' ? IDLE : publishing
}

function withSide(state: State, script: Script, change: (side: Side) => Side): State {
  return { ...state, sides: { ...state.sides, [script]: change(state.sides[script]) } }
}

function otherOf(keys: Keys): OtherKeys {
  const { mode, target, concurrency, batches, soak, error_threshold, on_empty, refresh, inputs } = keys
  return { mode, target, concurrency, batches, soak, error_threshold, on_empty, refresh, inputs }
}
