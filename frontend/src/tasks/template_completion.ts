/** What a template offers at the cursor: names of the sample element, declared inputs, filters. Pure. */
import { MASKED } from '../wire/types'
import type { Declared, TemplateName } from './preview'

export interface Filter {
  readonly name: string
  readonly words: string
}

export interface Offer {
  /** What is put in place of what was typed. */
  readonly text: string
  readonly label: string
  readonly note: string
  /** Where the value comes from, or what a filter does. */
  readonly told: string
}

/** Where the cursor stands: after `|`, at a name inside of braces, or in the shell's own text. */
export interface Place {
  readonly kind: 'filter' | 'name' | 'shell'
  readonly typed: string
}

/** Null where nothing is offered: in a text or in a note. `before` is the template up to the cursor. */
export function placeAt(before: string): Place | null {
  const opened = Math.max(before.lastIndexOf('{{'), before.lastIndexOf('{%'))
  const closed = Math.max(before.lastIndexOf('}}'), before.lastIndexOf('%}'))
  if (before.lastIndexOf('{#') > before.lastIndexOf('#}')) return null
  if (opened <= closed) return { kind: 'shell', typed: /[A-Za-z_][\w.]*$/.exec(before)?.[0] ?? '' }
  const inside = before.slice(opened + 2)
  const filter = /\|\s*(\w*)$/.exec(inside)
  if (isInText(inside)) return null
  if (filter !== null) return { kind: 'filter', typed: filter[1] ?? '' }
  const name = /(?:^|[^\w.'"\])])([A-Za-z_][\w.]*)?$/.exec(inside)
  return name === null ? null : { kind: 'name', typed: name[1] ?? '' }
}

function isInText(inside: string): boolean {
  const plain = inside.replace(/\\./g, '')
  let open = ''
  for (const character of plain) {
    if (open === '') open = character === "'" || character === '"' ? character : ''
    else if (character === open) open = ''
  }
  return open !== ''
}

/** Names come with their values; in the shell's own text they bring their braces and `quote`. */
export function offersAt(
  place: Place, names: readonly TemplateName[], declared: readonly Declared[], given: Readonly<Record<string, string>>,
  filters: readonly Filter[],
): readonly Offer[] {
  if (place.kind === 'filter') {
    return filters.map((one) => ({ text: one.name, label: one.name, note: one.words, told: '' }))
  }
  const inputs = declared.filter((one) => one.name !== '').map((one) => inputOffer(one, given[one.name] ?? ''))
  const known = names.map((one) => ({ text: one.name, label: one.name, note: one.value, told: one.from }))
  const offers = [...inputs, ...known, STEPS]
  if (place.kind === 'name') return offers
  return offers.filter((one) => one !== STEPS).map((one) => ({ ...one, text: `{{ ${one.text} | quote }}` }))
}

const STEPS: Offer = { text: 'steps', label: 'steps', note: "steps['Check disk'].output", told: 'results of the steps before, by task' }

function inputOffer(input: Declared, given: string): Offer {
  const value = given === '' ? input.default : given
  const note = input.type === 'secret' ? MASKED : value === '' ? input.type : value
  return { text: `inputs.${input.name}`, label: `inputs.${input.name}`, note, told: `input, ${input.type}` }
}
