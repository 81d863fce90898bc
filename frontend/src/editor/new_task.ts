/** *New task*: makes a task without leaving the editor, and puts a step that runs it where it was asked for. */
import { make } from '../lib/dom'
import { icon } from '../lib/icons'
import { offered, offerViews, readAsInput, type Undeclared } from '../lib/undeclared'
import { ApiRefused, call } from '../wire/api'
import { Around } from './around'
import { pythonOf } from './literals'
import type { Place } from './places'
import type { Page } from './state'
import { indentOf, insertedBelow } from './statement_text'

/** Said by whoever wants a task to be made. */
const NEW_TASK = 'new-task'

interface Wanted {
  /** A beginning of its name. */
  readonly name: string
  /** Where the step that runs it goes; below the selected block if it is null. */
  readonly at: Place | null
}

const PAUSE_MS = 300
const TYPES = ['string', 'integer', 'number', 'boolean', 'element', 'secret', 'list'] as const

export function askForNewTask(name: string, at: Place | null = null): void {
  document.dispatchEvent(new CustomEvent<Wanted>(NEW_TASK, { detail: { name, at } }))
}

export interface NewTaskActs {
  /** Asks the server for the names again. */
  readonly relearn: () => Promise<void>
  /** Gives the focus to the canvas. */
  readonly focus: () => void
  /** Puts a step that runs the task in at a place; false where the place is no more. */
  readonly put: (task: string, at: Place) => boolean
}

export function listenForNewTask(page: Page, acts: NewTaskActs): void {
  document.addEventListener(NEW_TASK, (event) => {
    if (page.canWrite && event instanceof CustomEvent) new NewTask(page, acts, event.detail as Wanted).open()
  })
}

class NewTask {
  private readonly dialog = make('dialog', { class: 'box in-new', 'aria-labelledby': 'in-new-title' })
  private readonly name: HTMLInputElement
  private readonly command = make('textarea', {
    class: 'form-control code',
    id: 'in-new-command',
    rows: 4,
    required: true,
    spellcheck: 'false',
    placeholder: 'systemctl restart {{ inputs.service | quote }}',
  })
  private readonly inputs = make('div', { class: 'in-new-inputs' })
  private readonly wrong = make('div', { class: 'in-wrong', role: 'alert' })
  private readonly offers = make('div', { role: 'status' })
  private timer = 0
  private revision = 0
  /** The template that was to be created although not all that it reads is declared. */
  private meant: string | null = null
  private rows = 0

  constructor(
    private readonly page: Page,
    private readonly acts: NewTaskActs,
    private readonly wanted: Wanted,
  ) {
    this.name = make('input', { ...TEXT, id: 'in-new-name', value: wanted.name, required: true, maxlength: 200 })
  }

  open(): void {
    const add = make('button', { type: 'button', class: 'btn btn-sm' }, icon('plus'), 'Add an input')
    add.addEventListener('click', () => this.addInput('').focus())
    const cancel = make('button', { type: 'button', class: 'btn' }, 'Cancel')
    cancel.addEventListener('click', () => this.dialog.close())
    const create = make('button', { type: 'submit', class: 'btn btn-primary' }, 'Create and put in')
    const form = make(
      'form',
      {},
      labelled('Name', this.name, 'name'),
      labelled('Command', this.command, 'command', 'A template: {{ element.name }}, {{ env }} and other context keys, {{ inputs.service }}.'),
      make('div', { class: 'in-field' }, make('h3', {}, 'Inputs'), this.inputs, wrongOf('inputs'), this.offers, add),
      this.wrong,
      make('div', { class: 'ed-answers' }, cancel, create),
    )
    form.addEventListener('submit', (event) => {
      event.preventDefault()
      create.disabled = true
      void this.createOrAsk().finally(() => {
        create.disabled = false
      })
    })
    form.addEventListener('input', () => this.lookSoon())
    this.dialog.addEventListener('close', () => {
      window.clearTimeout(this.timer)
      this.dialog.remove()
      // What had it before is gone, as the palette is.
      if (document.activeElement === null || document.activeElement === document.body) this.acts.focus()
    })
    this.dialog.append(make('h2', { class: 'h3', id: 'in-new-title' }, 'New task'), form)
    document.body.append(this.dialog)
    this.dialog.showModal()
    if (this.name.value === '') this.name.focus()
    else this.command.focus()
  }

