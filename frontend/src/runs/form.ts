/** The form of the filters: read into a value, and set from one when the browser goes back. */
import type { RunState } from '../wire/types'
import type { Filters } from './filters'

export function readForm(form: HTMLFormElement): Filters {
  const data = new FormData(form)
  return {
    state: data.getAll('state') as RunState[],
    flow: text(data, 'flow'),
    started_by: text(data, 'started_by'),
    search: text(data, 'search'),
    tries: triesOf(text(data, 'tries')),
  }
}

export function writeForm(form: HTMLFormElement, filters: Filters): void {
  for (const field of form.elements) {
    if (field instanceof HTMLInputElement && field.type === 'checkbox') field.checked = filters.state.some((state) => state === field.value)
    else if (field instanceof HTMLInputElement) field.value = filters.search
    else if (field instanceof HTMLSelectElement) field.value = chosen(field.name, filters)
  }
}

function chosen(name: string, filters: Filters): string {
  if (name === 'tries') return filters.tries
  return name === 'flow' ? filters.flow : filters.started_by
}

function triesOf(value: string): Filters['tries'] {
  return value === 'only' || value === 'none' ? value : ''
}

function text(data: FormData, name: string): string {
  const value = data.get(name)
  return typeof value === 'string' ? value : ''
}
