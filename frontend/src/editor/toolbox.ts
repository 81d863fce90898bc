/** What the toolbox offers: your tasks and flows as ready blocks, then the rows of the catalog by category. Pure. */
import { ROWS, rowOf, type Category, type Row } from './catalog'
import type { InputSpec } from '../wire/types'
import type { Blocks, FlatBlock, FlowName, Names, Script, TaskName } from './documents'
import { ofType } from './fillers'
import { canvasType, stateOf, type State } from './flat'
import { isNeeded, type Callee } from './inspected'
import { offerWords, searchWords, type Word } from './offer_words'
import { signOf } from './signs'

export interface Entry {
  /** What stands on it, or the name of what it calls, without the values; in small letters, for the search. */
  readonly title: string
  /** What a search looks through. */
  readonly words: string
  /** A search for one of these means it. */
  readonly meantBy: readonly string[]
  /** What the list shows, and what it says beside it. */
  readonly label: readonly Word[]
  readonly note: string
  /** What it does, or its whole name. */
  readonly told: string
  readonly sign: string
  readonly category: Category
  /** A value goes into a hole, a statement below another. */
  readonly isValue: boolean
  readonly state: State
}

export interface Shelf {
  readonly title: string
  readonly category: Category
  readonly entries: readonly Entry[]
  /** How many of the entries are names of the site; they come first. */
  readonly names: number
}

const TITLES: readonly (readonly [Category, string])[] = [
  ['wait', 'Wait and ask'],
  ['do', 'Other steps'],
  ['decide', 'Decide'],
  ['elements', 'Elements'],
  ['data', 'Data'],
  ['raw', 'Python'],
]

/** `flowInputs` are given to a task by themselves: a block that runs one need not give them. */
export function shelvesFor(script: Script, names: Names | null, flowInputs: readonly InputSpec[] = []): readonly Shelf[] {
  const rows = ROWS.filter((row) => row.scripts.includes(script))
  const shelves: Shelf[] =
    script === 'processing'
      ? []
      : [
          {
            title: 'Tasks',
            category: 'do',
            names: names?.tasks.length ?? 0,
            entries: [...ready('run_task', names?.tasks ?? [], flowInputs), ...rowsOn(rows, 'tasks', script)],
          },
          {
            title: 'Flows',
            category: 'do',
            names: names?.flows.length ?? 0,
            entries: [...ready('run_flow', names?.flows ?? [], flowInputs), ...rowsOn(rows, 'flows', script)],
          },
        ]
  const rest = rows.filter((row) => shelfOf(row) === null)
  const titles = script === 'execution' ? TITLES : TITLES.toSorted(([one], [other]) => late(one) - late(other))
  for (const [category, title] of titles) {
    const entries = rest.filter((row) => row.category === category).map((row) => entryOf(row, script))
    if (entries.length > 0) shelves.push({ title, category, entries, names: 0 })
  }
  return shelves
}

/** The entry that runs a task. */
export function taskEntry(shelves: readonly Shelf[], task: string): Entry | undefined {
  return shelves.flatMap(({ entries }) => entries).find(({ told, state }) => told === task && state.type === canvasType('run_task'))
}

/** In a processing script what sorts and keeps elements comes first. */
function late(category: Category): number {
  return category === 'elements' ? 0 : 1
}

/** Entries in which every word of the query begins a word, `run_flow` being two: first what it means, then those whose
 * title begins with it, then those whose title has it, each as on the shelves. */
export function searched(shelves: readonly Shelf[], query: string): readonly Entry[] {
  const words = wordsOf(query)
  const has = (text: string): boolean => words.every((word) => ` ${text}`.includes(` ${word}`))
  const begins = (text: string): boolean => text.startsWith(words.join(' '))
  const rank = (entry: Entry): number => {
    if (entry.meantBy.includes(words.join(' '))) return 0
    return begins(entry.title) || begins(entry.words) ? 1 : has(entry.title) ? 2 : 3
  }
  return shelves
    .flatMap((shelf) => shelf.entries)
    .filter((entry) => has(entry.words))
    .toSorted((one, other) => rank(one) - rank(other))
}

function wordsOf(text: string): readonly string[] {
  return text
    .toLowerCase()
    .split(/[\s_]+/)
    .filter((word) => word !== '')
}

