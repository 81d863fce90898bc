/** The command that a step runs on the sample element, rendered by the server; what only a run knows is asked for. */
import { make, may } from '../lib/dom'
import { icon } from '../lib/icons'
import { call } from '../wire/api'
import type { InputSpec } from '../wire/types'
import { Combobox } from './combobox'
import type { TaskName } from './documents'
import type { Field } from './inspected'
import { readFromFlow, sampledInputs, secretsOf, type Given } from './sampled'
import type { SampleStore } from './sample_store'
import { testOn } from './testing'
import { textOf } from './values'

const PAUSE_MS = 300

/** What is rendered: a task with the arguments of one call. */
export interface Rendering {
  readonly task: TaskName
  readonly given: readonly Field[]
  /** On which element the call runs; null for the one that the script runs for. */
  readonly on: string | null
  readonly flow: number
  readonly flowInputs: readonly InputSpec[]
  readonly targets: readonly string[]
}

interface Answer {
  readonly rendered: string | null
  readonly problems: readonly { readonly severity: 'error' | 'warning'; readonly message: string }[]
}

export class Rendered {
  readonly node: HTMLElement
  private readonly element: Combobox
  private readonly command = make('pre', { class: 'in-command', tabindex: 0, 'aria-label': 'The command, secrets masked' })
  private readonly told = make('div', { class: 'in-told' })
  private readonly asks = make('div', { class: 'in-asks' })
  private readonly test = make('button', { type: 'button', class: 'btn btn-sm' })
  private readonly typed: Record<string, string> = {}
  private asked = ''
  private timer = 0
  private now: Rendering | null = null

  constructor(private readonly store: SampleStore) {
    this.element = new Combobox({
      id: 'in-sample',
      label: 'Sample element',
      placeholder: 'an element',
      canWrite: true,
      suggest: (text) =>
        store
          .names(this.now?.targets ?? [])
          .filter((name) => name.toLowerCase().includes(text.trim().toLowerCase()) || text === this.name())
          .slice(0, 50)
          .map((name) => ({ label: name, note: '', text: name, caret: name.length })),
      changed: (text) => store.choose(text.trim()),
    })
    this.element.input.addEventListener('focus', () => this.element.input.select())
    this.test.addEventListener('click', () => this.startTest())
    this.node = make(
      'section',
      { class: 'in-section', 'aria-label': 'The command' },
      make('div', { class: 'in-command-head' }, make('h3', {}, 'Command on'), this.element.node),
      this.asks,
      this.command,
      this.told,
      may('flow.run') ? this.test : null,
    )
  }

  draw(now: Rendering): void {
    this.now = now
    const name = this.name()
    if (document.activeElement !== this.element.input) this.element.write(name)
    this.element.input.readOnly = now.on !== null
    this.element.input.title = now.on === null ? '' : 'The step names its element'
    const isThere = name !== '' && !this.store.isMissing(name)
    this.test.replaceChildren(icon('flask'), isThere ? `Test on ${name}…` : 'Test…')
    const element = this.store.element(name)
    // What the arguments are there is known as soon as the element is, what else is asked for as soon as the task is.
    const definition = this.store.definition(now.task)
    this.test.disabled = element === null || definition === null
    const { values, unknown } = sampledInputs(now.given, element, now.flowInputs, this.typed)
    const secrets = secretsOf(now.given, now.flowInputs)
    this.drawAsks(unknown, secrets)
    if (this.store.isMissing(name)) this.tell(null, [`There is no enabled element “${name}”. Choose another one.`])
    else if (name === '') this.tell(null, ['Choose an element to see the command for it.'])
    else if (element !== null && definition !== null) {
      const missing = now.given.filter((one) => one.isRequired && values[one.name] === undefined).map(({ label }) => label)
      const ofFlow = Object.fromEntries(now.flowInputs.filter((one) => one.default !== null).map((one) => [one.name, one.default]))
      const body = { definition, name: now.task.name, element: name, inputs: { ...ofFlow, ...values }, secrets }
      if (missing.length > 0) this.tell(null, [`Give ${missing.join(', ')} to see the command.`])
      else this.askLater(body)
    }
  }

  /** True while a person types here: what is drawn anew must not take the field away. */
  hasFocus(): boolean {
    return this.node.contains(document.activeElement)
  }

  private name(): string {
    return this.now?.on ?? this.store.name(this.now?.targets ?? [])
  }

  private askLater(body: unknown): void {
    const key = JSON.stringify(body)
    if (key === this.asked) return
    this.asked = key
    window.clearTimeout(this.timer)
    this.timer = window.setTimeout(() => void this.ask(body, key), PAUSE_MS)
  }

  private async ask(body: unknown, key: string): Promise<void> {
    try {
      const { rendered, problems } = await call<Answer>('POST', '/api/tasks/preview', { body })
      if (key === this.asked) this.tell(rendered, problems.map(({ message }) => message))
    } catch (error) {
      if (!(error instanceof Error)) throw error
      if (key === this.asked) this.tell(null, [error.message])
    }
  }

  private tell(command: string | null, problems: readonly string[]): void {
    if (problems.length > 0 && command === null) this.asked = this.asked === '' ? '' : this.asked
    this.command.hidden = command === null
    if (this.command.textContent !== (command ?? '')) this.command.textContent = command
    if (this.told.textContent !== problems.join(''))
      this.told.replaceChildren(...problems.map((text) => make('div', {}, icon('alert-triangle'), text)))
  }

  /** A field for each value that only a run can compute; those that stay keep what is typed. */
  private drawAsks(unknown: readonly Given[], secrets: readonly string[]): void {
    const names = unknown.map(({ name, code }) => `${name} ${code ?? ''} ${secrets.includes(name)}`).join('\n')
    if (this.asks.dataset['names'] === names) return
    this.asks.dataset['names'] = names
    this.asks.replaceChildren(
      ...unknown.map(({ name, code }) => {
        const id = `in-ask-${name}`
        const field = make('input', {
          id,
          type: secrets.includes(name) ? 'password' : 'text',
          class: 'form-control form-control-sm',
          value: this.typed[name] ?? '',
          placeholder: code ?? '',
          autocomplete: 'off',
          spellcheck: 'false',
        })
        field.addEventListener('input', () => {
          this.typed[name] = field.value
          if (this.now !== null) this.draw(this.now)
        })
        return make('div', { class: 'in-ask' }, make('label', { class: 'form-label', for: id }, `For a sample, ${name} is`), field)
      }),
    )
  }

  private startTest(): void {
    if (this.now === null) return
    const { task, given, flow, flowInputs, targets, on } = this.now
    const name = this.name()
    const { values, unknown } = sampledInputs(given, this.store.element(name), flowInputs, this.typed)
    testOn({
      task,
      element: name,
      elements: on === null ? this.store.names(targets) : [on],
      values,
      unknown,
      secrets: secretsOf(given, flowInputs),
      flow,
      others: readFromFlow(textOf(this.store.definition(task)?.['command']), task.inputs, flowInputs),
    })
  }
}
