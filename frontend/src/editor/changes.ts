/** What the + and − of a block do: the new extra, and what becomes of each numbered name. Pure. */
import type { Clause, Row } from './catalog'
import type { Extra } from './documents'
import { clausesOf } from './parts'

/** `renamed` tells the new name of a field or input, null for one that goes. */
export interface Change {
  readonly extra: Extra
  readonly renamed: (name: string) => string | null
}

export function addItem(extra: Extra, hole: string): Change {
  return { extra: withCount(extra, hole, countOf(extra, hole) + 1), renamed: (name) => name }
}

export function dropItem(extra: Extra, hole: string, index: number): Change {
  const renamed = (name: string): string | null => {
    const at = indexIn(name, hole)
    if (at === null || at < index) return name
    return at === index ? null : `${hole}.${at - 1}`
  }
  return { extra: withCount(extra, hole, countOf(extra, hole) - 1), renamed }
}

/** The clause comes behind those that the row lists before it, and behind its own kind. */
export function addClause(row: Row, extra: Extra, clause: Clause): Change {
  const present = clausesOf(extra)
  const order = (kind: string): number => row.clauses.findIndex((one) => one.kind === kind)
  const rank = (kind: string): number => (isHandler(kind) ? order('except') : order(kind))
  const behind = present.findIndex((kind) => rank(kind) > rank(clause.kind))
  const at = behind === -1 ? present.length : behind
  return {
    extra: spliced(extra, at, 0, clause.kind),
    renamed: (name) => renumbered(name, (number) => (number > at ? number + 1 : number)),
  }
}

export function dropClause(extra: Extra, at: number): Change {
  const gone = at + 1
  return {
    extra: spliced(extra, at, 1, null),
    renamed: (name) => renumbered(name, (number) => (number === gone ? null : number > gone ? number - 1 : number)),
  }
}

/** Both kinds of handler stand in the order in which they are tried. */
function isHandler(kind: string): boolean {
  return kind.startsWith('except')
}

function spliced(extra: Extra, at: number, gone: number, kind: string | null): Extra {
  const cut = <Value>(list: readonly Value[], place: number, added: readonly Value[]): readonly Value[] => [
    ...list.slice(0, place),
    ...added,
    ...list.slice(place + gone),
  ]
  return {
    ...extra,
    clauses: cut(clausesOf(extra), at, kind === null ? [] : [kind]),
    ...(extra.spans ? { spans: cut(extra.spans, at + 1, kind === null ? [] : [null]) } : {}),
    ...(extra.comments ? { comments: cut(extra.comments, at + 1, kind === null ? [] : [[]]) } : {}),
  }
}

/** `TEST2` and `INPUTS2.0` are of the second clause; names of the block itself have no number. */
function renumbered(name: string, number: (old: number) => number | null): string | null {
  const found = /^([A-Z_]+)(\d+)(\..*)?$/.exec(name)
  if (found === null) return name
  const next = number(Number(found[2]))
  return next === null ? null : `${found[1] ?? ''}${next}${found[3] ?? ''}`
}

function indexIn(name: string, hole: string): number | null {
  if (!name.startsWith(`${hole}.`)) return null
  const index = Number(name.slice(hole.length + 1))
  return Number.isInteger(index) ? index : null
}

function countOf(extra: Extra, hole: string): number {
  return extra.counts?.[hole] ?? 0
}

function withCount(extra: Extra, hole: string, count: number): Extra {
  return { ...extra, counts: { ...extra.counts, [hole]: count } }
}
