/** The inputs of a flow: what whoever starts or calls it gives, each of a type. */
import { make } from '../lib/dom'
import type { InputSpec } from '../wire/types'
import { addButton, checkField, focusSoon, iconButton, rows, section, selectField, textField, wrongPlace, type Option, type Part } from './form_parts'
import type { OtherKeys, Page } from './state'
import { defaultText, itemsOf, textOf, valueOf } from './values'

const ABOUT = "What is asked for at each start. Scripts and tasks read them as inputs['name']."
const TYPE_WORDS: Readonly<Record<string, string>> = {
  any: 'anything',
  string: 'text',
  integer: 'whole number',
  number: 'number',
  boolean: 'yes or no',
  choice: 'choice of …',
  element: 'element',
  list: 'list',
  secret: 'secret',
}

export function inputsPart(page: Page, types: readonly string[]): Part {
  const inputs = new Inputs(page, types)
  const list = make('div', { class: 'card-inputs' })
  const lines = rows(list, ({ keys }) => keys.inputs.length, (index) => inputs.row(index))
  const none = make('p', { class: 'form-hint' }, 'None: nothing is asked for.')
  const add = addButton('add-input', 'Add input', () => inputs.add())
  add.hidden = !page.canWrite
  return section(
    'Inputs',
    ABOUT,
    {
      node: make('div', {}, list, none),
      draw: (form) => {
        none.hidden = form.keys.inputs.length > 0
        lines.draw(form)
      },
    },
    add,
    wrongPlace('inputs-wrong', ['inputs']),
  )
}

class Inputs {
  constructor(
    private readonly page: Page,
    private readonly types: readonly string[],
  ) {}

  add(): void {
    const { length } = this.all()
    this.change([...this.all(), { name: '', type: 'string', required: true, default: null }], `add ${length}`)
    focusSoon(`input-${length}-name`)
  }

  row(index: number): Part {
    const first = [this.namePart(index), this.typePart(index), this.requiredPart(index)]
    const second = [
      this.only(index, (spec) => spec.type === 'list', this.itemsPart(index)),
      this.only(index, hasChoices, this.choicesPart(index)),
      ...this.defaultParts(index),
      this.descriptionPart(index),
    ]
    const wrong = wrongPlace(`input-${index}-wrong`, [`inputs.${index}`])
    const acts = make('div', { class: 'card-input-acts' }, ...this.acts(index))
    acts.hidden = !this.page.canWrite
    const node = make(
      'div',
      { class: 'card-input', role: 'group', 'aria-label': `Input ${index + 1}` },
      make('div', { class: 'card-input-line' }, ...first.map((part) => part.node), acts),
      make('div', { class: 'card-input-line' }, ...second.map((part) => part.node)),
      wrong.node,
    )
    return {
      node,
      draw: (form) => {
        for (const part of [...first, ...second, wrong]) part.draw(form)
      },
    }
  }

  private namePart(index: number): Part {
    return this.text(index, 'name', 'Name', (spec) => spec.name, (name) => name.trim(), 'service')
  }

  private descriptionPart(index: number): Part {
    return this.text(index, 'description', 'What it is for', (spec) => spec.description ?? '', (text) => text, 'shown at the start')
  }

  private typePart(index: number): Part {
    return selectField({
      id: `input-${index}-type`,
      label: 'Type',
      canWrite: this.page.canWrite,
      key: `inputs.${index}.type`,
      options: () => this.types.map((type) => [type, TYPE_WORDS[type] ?? type] as const),
      get: (keys) => keys.inputs[index]?.type ?? 'any',
      tell: (type) => this.edit(index, { type, default: null, choices: [], of: '' }),
    })
  }

  private requiredPart(index: number): Part {
    return checkField({
      id: `input-${index}-required`,
      label: 'Must be given',
      canWrite: this.page.canWrite,
      key: `inputs.${index}.required`,
      get: (keys) => keys.inputs[index]?.required ?? false,
      tell: (required) => this.edit(index, { required }),
    })
  }

  private itemsPart(index: number): Part {
    const items = this.types.filter((type) => !['any', 'list', 'secret'].includes(type))
    return selectField({
      id: `input-${index}-of`,
      label: 'A list of',
      canWrite: this.page.canWrite,
      key: `inputs.${index}.of`,
      options: () => [['', 'anything'], ...items.map((type) => [type, TYPE_WORDS[type] ?? type] as const)],
      get: (keys) => keys.inputs[index]?.of ?? '',
      tell: (of) => this.edit(index, { of, default: null, choices: of === 'choice' ? (this.all()[index]?.choices ?? []) : [] }),
    })
  }

