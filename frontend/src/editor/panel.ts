/** The flow panel: on which elements, how, with which inputs. A form, drawn from the state, that tells its changes. */
import { make } from '../lib/dom'
import { icon } from '../lib/icons'
import type { InputSpec, Mode, Target } from '../wire/types'
import { type KeyProblem, toldProblem } from './documents'
import type { OtherKeys, State } from './state'
import { defaultText, itemsOf, numberOr, secondsOr, valueOf } from './values'

export interface Choices {
  readonly profiles: readonly string[]
  readonly groups: readonly string[]
  readonly input_types: readonly string[]
}

type Change = (keys: Partial<OtherKeys>) => void
type Control = HTMLInputElement | HTMLSelectElement
interface Bound {
  readonly control: Control
  readonly read: (keys: OtherKeys) => string | boolean
}

const MOST_NAMES = 30
const MODES: Readonly<Record<Mode, string>> = {
  serial: 'Serial: element after element',
  parallel: 'Parallel: step after step',
}

export class Panel {
  private bound: Bound[] = []
  private shape = ''
  private keys: OtherKeys | null = null
  private readonly names = make('div', { class: 'ed-count', role: 'status' })
  private readonly tasks = make('datalist', { id: 'task-names' })

  constructor(
    private readonly place: HTMLElement,
    private readonly choices: Choices,
    private readonly isReadOnly: boolean,
    private readonly change: Change,
  ) {}

  draw(state: State): void {
    const keys = state.other
    this.keys = keys
    const shape = shapeOf(keys)
    if (shape !== this.shape) this.build(keys, shape)
    for (const { control, read } of this.bound) write(control, read(keys))
    const tasks = (state.names?.tasks ?? []).map(({ name }) => name)
    if (tasks.length !== this.tasks.childElementCount)
      this.tasks.replaceChildren(...tasks.map((name) => make('option', { value: name })))
    drawSelection(this.names, state.selection, keys.target)
    this.drawProblems(state.publishing.step === 'refused' ? state.publishing.problems : [])
  }

  private build(keys: OtherKeys, shape: string): void {
    const focused = document.activeElement?.id ?? ''
    this.shape = shape
    this.bound = []
    this.place.replaceChildren(
      this.section('Elements', 'target', this.targetControls(keys.target), this.names),
      this.section('How', 'mode', this.modeControls(), this.ruleControls(keys)),
      this.section('Fresh facts', 'refresh', this.refreshControls(keys.refresh ?? [])),
      this.section('Inputs', 'inputs', this.inputControls(keys.inputs)),
    )
    if (this.isReadOnly)
      for (const control of this.place.querySelectorAll<Control | HTMLButtonElement>('input, select, button'))
        control.disabled = true
    if (focused !== '' && this.place.querySelector(`#${CSS.escape(focused)}`) instanceof HTMLElement)
      document.getElementById(focused)?.focus()
  }

  private section(title: string, key: string, ...content: readonly (Node | readonly Node[])[]): HTMLElement {
    return make(
      'section',
      { class: 'ed-section', 'data-key': key },
      make('h2', {}, title),
      ...content.flat(),
      make('div', { class: 'ed-wrong', 'data-wrong': key, role: 'alert' }),
    )
  }

  private targetControls(target: Target | null): readonly Node[] {
    const kinds = [
      ['chosen', 'By profile, groups and filters'],
      ['all', 'All enabled elements'],
      ['none', 'None: only called with elements'],
    ] as const
    const kind = this.select(
      'target-kind',
      'On which elements',
      kinds,
      (keys) => kindOf(keys.target),
      (value) => this.change({ target: targetOfKind(value, this.keys?.target ?? null) }),
    )
    return kindOf(target) === 'chosen' ? [kind, ...this.chosenControls(target ?? {})] : [kind]
  }

  private chosenControls(target: Target): readonly Node[] {
    const profiles = [
      ['', 'any'],
      ...known(this.choices.profiles, target.profile ? [target.profile] : []),
    ] as readonly (readonly [string, string])[]
    return [
      this.select(
        'target-profile',
        'Profile',
        profiles,
        (keys) => keys.target?.profile ?? '',
        (value) => this.retarget({ profile: value === '' ? null : value }),
      ),
      this.groupControls(target.groups ?? []),
      this.filterControls(target.filters ?? []),
    ]
  }

