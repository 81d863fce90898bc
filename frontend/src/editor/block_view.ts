/** What the inspector says of a block that is no step, and what stands there while none is selected. */
import { make } from '../lib/dom'
import { icon } from '../lib/icons'
import { rowOf } from './catalog'
import type { FlatBlock } from './documents'
import { endOfLines } from './call_text'
import { startsOfLines } from './statement_text'
import type { State } from './state'

/** "if {TEST}" → "If". */
export function titleOf(type: string): string {
  const words = rowOf(type)
    .label.replaceAll(/\s*\{[A-Z_]+\}\s*/g, ' … ')
    .replaceAll(/^( … )+|( … )+$/g, '')
    .trim()
  return words === '' || words === '…' ? type.replaceAll('_', ' ') : words.charAt(0).toUpperCase() + words.slice(1)
}

/** A piece of Python that may be edited in the inspector: what is shown, and the text with other code in its place. */
export interface RawCode {
  readonly code: string
  readonly replaced: (code: string) => string
}

/** The code of a raw statement without its indentation, or of a raw value that stands once on its lines; else null. */
export function rawCodeOf(text: string, block: FlatBlock, lines: readonly [first: number, last: number]): RawCode | null {
  const starts = startsOfLines(text)
  const from = starts[lines[0] - 1] ?? text.length
  const to = starts[lines[1]] ?? text.length
  const piece = text.slice(from, to)
  const code = block.fields['CODE'] ?? ''
  if (block.extra.spans !== undefined) return rawStatement(text, from, to)
  const at = piece.indexOf(code)
  if (code === '' || at === -1 || piece.includes(code, at + 1)) return null
  return { code, replaced: (next) => text.slice(0, from + at) + next + text.slice(from + at + code.length) }
}

/** Each line loses the indentation of the first, and gets it back; null where a line has less. */
function rawStatement(text: string, from: number, to: number): RawCode | null {
  const end = /(\r\n|\r|\n)?$/.exec(text.slice(from, to))?.[0] ?? ''
  const lines = text.slice(from, to - end.length).split(/\r\n|\r|\n/)
  const indent = /^[ \t]*/.exec(lines[0] ?? '')?.[0] ?? ''
  if (lines.some((line) => line !== '' && !line.startsWith(indent))) return null
  const newLine = endOfLines(text)
  const indented = (code: string): string =>
    code
      .split('\n')
      .map((line) => (line === '' ? '' : indent + line))
      .join(newLine)
  return {
    code: lines.map((line) => line.slice(indent.length)).join('\n'),
    replaced: (code) => text.slice(0, from) + indented(code) + end + text.slice(to),
  }
}

/** How to begin, and what the flow is given. */
export function guideOf(state: State, openRules: () => void): readonly Node[] {
  const isOrder = state.script === 'processing'
  const press = [make('kbd', {}, 'a'), ' on the canvas', make('span', { class: 'when-tools' }, ', or take one from the left')] as const
  const ways: readonly (readonly (string | HTMLElement)[])[] = isOrder
    ? [['Sort and filter the elements here, before the first step runs.'], ['Put a block in: press ', ...press, '.']]
    : [
        ['Put a step in: press ', ...press, '. Type its name, then ', make('kbd', {}, 'Enter'), '.'],
        ['Select a block, a line of Python or a column of the plan: its settings come up here.'],
        ['Every block is also Python, and the other way round: the switch above the blocks shows either.'],
      ]
  const rules = make('button', { type: 'button', class: 'btn btn-sm' }, 'Inputs on the Rules card')
  rules.addEventListener('click', openRules)
  return [
    make('h2', {}, state.sides[state.script].text.trim() === '' ? 'How to begin' : 'Nothing is selected'),
    make('ul', { class: 'in-guide' }, ...ways.map((words) => make('li', {}, ...words))),
    make('h3', {}, 'Inputs of this flow'),
    state.other.inputs.length === 0
      ? make('p', { class: 'text-secondary' }, 'None yet. A run can be given values that differ each time.')
      : make('ul', { class: 'in-inputs' }, ...state.other.inputs.map(inputOf)),
    rules,
  ]
}

function inputOf(input: State['other']['inputs'][number]): HTMLElement {
  const needed = input.required && input.default === null ? ', required' : ''
  return make(
    'li',
    {},
    make('code', {}, `inputs['${input.name}']`),
    make('span', { class: 'in-type' }, `${input.type ?? 'any'}${needed}`),
    input.description ? make('small', { class: 'form-hint' }, input.description) : null,
  )
}

/** What can be done with a block that no other holds: the script cannot say where it belongs. */
export function aboutLoose(block: FlatBlock, connect: (() => void) | null): readonly Node[] {
  const isValue = rowOf(block.type).shape === 'value'
  const where = isValue ? 'Drag it into a free place of a step' : 'Drag it below a step'
  const button = make('button', { type: 'button', class: 'btn btn-sm' }, icon('plus'), 'Put it at the end')
  button.addEventListener('click', () => connect?.())
  return [
    make('h2', {}, titleOf(block.type)),
    make('p', { class: 'in-why' }, icon('alert-triangle'), make('span', {}, 'This block stands apart: it is no part of the script, and nothing is saved while it does.')),
    connect === null ? null : make('p', {}, `${where}${isValue ? '' : ', put it at the end'}, or press `, make('kbd', {}, 'Delete'), '.'),
    connect === null || isValue ? null : button,
  ].filter((node) => node !== null)
}

/** Title, what it does, and for raw code why there is no block for it. */
export function aboutBlock(block: FlatBlock): readonly Node[] {
  const row = rowOf(block.type)
  const why = block.extra.why
  return [
    make('h2', {}, titleOf(block.type)),
    make('p', {}, row.tooltip.replaceAll('*', '')),
    row.holes.length === 0 ? null : make('p', { class: 'text-secondary' }, 'Change it on the block: press one of its fields, or go there with ', make('kbd', {}, '→'), ' and ', make('kbd', {}, 'Enter'), '.'),
    row.body ? make('p', { class: 'text-secondary' }, make('kbd', {}, 'a'), ' puts a step inside while there is none, then below it; ', make('kbd', {}, 'Shift A'), ' in a step inside it puts one after the whole block.') : null,
    why === undefined ? null : make('p', { class: 'in-why' }, icon('code'), make('span', {}, why)),
  ].filter((node) => node !== null)
}