/** "tasks" or "flows" for the rows that call one. */
function shelfOf(row: Row): string | null {
  const picks = row.holes.find((hole) => hole.name === 'NAME')?.picks
  return picks === 'tasks' || picks === 'flows' ? picks : null
}

function rowsOn(rows: readonly Row[], shelf: string, script: Script): readonly Entry[] {
  return rows.filter((row) => shelfOf(row) === shelf).map((row) => entryOf(row, script))
}

function entryOf(row: Row, script: Script): Entry {
  const example = fitted(withoutNames(withoutFillers(row.example)), script)
  const title = wordsOf(`${row.label.replaceAll(/\{\w+\}/g, ' ')} ${row.type}`).join(' ')
  return {
    title,
    words: `${title} ${row.label.replaceAll(/[{}_]/g, ' ')} ${row.tooltip} ${searchWords(row).join(' ')}`.toLowerCase(),
    meantBy: searchWords(row),
    label: offerWords(row),
    told: row.tooltip,
    note: '',
    sign: signOf(row),
    category: row.category,
    isValue: row.shape === 'value',
    state: stateOf(example, row.example.first ?? '', true),
  }
}

/** The tasks and flows of the examples are not those of this site: theirs are to be chosen. */
function withoutNames(example: Blocks): Blocks {
  const blocks = example.blocks.map((block) =>
    shelfOf(rowOf(block.type)) === null || !('NAME' in block.fields)
      ? block
      : { ...block, fields: { ...block.fields, NAME: '' } },
  )
  return { ...example, blocks }
}

/** The examples' bodies hold a block that does nothing; an empty body says the same. */
function withoutFillers(example: Blocks): Blocks {
  const fillers = new Set(
    example.blocks.filter((block) => block.type === 'pass' && block.id !== example.first).map((block) => block.id),
  )
  const held = (inputs: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
    Object.fromEntries(Object.entries(inputs).filter(([, child]) => !fillers.has(child)))
  const blocks = example.blocks
    .filter((block) => !fillers.has(block.id))
    .map((block) => ({ ...block, inputs: held(block.inputs) }))
  return { ...example, blocks }
}

/** A block of the example that the script does not know gives way to one that it knows. */
function fitted(example: Blocks, script: Script): Blocks {
  const blocks = example.blocks.map((block) =>
    rowOf(block.type).scripts.includes(script) ? block : { ...block, ...standInFor(block.type) },
  )
  return { ...example, blocks }
}

/** The element of a sort or a filter is the `x` of its example. */
function standInFor(type: string): Pick<FlatBlock, 'type' | 'fields' | 'inputs'> {
  return type === 'element'
    ? { type: 'variable', fields: { NAME: 'x' }, inputs: {} }
    : { type: 'number', fields: { NUMBER: '0' }, inputs: {} }
}

/** A block that calls each of them, with the inputs that it must have. */
function ready(type: string, names: readonly (TaskName | FlowName)[], flowInputs: readonly InputSpec[]): readonly Entry[] {
  const verb = rowOf(type).label.split(' {')[0] ?? ''
  return names.map((one) => {
    const callee: Callee = 'class' in one ? { kind: 'task', found: one } : { kind: 'flow', found: one }
    const inputs = one.inputs.filter((input) => isNeeded(input, callee, flowInputs))
    return {
      title: wordsOf(one.name).join(' '),
      words: wordsOf(`${verb} ${one.name} ${type}`).join(' '),
      meantBy: [],
      label: [{ text: one.name, isHole: false }],
      told: one.name,
      note: 'class' in one ? (one.class === 'command' ? 'task' : `task, ${one.class}`) : 'flow',
      sign: signOf(rowOf(type)),
      category: rowOf(type).category,
      isValue: false,
      state: {
        type: canvasType(type),
        fields: {
          NAME: one.name,
          ...Object.fromEntries(inputs.map((input, index) => [`INPUTS.${index}`, input.name])),
        },
        inputs: Object.fromEntries(inputs.map((input, index) => [`INPUTS.${index}`, { shadow: ofType(input.type) }])),
        extraState: { counts: { INPUTS: inputs.length }, comments: [[]] },
      },
    }
  })
}
