/** The table of blocks, as the server keeps it (flows/script/blocks/catalog.py): it alone says which there are. */
import table from './catalog.json'
import type { Blocks, Script } from './documents'

export type Category = 'do' | 'wait' | 'decide' | 'elements' | 'data' | 'raw'
export type HoleKind = 'value' | 'items' | 'keywords' | 'name' | 'target' | 'text' | 'path' | 'number' | 'code'

export interface Hole {
  readonly name: string
  readonly kind: HoleKind
  readonly is_field: boolean
  /** Of what a text is one ("tasks", "flows", "inputs", "context"), or the keywords known by heart. */
  readonly picks: string | readonly string[]
}

export interface Clause {
  readonly kind: string
  readonly label: string
  readonly repeats: boolean
  readonly holes: readonly Hole[]
}

export interface Row {
  readonly type: string
  readonly shape: 'statement' | 'value'
  readonly category: Category
  /** Where the toolbox offers it; none for what is only read and shown. */
  readonly scripts: readonly Script[]
  /** It calls a step: it has the number of a site. */
  readonly is_step: boolean
  readonly label: string
  readonly tooltip: string
  readonly holes: readonly Hole[]
  readonly options: readonly string[]
  readonly body: boolean
  readonly clauses: readonly Clause[]
  readonly patterns: Readonly<Record<string, string>>
  readonly example: Blocks
}

export const ROWS = (table as unknown as { readonly blocks: readonly Row[] }).blocks

const byType = new Map(ROWS.map((row) => [row.type, row]))

/** Raises for a type that this build does not know: the page is older than the server. */
export function rowOf(type: string): Row {
  const row = byType.get(type)
  if (row === undefined) throw new Error(`There is no block "${type}" here. Reload the page.`)
  return row
}

/** The rows that may hold a step: they show its number. */
export function mayHoldSites(row: Row): boolean {
  return row.is_step || row.type.startsWith('raw_')
}