  private choicesPart(index: number): Part {
    return textField<readonly string[]>({
      id: `input-${index}-choices`,
      label: 'Choices',
      placeholder: 'blue, green',
      canWrite: this.page.canWrite,
      key: `inputs.${index}.choices`,
      get: (keys) => keys.inputs[index]?.choices ?? [],
      tell: (choices) => this.edit(index, { choices }),
      show: (choices) => choices.join(', '),
      read: itemsOf,
    })
  }

  /** One field for each kind of default, of which a type shows one; a secret has none. */
  private defaultParts(index: number): readonly Part[] {
    const spec = (): InputSpec | undefined => this.all()[index]
    const typed = textField<unknown>({
      id: `input-${index}-default`,
      label: 'Default',
      placeholder: 'none',
      canWrite: this.page.canWrite,
      key: `inputs.${index}.default`,
      get: (keys) => keys.inputs[index]?.default ?? null,
      tell: (value) => this.edit(index, { default: value }),
      show: (value) => defaultText(value, spec()?.type),
      read: (text) => valueOf(text, spec()),
    })
    const chosen = selectField({
      id: `input-${index}-default-choice`,
      label: 'Default',
      canWrite: this.page.canWrite,
      key: `inputs.${index}.default`,
      options: ({ keys }) => defaultOptions(keys.inputs[index]),
      get: (keys) => textOf(keys.inputs[index]?.default),
      tell: (text) => this.edit(index, { default: valueOf(text, spec()) }),
    })
    return [
      this.only(index, ({ type }) => type !== 'secret' && !isPicked(type), typed),
      this.only(index, ({ type }) => isPicked(type), chosen),
    ]
  }

  private text(
    index: number,
    name: 'name' | 'description',
    label: string,
    get: (spec: InputSpec) => string,
    read: (text: string) => string,
    placeholder: string,
  ): Part {
    return textField<string>({
      id: `input-${index}-${name}`,
      label,
      placeholder,
      canWrite: this.page.canWrite,
      key: `inputs.${index}.${name}`,
      get: (keys) => {
        const spec = keys.inputs[index]
        return spec === undefined ? '' : get(spec)
      },
      tell: (value) => this.edit(index, { [name]: value }),
      show: (value) => value,
      read,
    })
  }

  private only(index: number, isShown: (spec: InputSpec) => boolean, part: Part): Part {
    return {
      node: part.node,
      draw: (form) => {
        const spec = form.keys.inputs[index]
        part.node.hidden = spec === undefined || !isShown(spec)
        if (!part.node.hidden) part.draw(form)
      },
    }
  }

  private acts(index: number): readonly Node[] {
    const number = index + 1
    return [
      iconButton('arrow-up', `Move input ${number} up`, () => this.move(index, index - 1)),
      iconButton('arrow-down', `Move input ${number} down`, () => this.move(index, index + 1)),
      iconButton('x', `Remove input ${number}`, () => this.remove(index)),
    ]
  }

  private move(from: number, to: number): void {
    const moved = this.all()[from]
    if (moved === undefined || to < 0 || to >= this.all().length) return
    this.change(this.all().toSpliced(from, 1).toSpliced(to, 0, moved), `move ${from} ${to}`)
    focusSoon(`input-${to}-name`)
  }

  private remove(index: number): void {
    this.change(this.all().toSpliced(index, 1), `remove ${this.all().length}`)
    focusSoon(this.all().length === 0 ? 'add-input' : `input-${Math.max(0, index - 1)}-name`)
  }

  private edit(index: number, change: Partial<InputSpec>): void {
    const place = [index, ...Object.keys(change)].join(' ')
    this.change(this.all().map((one, at) => (at === index ? { ...one, ...change } : one)), place)
  }

  private all(): OtherKeys['inputs'] {
    return this.page.state().other.inputs
  }

  private change(inputs: OtherKeys['inputs'], place: string): void {
    this.page.dispatch({ type: 'keys-changed', keys: { inputs }, place })
  }
}

function hasChoices({ type, of }: InputSpec): boolean {
  return type === 'choice' || (type === 'list' && of === 'choice')
}

function isPicked(type: string | undefined): boolean {
  return type === 'boolean' || type === 'choice'
}

function defaultOptions(spec: InputSpec | undefined): readonly Option[] {
  const values = spec?.type === 'boolean' ? ['true', 'false'] : (spec?.choices ?? [])
  const now = textOf(spec?.default)
  const known = values.map((value) => [value, value] as const)
  return [['', 'none'], ...known, ...(now === '' || values.includes(now) ? [] : [[now, `missing: ${now}`] as const])]
}
