/** Which task or flow the selected step calls: the picker, what is wrong with the name, and the way to what is called. */
import { make } from '../lib/dom'
import { icon } from '../lib/icons'
import { Combobox, type Choice } from './combobox'
import type { Site } from './documents'
import type { Step } from './inspected'
import { literalOf } from './literals'
import { askForNewTask } from './new_task'
import type { Page, State } from './state'
import { tellWrong } from './wrong'

export type Kind = 'task' | 'flow'

/** The steps that call something by name. */
export const CALLEES: Readonly<Record<string, Kind>> = { run_task: 'task', run_flow: 'flow' }

export class Callee {
  readonly node: HTMLElement
  private readonly box: Combobox
  private readonly noSuch = make('div', { class: 'in-wrong' })
  private readonly links = make('div', { class: 'in-links' })

  constructor(
    private readonly kind: Kind,
    private readonly page: Page,
    private readonly canWrite: boolean,
    private readonly choose: (name: string) => void,
  ) {
    const title = kind === 'task' ? 'Task' : 'Flow'
    this.box = new Combobox({
      id: 'in-name',
      label: title,
      placeholder: `the name of a ${kind}`,
      canWrite,
      suggest: (text) => this.suggested(text),
      changed: (text) => {
        if (this.names().some(({ name }) => name === text)) choose(text)
      },
      entered: () => choose(this.box.input.value),
    })
    const { input } = this.box
    input.addEventListener('focus', () => input.select())
    input.addEventListener('change', () => choose(input.value))
    const label = make('label', { class: 'form-label', for: 'in-name' }, title)
    this.node = make('section', { class: 'in-section' }, make('div', { class: 'in-field' }, label, this.box.node, this.noSuch, this.links))
  }

  draw(step: Step): void {
    const { input } = this.box
    const given = step.site.call.args.find((one) => one.name === null)?.code ?? ''
    const isComputed = step.site.name === null && given !== '' && literalOf(given) === undefined
    if (document.activeElement !== input) this.box.write(step.site.name ?? (isComputed ? given : ''))
    input.readOnly = isComputed || !this.canWrite
    this.drawMissing(step, isComputed)
    const link = step.callee === null ? null : linkTo(step.callee.kind, step.callee.found)
    this.links.replaceChildren(
      ...(link === null ? [] : [link]),
      isComputed ? make('span', {}, 'The script computes which: edit it in Python.') : '',
      step.spread.length === 0 ? '' : make('span', {}, `Also given: ${step.spread.join(', ')}`),
    )
  }

  private drawMissing(step: Step, isComputed: boolean): void {
    const { kind } = this
    const name = step.site.name ?? ''
    const isMissing = !isComputed && step.callee === null && this.page.state().names !== null
    tellWrong(this.noSuch, isMissing ? [name === '' ? `Choose a ${kind}.` : `There is no ${kind} “${name}”.`] : [])
    const meant = isMissing ? meantBy(step.site, this.page.state()) : null
    if (meant !== null && this.canWrite) {
      const use = make('button', { type: 'button', class: 'btn btn-sm' }, `Use “${meant}”`)
      use.addEventListener('click', () => this.choose(meant))
      this.noSuch.append(use)
    }
    if (isMissing && kind === 'task' && this.canWrite) this.noSuch.append(newTaskButton(name))
  }

  private names(): readonly { readonly name: string; readonly note: string }[] {
    const { names } = this.page.state()
    return this.kind === 'task'
      ? (names?.tasks ?? []).map((one) => ({ name: one.name, note: one.command_line }))
      : (names?.flows ?? []).map((one) => ({ name: one.name, note: one.mode }))
  }

  /** All of them while the field says a whole name: then somebody looks for another one. */
  private suggested(text: string): readonly Choice[] {
    const names = this.names()
    const words = text.toLowerCase().split(/\s+/)
    const isName = names.some(({ name }) => name === text)
    return names
      .filter(({ name }) => isName || words.every((word) => name.toLowerCase().includes(word)))
      .slice(0, 200)
      .map(({ name, note }) => ({ label: name, note, text: name, caret: name.length }))
  }
}

/** The name that the server found to be near. */
function meantBy({ line, block }: Site, state: State): string | null {
  const faults = state.sides.execution.problems.filter((one) => one.code.startsWith('unknown_') && one.line === line && one.block === block)
  return faults.map(({ meant }) => meant ?? null).find((found) => found !== null) ?? null
}

function linkTo(kind: 'task' | 'flow', found: { readonly id: number; readonly name: string }): HTMLElement {
  const address = kind === 'task' ? `/tasks/${found.id}/` : `/flows/${found.id}/edit/`
  return make('a', { href: address, target: '_blank', rel: 'noopener' }, icon('link'), `Open the ${kind} in a new tab`)
}

function newTaskButton(name: string): HTMLElement {
  const button = make('button', { type: 'button', class: 'btn btn-sm' }, icon('plus'), name === '' ? 'New task…' : `New task “${name}”…`)
  button.addEventListener('click', () => askForNewTask(name))
  return button
}