  private groupControls(chosen: readonly string[]): Node {
    const boxes = known(this.choices.groups, chosen).map(([name, label], index) => {
      const box = make('input', { type: 'checkbox', class: 'form-check-input', id: `group-${index}` })
      box.addEventListener('change', () =>
        this.retarget({ groups: box.checked ? [...this.groups(), name] : this.groups().filter((one) => one !== name) }),
      )
      this.bound.push({ control: box, read: (keys) => (keys.target?.groups ?? []).includes(name) })
      return make(
        'label',
        { class: 'form-check', for: box.id },
        box,
        make('span', { class: 'form-check-label' }, label),
      )
    })
    const none = boxes.length === 0 ? [make('span', { class: 'text-secondary' }, 'There are no groups yet.')] : []
    return make(
      'fieldset',
      { class: 'ed-field' },
      make('legend', { class: 'form-label' }, 'In at least one of these groups'),
      make('div', { class: 'ed-groups' }, ...boxes, ...none),
    )
  }

  private filterControls(filters: readonly string[]): Node {
    const rows = filters.map((_, index) => {
      const input = this.text(
        `filter-${index}`,
        `Filter ${index + 1}`,
        (keys) => keys.target?.filters?.[index] ?? '',
        (value) => this.retarget({ filters: this.filters().with(index, value) }),
        'env == prod',
      )
      return make(
        'div',
        { class: 'ed-row' },
        input,
        this.remover(`Remove filter ${index + 1}`, () =>
          this.retarget({ filters: this.filters().toSpliced(index, 1) }),
        ),
      )
    })
    return make(
      'fieldset',
      { class: 'ed-field' },
      make('legend', { class: 'form-label' }, 'All of these filters'),
      ...rows,
      this.adder('add-filter', 'Add filter', () => this.retarget({ filters: [...this.filters(), ''] })),
    )
  }

  private modeControls(): readonly Node[] {
    return [
      this.select(
        'mode',
        'Mode',
        Object.entries(MODES),
        (keys) => keys.mode,
        (value) => this.change({ mode: value as Mode }),
      ),
    ]
  }

  private ruleControls(keys: OtherKeys): readonly Node[] {
    const empties = [
      ['fail', 'the run fails'],
      ['succeed', 'the run succeeds'],
    ] as const
    return [
      this.labelled(
        'Elements at the same time, at most',
        this.text(
          'concurrency',
          'Elements at the same time, at most',
          (keys) => String(keys.concurrency ?? ''),
          (value) => this.change({ concurrency: numberOr<number | null>(value, null) }),
          '1',
          'numeric',
        ),
      ),
      ...(hasBatches(keys) ? this.batchControls() : []),
      this.labelled(
        'Failed elements allowed',
        this.text(
          'threshold',
          'Failed elements allowed',
          (keys) => String(keys.error_threshold ?? ''),
          (value) => this.change({ error_threshold: value.trim() === '' ? null : numberOr(value, value.trim()) }),
          '0, or 10%',
        ),
      ),
      this.select(
        'on-empty',
        'If there are no elements',
        empties,
        (keys) => keys.on_empty,
        (value) => this.change({ on_empty: value }),
      ),
    ]
  }

  private batchControls(): readonly Node[] {
    return [
      this.labelled(
        'Batches, the last size repeating',
        this.text(
          'batches',
          'Batches, the last size repeating',
          (keys) => (keys.batches ?? []).join(', '),
          (value) => this.change({ batches: itemsOf(value).map((item) => numberOr(item, item)) }),
          '1, 5, 20%; empty: all at once',
        ),
      ),
      this.labelled(
        'Seconds between two batches',
        this.text(
          'soak',
          'Seconds between two batches',
          (keys) => (keys.soak ? String(keys.soak) : ''),
          (value) => this.change({ soak: value.trim() === '' ? 0 : secondsOr(value, value.trim()) }),
          '0',
          'decimal',
        ),
      ),
    ]
  }

  /** Tasks that run on the selected elements before the processing script. */
  private refreshControls(names: readonly string[]): readonly Node[] {
    const rows = names.map((_, index) => {
      const input = this.text(
        `refresh-${index}`,
        `Task ${index + 1} that runs first`,
        (keys) => keys.refresh?.[index] ?? '',
        (value) => this.change({ refresh: this.refreshed().with(index, value) }),
        'a task that saves settings',
      )
      input.setAttribute('list', this.tasks.id)
      const remove = this.remover(`Remove task ${index + 1} that runs first`, () =>
        this.change({ refresh: this.refreshed().toSpliced(index, 1) }),
      )
      return make('div', { class: 'ed-row' }, input, remove)
    })
    return [
      ...rows,
      this.tasks,
      this.adder('add-refresh', 'Run a task first', () => this.change({ refresh: [...this.refreshed(), ''] })),
    ]
  }