  private lookSoon(): void {
    this.revision += 1
    window.clearTimeout(this.timer)
    this.timer = window.setTimeout(() => void this.look(), PAUSE_MS)
  }

  /** Offers to declare what the template reads; it is no refusal, so nothing is told where the server cannot say. */
  private async look(): Promise<void> {
    const { revision } = this
    const body = { definition: { command: this.command.value, inputs: this.declared() } }
    const answer = await call<{ readonly undeclared: readonly Undeclared[] }>('POST', '/api/tasks/preview', { body }).catch(() => null)
    if (revision !== this.revision) return
    const found = offered(answer?.undeclared ?? [], this.page.state().other.inputs.map(({ name }) => name))
    this.offers.replaceChildren(...offerViews(found, '', (one) => this.declare(one)))
  }

  private declare({ name, is_input }: Undeclared): void {
    if (!is_input) this.command.value = readAsInput(this.command.value, name)
    if (!this.declared().some((one) => one['name'] === name)) this.addInput(name)
    this.command.focus()
    this.lookSoon()
  }

  private addInput(value: string): HTMLInputElement {
    this.rows += 1
    const id = `in-new-input-${this.rows}`
    const name = make('input', { ...TEXT, id, value, 'aria-label': 'Name of the input', placeholder: 'name', 'data-part': 'name' })
    const type = make(
      'select',
      { class: 'form-select form-select-sm', 'aria-label': 'Type of the input', 'data-part': 'type' },
      ...TYPES.map((value) => make('option', { value }, value)),
    )
    const required = make('input', { type: 'checkbox', class: 'form-check-input', checked: true, 'data-part': 'required' })
    const remove = make('button', { type: 'button', class: 'btn btn-sm btn-icon', 'aria-label': 'Remove the input' }, icon('trash'))
    const row = make(
      'div',
      { class: 'in-new-input' },
      name,
      type,
      make('label', { class: 'form-check' }, required, make('span', { class: 'form-check-label' }, 'required')),
      remove,
    )
    remove.addEventListener('click', () => {
      row.remove()
      this.lookSoon()
    })
    this.inputs.append(row)
    return name
  }

  private declared(): readonly Readonly<Record<string, unknown>>[] {
    return [...this.inputs.children]
      .map((row) => ({
        name: field(row, 'name').value.trim(),
        type: field(row, 'type').value,
        required: (field(row, 'required') as HTMLInputElement).checked,
      }))
      .filter(({ name }) => name !== '')
  }

  /** Stops once where the template reads what is declared nowhere; pressed again, it is meant so. */
  private async createOrAsk(): Promise<void> {
    const read = this.command.value
    if (this.meant !== read) {
      window.clearTimeout(this.timer)
      await this.look()
      const [offer] = this.offers.querySelectorAll('button')
      if (offer !== undefined) {
        this.meant = read
        this.tellWrong({}, 'Declare the input, or press Create again: then only a flow that has such an input can call the task.')
        offer.focus()
        return
      }
    }
    await this.create()
  }

  private async create(): Promise<void> {
    this.tellWrong({}, '')
    const name = this.name.value.trim()
    const body = { name, class: 'command', command: this.command.value, inputs: this.declared() }
    try {
      await call<unknown>('POST', '/api/tasks/', { body })
    } catch (error) {
      if (!(error instanceof Error)) throw error
      this.tellWrong(error instanceof ApiRefused ? error.problem.fields : {}, error.message)
      return
    }
    this.dialog.close()
    await this.acts.relearn()
    const { at } = this.wanted
    if (at !== null && this.acts.put(name, at)) return
    insertStep(this.page, name, this.declared().filter((one) => one['required'] === true))
  }

