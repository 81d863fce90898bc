/** The mark of a try: a run of what is no version. Icon, word and colour, as `{% try_mark %}` draws it. */
import { make } from './dom'
import { icon } from './icons'

export function tryMark(): HTMLSpanElement {
  return make('span', { class: 'try-mark', title: 'It really ran, and counts in no statistics' }, icon('flask'), 'Try')
}