  private inputControls(inputs: readonly InputSpec[]): readonly Node[] {
    const rows = inputs.map((_, index) => this.inputRow(index))
    return [
      ...rows,
      this.adder('add-input', 'Add input', () =>
        this.change({ inputs: [...this.inputs(), { name: '', type: 'string', required: true, default: null }] }),
      ),
    ]
  }

  private inputRow(index: number): Node {
    const edit = (change: Partial<InputSpec>): void =>
      this.change({ inputs: this.inputs().map((one, at) => (at === index ? { ...one, ...change } : one)) })
    const of = (keys: OtherKeys): InputSpec | undefined => keys.inputs[index]
    const required = make('input', { type: 'checkbox', class: 'form-check-input', id: `input-${index}-required` })
    required.addEventListener('change', () => edit({ required: required.checked }))
    this.bound.push({ control: required, read: (keys) => of(keys)?.required ?? false })
    const number = index + 1
    return make(
      'div',
      { class: 'ed-input', role: 'group', 'aria-label': `Input ${number}` },
      this.text(
        `input-${index}-name`,
        `Name of input ${number}`,
        (keys) => of(keys)?.name ?? '',
        (value) => edit({ name: value.trim() }),
        'name',
      ),
      this.bare(
        `input-${index}-type`,
        `Type of input ${number}`,
        this.choices.input_types.map((type) => [type, type] as const),
        (keys) => of(keys)?.type ?? 'any',
        (value) => edit({ type: value, default: null, choices: [], of: '' }),
      ),
      this.text(
        `input-${index}-default`,
        `Default of input ${number}`,
        (keys) => defaultText(of(keys)?.default, of(keys)?.type),
        (value) => edit({ default: valueOf(value, this.inputs()[index]) }),
        'default',
      ),
      make(
        'label',
        { class: 'form-check', for: required.id },
        required,
        make('span', { class: 'form-check-label' }, 'required'),
      ),
      this.remover(`Remove input ${number}`, () => this.change({ inputs: this.inputs().toSpliced(index, 1) })),
      ...this.inputDetails(index, edit, of),
    )
  }

  /** What only some types have, which the style sheet hides from the others, and what a person is told. */
  private inputDetails(
    index: number,
    edit: (change: Partial<InputSpec>) => void,
    of: (keys: OtherKeys) => InputSpec | undefined,
  ): readonly Node[] {
    const items = this.choices.input_types.filter((type) => type !== 'list' && type !== 'secret')
    const options = items.map((type) => [type, `of ${type}`] as const)
    const number = index + 1
    return [
      this.text(
        `input-${index}-choices`,
        `Choices of input ${number}`,
        (keys) => (of(keys)?.choices ?? []).join(', '),
        (value) => edit({ choices: itemsOf(value) }),
        'choices: blue, green',
      ),
      this.bare(
        `input-${index}-of`,
        `Items of input ${number}`,
        [['', 'of anything'], ...options],
        (keys) => of(keys)?.of ?? '',
        (value) => edit({ of: value }),
      ),
      this.text(
        `input-${index}-description`,
        `Description of input ${number}`,
        (keys) => of(keys)?.description ?? '',
        (value) => edit({ description: value }),
        'what it is for',
      ),
    ]
  }

  private text(
    id: string,
    label: string,
    read: (keys: OtherKeys) => string,
    tell: (value: string) => void,
    placeholder: string,
    mode = 'text',
  ): HTMLInputElement {
    const control = make('input', {
      type: 'text',
      id,
      class: 'form-control form-control-sm',
      'aria-label': label,
      placeholder,
      inputmode: mode,
      autocomplete: 'off',
      spellcheck: 'false',
    })
    control.addEventListener('input', () => tell(control.value))
    this.bound.push({ control, read })
    return control
  }

  private bare(
    id: string,
    label: string | null,
    options: readonly (readonly [string, string])[],
    read: (keys: OtherKeys) => string,
    tell: (value: string) => void,
  ): HTMLSelectElement {
    const control = make(
      'select',
      { id, class: 'form-select form-select-sm', 'aria-label': label },
      ...options.map(([value, text]) => make('option', { value }, text)),
    )
    control.addEventListener('change', () => tell(control.value))
    this.bound.push({ control, read })
    return control
  }

