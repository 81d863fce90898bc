/** Tasks that read facts before the order is made (R3), picked by what they save. */
import { make } from '../lib/dom'
import { Combobox, type Choice } from './combobox'
import type { TaskName } from './documents'
import { addButton, focusSoon, iconButton, rows, section, wrongPlace, type Part } from './form_parts'
import type { Page } from './state'

const MOST_OFFERED = 50
const ABOUT = 'These tasks run on all selected elements before the order is made, so that it sorts by facts that are fresh. The plan does not run them.'

export function refreshPart(page: Page): Part {
  const names = (): readonly string[] => page.state().other.refresh ?? []
  const change = (refresh: readonly string[]): void => page.dispatch({ type: 'keys-changed', keys: { refresh } })
  const list = make('div', { class: 'card-rows' })
  const add = addButton('add-refresh', 'Add a task', () => {
    const { length } = names()
    change([...names(), ''])
    focusSoon(`refresh-${length}`)
  })
  add.hidden = !page.canWrite
  const remove = (index: number): void => {
    change(names().toSpliced(index, 1))
    focusSoon(names().length === 0 ? 'add-refresh' : `refresh-${Math.max(0, index - 1)}`)
  }
  const row = (index: number): Part => refreshRow(page, index, (text) => change(names().with(index, text)), () => remove(index))
  const lines = rows(list, ({ keys }) => keys.refresh?.length ?? 0, row)
  return section('Read facts first', ABOUT, { node: list, draw: (form) => lines.draw(form) }, add, wrongPlace('refresh-wrong', ['refresh']))
}

function refreshRow(page: Page, index: number, changed: (text: string) => void, removed: () => void): Part {
  const combobox = new Combobox({
    id: `refresh-${index}`,
    label: `Task ${index + 1} that reads facts first`,
    placeholder: 'a task that saves settings',
    canWrite: page.canWrite,
    suggest: (text) => offered(page.state().names?.tasks ?? [], text),
    changed,
  })
  const says = make('span', { class: 'card-effect', id: `refresh-${index}-saves` })
  combobox.input.setAttribute('aria-describedby', says.id)
  const wrong = wrongPlace(`refresh-${index}-wrong`, [`refresh.${index}`])
  const remove = iconButton('x', `Remove task ${index + 1} that reads facts first`, removed)
  remove.hidden = !page.canWrite
  return {
    node: make('div', { class: 'card-filter' }, combobox.node, says, remove, wrong.node),
    draw: (form) => {
      const name = form.keys.refresh?.[index] ?? ''
      combobox.write(name)
      says.textContent = savesWords(form.state.names?.tasks, name)
      wrong.draw(form)
    },
  }
}

/** Those that save something first: others make nothing fresh. */
function offered(tasks: readonly TaskName[], typed: string): readonly Choice[] {
  const wanted = typed.trim().toLowerCase()
  const found = tasks.filter(({ name, saves }) => name.toLowerCase().includes(wanted) || saves.some((key) => key.includes(wanted)))
  const saving = found.toSorted((one, other) => Number(other.saves.length > 0) - Number(one.saves.length > 0))
  return saving.slice(0, MOST_OFFERED).map(({ name, saves }) => ({ label: name, note: savesNote(saves), text: name, caret: name.length }))
}

function savesWords(tasks: readonly TaskName[] | undefined, name: string): string {
  if (tasks === undefined || name.trim() === '') return ''
  const task = tasks.find((one) => one.name === name)
  return task === undefined ? 'no such task' : savesNote(task.saves)
}

function savesNote(saves: readonly string[]): string {
  return saves.length === 0 ? 'saves nothing' : `saves ${saves.join(', ')}`
}
