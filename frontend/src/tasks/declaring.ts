/** Below the inputs of a task: what its template reads and they do not declare, each with a button that declares it. */
import { need } from '../lib/dom'
import { offered, offerViews, readAsInput, type Undeclared } from '../lib/undeclared'
import type { Preview } from './preview'

const WHERE = '; only a flow that has such an input can call the task'

/** What was told last stays while the next answer is on its way. */
export class Declaring {
  private shown = ''

  constructor(
    private readonly form: HTMLFormElement,
    private readonly place: HTMLElement,
  ) {}

  draw({ outcome }: Preview): void {
    if (outcome.kind !== 'answered') return
    const found = offered(outcome.answer.undeclared, [])
    const shown = JSON.stringify(found)
    if (shown === this.shown) return
    this.shown = shown
    this.place.replaceChildren(...offerViews(found, WHERE, (one) => this.declare(one)))
  }

  private declare({ name, is_input }: Undeclared): void {
    const command = need('[name=command]', HTMLTextAreaElement, this.form)
    if (!is_input) command.value = readAsInput(command.value, name)
    if (this.row(name) === undefined) this.fill(name)
    command.dispatchEvent(new Event('input', { bubbles: true }))
    this.row(name)?.focus()
  }

  private fill(name: string): void {
    if (this.row('') === undefined) need('[data-add-row=input]', HTMLButtonElement, this.form).click()
    const field = this.row('')
    const row = field?.closest('.input-row')
    if (field === undefined || !row) throw new Error('no row for another input')
    field.value = name
    need('[name=input-type]', HTMLSelectElement, row).value = 'string'
    need('[name=input-required]', HTMLSelectElement, row).value = 'yes'
  }

  private row(name: string): HTMLInputElement | undefined {
    return [...this.form.querySelectorAll<HTMLInputElement>('[name=input-name]')].find((field) => field.value.trim() === name)
  }
}