  private select(
    id: string,
    label: string,
    options: readonly (readonly [string, string])[],
    read: (keys: OtherKeys) => string,
    tell: (value: string) => void,
  ): Node {
    return this.labelled(label, this.bare(id, null, options, read, tell))
  }

  private labelled(label: string, control: Control): Node {
    control.removeAttribute('aria-label')
    return make('div', { class: 'ed-field' }, make('label', { class: 'form-label', for: control.id }, label), control)
  }

  private adder(id: string, label: string, act: () => void): Node {
    const button = make('button', { type: 'button', class: 'btn btn-sm', id }, icon('plus'), label)
    button.addEventListener('click', act)
    return button
  }

  private remover(label: string, act: () => void): Node {
    const button = make(
      'button',
      { type: 'button', class: 'btn btn-sm btn-icon', 'aria-label': label, title: label },
      icon('x'),
    )
    button.addEventListener('click', act)
    return button
  }

  private drawProblems(problems: readonly KeyProblem[]): void {
    for (const place of this.place.querySelectorAll<HTMLElement>('[data-wrong]')) {
      const keys =
        place.dataset['wrong'] === 'mode'
          ? ['mode', 'concurrency', 'batches', 'soak', 'error_threshold', 'on_empty']
          : [place.dataset['wrong'] ?? '']
      const texts = problems
        .filter((one) => keys.includes(one.key.split('.')[0] ?? ''))
        .map(toldProblem)
      if (place.textContent !== texts.join('')) place.replaceChildren(...texts.map((text) => make('div', {}, text)))
    }
  }

  private retarget(change: Partial<Target>): void {
    this.change({ target: { profile: null, groups: [], filters: [], ...this.keys?.target, ...change } })
  }

  private groups(): readonly string[] {
    return this.keys?.target?.groups ?? []
  }

  private filters(): readonly string[] {
    return this.keys?.target?.filters ?? []
  }

  private refreshed(): readonly string[] {
    return this.keys?.refresh ?? []
  }

  private inputs(): readonly InputSpec[] {
    return this.keys?.inputs ?? []
  }
}

/** What of the keys decides which controls there are. */
function shapeOf(keys: OtherKeys): string {
  const { target, inputs } = keys
  return JSON.stringify([
    hasBatches(keys),
    keys.refresh?.length ?? 0,
    kindOf(target),
    target?.filters?.length ?? 0,
    inputs.length,
    target?.profile ?? '',
    kindOf(target) === 'chosen' ? (target?.groups ?? []).toSorted() : [],
  ])
}

/** A serial flow has none, but those that it was given must be seen to be taken out. */
function hasBatches({ mode, batches, soak }: OtherKeys): boolean {
  return mode === 'parallel' || (batches ?? []).length > 0 || Boolean(soak)
}

function kindOf(target: Target | null): 'none' | 'all' | 'chosen' {
  if (target === null) return 'none'
  return target.all ? 'all' : 'chosen'
}

function targetOfKind(kind: string, before: Target | null): Target | null {
  if (kind === 'none') return null
  if (kind === 'all') return { all: true }
  return before === null || before.all ? { profile: null, groups: [], filters: [] } : before
}

/** The names that there are, and those that are chosen and gone. */
function known(names: readonly string[], chosen: readonly string[]): readonly (readonly [string, string])[] {
  const gone = chosen.filter((name) => !names.includes(name))
  return [...names.map((name) => [name, name] as const), ...gone.map((name) => [name, `missing: ${name}`] as const)]
}

function drawSelection(place: HTMLElement, selection: State['selection'], target: Target | null): void {
  place.replaceChildren(...told(selection, target))
}

function told(selection: State['selection'], target: Target | null): readonly (Node | string)[] {
  if (selection === null) return target === null ? [] : ['Choose a profile, a group or a filter.']
  if ('problem' in selection) return [make('span', { class: 'ed-bad' }, selection.problem)]
  const { count, names } = selection
  const more = count > MOST_NAMES ? ` and ${count - MOST_NAMES} more` : ''
  const listed = count === 0 ? '' : `: ${names.slice(0, MOST_NAMES).join(', ')}${more}`
  return [make('strong', {}, `${count} ${count === 1 ? 'element' : 'elements'} now`), listed]
}

function write(control: Control, value: string | boolean): void {
  if (typeof value === 'boolean') {
    if (control instanceof HTMLInputElement) control.checked = value
  } else if (document.activeElement !== control && control.value !== value) control.value = value
}
