/** What stands on a canvas without blocks: one big + and what to do next. */
import { make } from '../lib/dom'
import { icon } from '../lib/icons'
import type { Script } from './documents'

type Words = readonly (string | HTMLElement)[]

const WORDS: Readonly<Record<Script, () => readonly [button: string, next: Words]>> = {
  execution: () => [
    'Add the first step',
    [
      'Or press ', make('kbd', {}, 'a'), ' on the canvas: type the name of a task, then ', make('kbd', {}, 'Enter'), '. ',
      make('span', { class: 'when-tools' }, 'Or drag one from the left. '), 'The same can be written in Python. The steps run for each element.',
    ],
  ],
  processing: () => [
    'Sort or filter the elements',
    ['Without a line here, the elements keep the order of their names, and none is left out.'],
  ],
}

export class EmptyNote {
  private readonly box = make('div', { class: 'canvas-empty', hidden: true })
  private drawn = ''

  constructor(
    private readonly pane: HTMLElement,
    private readonly begin: () => void,
  ) {
    pane.append(this.box)
  }

  draw(script: Script, isEmpty: boolean): void {
    const key = `${script} ${isEmpty}`
    if (key === this.drawn) return
    this.drawn = key
    this.box.hidden = !isEmpty
    this.pane.classList.toggle('is-empty', isEmpty)
    const [word, next] = WORDS[script]()
    const button = make('button', { type: 'button', class: 'btn btn-primary' }, icon('plus'), word)
    button.addEventListener('click', () => this.begin())
    this.box.replaceChildren(button, make('p', {}, ...next))
  }
}