  /** Each problem at its field; what belongs to none stands at the end. */
  private tellWrong(fields: Readonly<Record<string, readonly string[]>>, message: string): void {
    const places = [...this.dialog.querySelectorAll('[data-wrong]')]
    const told = new Set<string>()
    for (const place of places) {
      const key = place.getAttribute('data-wrong') ?? ''
      const own = Object.entries(fields).filter(([name]) => name === key || name.startsWith(`${key}.`))
      for (const [name] of own) told.add(name)
      place.replaceChildren(...own.flatMap(([, texts]) => texts).map((text) => make('div', {}, icon('alert-triangle'), text)))
    }
    const isTold = Object.keys(fields).length > 0 && Object.keys(fields).every((name) => told.has(name))
    const rest = Object.entries(fields).filter(([name]) => !told.has(name)).flatMap(([, texts]) => texts)
    const texts = message === '' || isTold ? [] : rest.length > 0 ? rest : [message]
    this.wrong.replaceChildren(...texts.map((text) => make('div', {}, icon('alert-triangle'), text)))
  }
}

/** Below the statement that is pointed at, or at the end; required inputs are given an empty text to fill in, but for secrets
 * and for what the flow has itself. A step that calls the task already, and had none before, is left alone. */
function insertStep(page: Page, name: string, required: readonly Readonly<Record<string, unknown>>[]): void {
  const state = page.state()
  const side = state.sides.execution
  const around = new Around(side.placed)
  const { block } = state.pointed
  if (block !== null && around.sites(block, side.sites).some((site) => site.name === name)) return
  const statement = block === null || state.script !== 'execution' || side.agreed !== side.text ? null : around.statement(block)
  const first = statement?.extra.spans?.[0]?.[0] ?? 0
  const last = statement === null ? side.text.split(/\r\n|\r|\n/).length : around.lastLine(statement.id)
  const isGiven = (name: unknown): boolean => state.other.inputs.some((one) => one.name === name)
  const inputs = required.filter((one) => one['type'] !== 'secret' && !isGiven(one['name'])).map((one) => `, ${String(one['name'])}=''`)
  const code = `run_task(${pythonOf(name)}${inputs.join('')})`
  const text = insertedBelow(side.text, last, first === 0 ? '' : indentOf(side.text, first), code)
  if (state.card !== 'steps') page.dispatch({ type: 'card-chosen', card: 'steps' })
  page.dispatch({ type: 'text-edited', script: 'execution', text })
  void pointSoon(page, text, last + 1)
}

/** Selects the step on a line as soon as the server has found it there, unless the text is edited before. */
async function pointSoon(page: Page, text: string, line: number): Promise<void> {
  for (let side = page.state().sides.execution; side.text === text; side = page.state().sides.execution) {
    const site = side.agreed === text ? side.sites.find((one) => one.line === line) : undefined
    if (site !== undefined) page.dispatch({ type: 'pointed', block: site.block, by: 'inspector' })
    if (site !== undefined || side.behind !== null) return
    await new Promise((resolve) => window.setTimeout(resolve, 100))
  }
}

const TEXT = { type: 'text', class: 'form-control form-control-sm', autocomplete: 'off', spellcheck: 'false' } as const

function labelled(text: string, control: HTMLElement, key: string, hint = ''): HTMLElement {
  return make(
    'div',
    { class: 'in-field' },
    make('label', { class: 'form-label', for: control.id }, text),
    control,
    hint === '' ? null : make('small', { class: 'form-hint' }, hint),
    wrongOf(key),
  )
}

function wrongOf(key: string): HTMLElement {
  return make('div', { class: 'in-wrong', 'data-wrong': key })
}

function field(row: Element, part: string): HTMLInputElement | HTMLSelectElement {
  const found = row.querySelector(`[data-part=${part}]`)
  if (!(found instanceof HTMLInputElement || found instanceof HTMLSelectElement)) throw new Error(`an input has no ${part}`)
  return found
}
