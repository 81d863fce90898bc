/** Keys of one character work wherever one is. Speech and a shaking hand press them too, so they can be switched off
 * (WCAG 2.2, 2.1.4). Keys of a canvas or grid that has the focus are not meant. */
import { make } from './dom'

const NAME = 'single-keys'

export function hasSingleKeys(): boolean {
  return localStorage.getItem(NAME) !== 'off'
}

export function switchSingleKeys(on: boolean): void {
  if (on) localStorage.removeItem(NAME)
  else localStorage.setItem(NAME, 'off')
}

/** Adds keys of a page to those that every page has, under a title of their own. */
export function tellKeys(title: string, keys: readonly (readonly [key: string, does: string])[]): void {
  const rows = keys.map(([key, does]) => make('tr', {}, make('td', {}, make('kbd', {}, key)), make('td', {}, does)))
  const table = make('table', { class: 'table table-sm' }, make('caption', {}, title), make('tbody', {}, ...rows))
  document.querySelector('#keys .keys-parts')?.append(table)
}
