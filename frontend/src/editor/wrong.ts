/** What is wrong, line by line, in its place. */
import { make } from '../lib/dom'
import { icon } from '../lib/icons'

export function tellWrong(place: HTMLElement, problems: readonly string[]): void {
  if (place.dataset['key'] === problems.join('\n') && place.childElementCount === problems.length) return
  place.dataset['key'] = problems.join('\n')
  place.replaceChildren(...problems.map((text) => make('div', {}, icon('alert-triangle'), text)))
}
