/** What is around a block: the statement that holds it, its steps, the `try` that catches them, its lines. Pure. */
import type { Blocks, FlatBlock, Site } from './documents'
import type { TryLines } from './statement_text'

/** What a `try` has that would be lost without it: other statements, other clauses, a handler that acts. */
export type More = 'statements' | 'clauses' | 'handler'

/** The `try` that catches a step's failure. `lines` tell how to take the step out, null where there is `more` in it. */
export interface Catching {
  readonly line: number
  readonly lines: TryLines | null
  readonly more: More | null
}

const CATCHES: readonly string[] = ['StepFailed', 'Exception']

/** Looks up the blocks of one script. */
export class Around {
  private readonly blocks: ReadonlyMap<string, FlatBlock>
  /** The block above each, and how it holds it: the name of an input, or '' for the one that follows. */
  private readonly above = new Map<string, readonly [block: string, by: string]>()

  constructor(document: Blocks) {
    this.blocks = new Map(document.blocks.map((block) => [block.id, block]))
    for (const { id, inputs, next } of document.blocks) {
      for (const [name, child] of Object.entries(inputs)) this.above.set(child, [id, name])
      if (next !== null) this.above.set(next, [id, ''])
    }
  }

  block(id: string | null): FlatBlock | null {
    return id === null ? null : (this.blocks.get(id) ?? null)
  }

  /** The block, or the one that holds it, that stands apart from the script; null where the script holds it. */
  apart(id: string, first: string | null): FlatBlock | null {
    let at = this.blocks.get(id)
    for (let up = at; up !== undefined; up = this.holder(up.id)) at = up
    return at === undefined || at.id === first ? null : at
  }

  /** The statement that a block is or stands in; a statement that was just put in has no lines yet. */
  statement(id: string): FlatBlock | null {
    for (let at = this.blocks.get(id); at !== undefined; at = this.holder(at.id)) {
      const way = this.above.get(at.id)
      if (at.extra.spans !== undefined || way === undefined || way[1] === '' || isBody(way[1])) return at
    }
    return null
  }

  /** The steps of a block: its own, else those of the statement around it without what is in its bodies. */
  sites(id: string, sites: readonly Site[]): readonly Site[] {
    const own = sites.filter((site) => site.block === id)
    if (own.length > 0) return own
    const around = this.statement(id)?.id
    return sites.filter(({ block }) => block !== null && around !== undefined && this.statement(block)?.id === around)
  }

  /** The last line of a statement with all that is in its bodies; 0 where it has no lines. */
  lastLine(id: string): number {
    const block = this.blocks.get(id)
    const own = (block?.extra.spans ?? []).map((span) => span?.[1] ?? 0)
    const inside = Object.entries(block?.inputs ?? {}).flatMap(([name, child]) => (isBody(name) ? this.chain(child) : []))
    return Math.max(0, ...own, ...inside.map((child) => this.lastLine(child)))
  }

  /** The innermost `try` around a statement that catches what a step raises. */
  catching(statement: string): Catching | null {
    for (let holder = this.holding(statement); holder !== null; holder = this.holding(holder[0].id)) {
      const [block, by] = holder
      if (block.type !== 'try' || by !== 'BODY' || !this.catches(block)) continue
      const more = this.moreIn(block, statement)
      return { line: block.extra.spans?.[0]?.[0] ?? 0, lines: more === null ? this.tryLines(block) : null, more }
    }
    return null
  }

  private catches(block: FlatBlock): boolean {
    return (block.extra.clauses ?? []).some((kind, index) => {
      const type = kind.startsWith('except') ? this.blocks.get(block.inputs[`TYPE${index + 1}`] ?? '') : undefined
      const said = Object.values(type?.fields ?? {}).join(' ')
      return said.split(/\W+/).some((word) => CATCHES.includes(word))
    })
  }

  private moreIn(block: FlatBlock, statement: string): More | null {
    const handled = this.blocks.get(block.inputs['BODY1'] ?? '')
    if (block.inputs['BODY'] !== statement || this.blocks.get(statement)?.next !== null) return 'statements'
    if (block.extra.clauses?.length !== 1) return 'clauses'
    return handled?.next === null && PLAIN.includes(handled.type) ? null : 'handler'
  }

  /** Null while a `try` that was just put in has no lines. */
  private tryLines({ inputs, extra }: FlatBlock): TryLines | null {
    const [head, handler] = extra.spans ?? []
    return head && handler ? { head: head[0], handler: handler[0], last: this.lastLine(inputs['BODY1'] ?? '') } : null
  }

  /** The block in whose body a statement stands, and which body it is. */
  private holding(id: string): readonly [block: FlatBlock, by: string] | null {
    for (let at = this.above.get(id); at !== undefined; at = this.above.get(at[0])) {
      const block = this.blocks.get(at[0])
      if (at[1] !== '' && block !== undefined) return [block, at[1]]
    }
    return null
  }

  private holder(id: string): FlatBlock | undefined {
    return this.blocks.get(this.above.get(id)?.[0] ?? '')
  }

  private chain(first: string): readonly string[] {
    const ids: string[] = []
    for (let at: string | null = first; at !== null; at = this.blocks.get(at)?.next ?? null) ids.push(at)
    return ids
  }
}

/** What a handler may do that nobody misses: it tells the reason, or nothing. */
const PLAIN: readonly string[] = ['log', 'pass']

function isBody(input: string): boolean {
  return /^BODY\d*$/.test(input)
}
