/** How a block is laid out: its row of the catalog and what it holds, as a list of labels, fields and inputs. Pure. */
import type { Clause, Hole, Row } from './catalog'
import type { Extra } from './documents'

export type Part =
  /** The step's number and the block's icon. */
  | { readonly kind: 'head' }
  | { readonly kind: 'label'; readonly text: string }
  | { readonly kind: 'field'; readonly name: string; readonly hole: Hole }
  | { readonly kind: 'keyword'; readonly name: string; readonly hole: Hole; readonly index: number }
  /** A keyword whose value is said in a few words: its own field and input are there, and hidden. */
  | { readonly kind: 'badge'; readonly name: string; readonly hole: Hole; readonly index: number }
  | { readonly kind: 'choice'; readonly options: readonly string[] }
  | { readonly kind: 'value'; readonly name: string }
  | { readonly kind: 'body'; readonly name: string }
  | { readonly kind: 'comment'; readonly text: string }
  /** Shows or hides the steps of the flow that is called. */
  | { readonly kind: 'fold' }
  /** Lines below, to be read alone: the steps of the flow that is called, or why Python stays Python. */
  | { readonly kind: 'steps' }
  | { readonly kind: 'why'; readonly text: string }
  | { readonly kind: 'add-item'; readonly hole: string; readonly word: string }
  | { readonly kind: 'drop-item'; readonly hole: string; readonly index: number }
  | { readonly kind: 'add-clause'; readonly clauses: readonly Clause[] }
  | { readonly kind: 'drop-clause'; readonly index: number; readonly word: string }

export const CHOICE = 'CHOICE'
const NONE: ReadonlySet<string> = new Set()

/**
 * The parts in reading order; a body ends the line that stands before it. `badged` are the keywords that a badge says,
 * `isUnfolded` whether the steps of the flow that is called are shown.
 */
export function partsOf(row: Row, extra: Extra, badged = NONE, isUnfolded = false): readonly Part[] {
  const parts: Part[] = row.shape === 'statement' ? [{ kind: 'head' }] : []
  parts.push(...lineOf(labelOf(row), row.holes, '', row, extra, badged))
  const canUnfold = row.type === 'run_flow'
  if (canUnfold) parts.push({ kind: 'fold' })
  const addable = addableClauses(row, extra)
  if (addable.length > 0) parts.push({ kind: 'add-clause', clauses: addable })
  parts.push(...commentOf(extra, 0))
  if (canUnfold && isUnfolded) parts.push({ kind: 'steps' })
  if (row.type === 'raw_statement' && extra.why !== undefined) parts.push({ kind: 'why', text: extra.why })
  if (row.body) parts.push({ kind: 'body', name: 'BODY' })
  clausesOf(extra).forEach((kind, at) => {
    const number = at + 1
    const clause = row.clauses.find((one) => one.kind === kind)
    if (clause === undefined) throw new Error(`There is no "${kind}" in the block "${row.type}". Reload the page.`)
    parts.push(...lineOf(clause.label, clause.holes, String(number), row, extra, badged))
    parts.push({ kind: 'drop-clause', index: at, word: wordOf(clause.label) })
    parts.push(...commentOf(extra, number), { kind: 'body', name: `BODY${number}` })
  })
  return parts
}

/** The clauses that may still come: those that repeat, and those that are not there. */
export function addableClauses(row: Row, extra: Extra): readonly Clause[] {
  const present = clausesOf(extra)
  return row.clauses.filter((clause) => clause.repeats || !present.includes(clause.kind))
}

export function clausesOf(extra: Extra): readonly string[] {
  return extra.clauses ?? []
}

/** "else if {TEST}" → "else if". */
export function wordOf(label: string): string {
  return label.replaceAll(/\s*,?\s*\w*\s*\{[A-Z_]+\}/g, '').trim() || label
}

/** The icon of a call says "run", that of a comment "#". */
function labelOf(row: Row): string {
  return row.shape === 'statement' ? row.label.replace(/^run (flow )?(?=\{NAME\})|^# /, '') : row.label
}

function* lineOf(
  label: string,
  holes: readonly Hole[],
  suffix: string,
  row: Row,
  extra: Extra,
  badged: ReadonlySet<string>,
): Generator<Part> {
  for (const [at, piece] of label.split(/\{([A-Z_]+)\}/).entries()) {
    if (at % 2 === 0) {
      if (piece.trim() !== '') yield { kind: 'label', text: piece.trim() }
    } else if (piece === CHOICE) {
      yield { kind: 'choice', options: row.options }
    } else {
      const hole = holes.find((one) => one.name === piece)
      if (hole === undefined) throw new Error(`The label of "${row.type}" names ${piece}, which it has not.`)
      yield* holeOf(hole, suffix, extra, badged)
    }
  }
}

function* holeOf(hole: Hole, suffix: string, extra: Extra, badged: ReadonlySet<string>): Generator<Part> {
  const name = hole.name + suffix
  if (hole.is_field) yield { kind: 'field', name, hole }
  else if (hole.kind === 'value') yield { kind: 'value', name }
  else if (hole.kind === 'keywords') yield* keywordsOf(hole, name, extra.counts?.[name] ?? 0, badged)
  else yield* itemsOf(hole, name, extra.counts?.[name] ?? 0)
}

/** First the sign that adds one; badges come behind what has a value of its own to see. */
function* keywordsOf(hole: Hole, name: string, count: number, badged: ReadonlySet<string>): Generator<Part> {
  yield { kind: 'add-item', hole: name, word: 'input' }
  const indexes = [...Array(count).keys()]
  for (const index of indexes) {
    if (badged.has(`${name}.${index}`)) continue
    yield { kind: 'keyword', name: `${name}.${index}`, hole, index }
    yield { kind: 'value', name: `${name}.${index}` }
  }
  for (const index of indexes)
    if (badged.has(`${name}.${index}`)) yield { kind: 'badge', name: `${name}.${index}`, hole, index }
}

function* itemsOf(hole: Hole, name: string, count: number): Generator<Part> {
  const least = hole.name === 'MORE' ? 1 : 0
  for (let index = 0; index < count; index += 1) {
    if (index > 0) yield { kind: 'label', text: ',' }
    yield { kind: 'value', name: `${name}.${index}` }
    if (count > least) yield { kind: 'drop-item', hole: name, index }
  }
  yield { kind: 'add-item', hole: name, word: 'value' }
}

function commentOf(extra: Extra, part: number): readonly Part[] {
  const lines = extra.comments?.[part] ?? []
  return lines.length === 0 ? [] : [{ kind: 'comment', text: lines.join('\n') }]
}
