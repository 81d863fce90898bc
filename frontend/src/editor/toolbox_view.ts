/** The toolbox beside the canvas: one list of all that may be put in, with a search; a click puts in, a drag carries out. */
import { askForNewTask } from './new_task'
import { OfferList } from './offer_list'
import type { Canvas } from './canvas'
import type { State } from './state'
import { shelvesFor } from './toolbox'

export class ToolboxView {
  private readonly list: OfferList
  private drawn: (Pick<State, 'script' | 'names'> & Pick<State['other'], 'inputs'>) | null = null

  constructor(place: HTMLElement, canvas: Canvas) {
    this.list = new OfferList({
      name: 'block-search',
      label: 'Find a block',
      hint: 'Find a block',
      most: 12,
      chosen: (entry) => canvas.insert(entry, null),
      newTask: (name) => askForNewTask(name, canvas.placeFor(false)),
      dragged: (entry, down) => canvas.carry(entry, down),
      left: () => canvas.focus(),
    })
    place.replaceChildren(...this.list.elements)
    canvas.throwAwayOver(place)
  }

  draw(state: State): void {
    const { script, names, other } = state
    if (this.drawn?.names === names && this.drawn.script === script && this.drawn.inputs === other.inputs) return
    this.drawn = { script, names, inputs: other.inputs }
    this.list.show(shelvesFor(script, names, other.inputs))
  }

  focus(): void {
    this.list.focus()
  }
}
