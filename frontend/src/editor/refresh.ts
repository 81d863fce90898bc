/** Tasks that read facts before the order is made (R3), picked by what they save. */
import { make } from '../lib/dom'
import { Combobox, type Choice } from './combobox'
import type { TaskName } from './documents'
import { addButton, iconButton, section, wrongPlace, type Form, type Part } from './form_parts'
import type { Page } from './state'
import { TextRows } from './text_rows'

const MOST_OFFERED = 50
const ABOUT = 'These tasks run on all selected elements before the order is made, so that it sorts by facts that are fresh. The plan does not run them.'

export function refreshPart(page: Page): Part {
  const tasks: TextRows = new TextRows(make('div', { class: 'card-rows' }), {
    name: 'refresh',
    adds: 'add-refresh',
    stored: () => page.state().other.refresh ?? [],
    store: (refresh, place) => page.dispatch({ type: 'keys-changed', keys: { refresh }, place }),
    makeRow: (index) => refreshRow(page, index, tasks),
  })
  const add = addButton('add-refresh', 'Add a task', () => tasks.add())
  add.hidden = !page.canWrite
  const none = make('p', { class: 'form-hint' }, 'None: facts are taken as they are.')
  const draw = (form: Form): void => {
    none.hidden = tasks.count() > 0
    tasks.draw(form)
  }
  const list = { node: make('div', {}, tasks.node, none), draw }
  return section('Read facts first', ABOUT, list, add, wrongPlace('refresh-wrong', ['refresh']))
}

function refreshRow(page: Page, index: number, tasks: TextRows): Part {
  const combobox = new Combobox({
    id: `refresh-${index}`,
    label: `Task ${index + 1} that reads facts first`,
    placeholder: 'a task that saves settings',
    canWrite: page.canWrite,
    suggest: (text) => offered(page.state().names?.tasks ?? [], text),
    changed: (text) => tasks.write(index, text),
  })
  const says = make('span', { class: 'card-effect', id: `refresh-${index}-saves` })
  combobox.input.setAttribute('aria-describedby', says.id)
  const wrong = wrongPlace(`refresh-${index}-wrong`, [`refresh.${index}`])
  const remove = iconButton('x', `Remove task ${index + 1} that reads facts first`, () => tasks.remove(index))
  remove.hidden = !page.canWrite
  return {
    node: make('div', { class: 'card-filter' }, combobox.node, says, remove, wrong.node),
    draw: (form) => {
      const name = tasks.textAt(index)
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
