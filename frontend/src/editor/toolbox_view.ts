/** The toolbox beside the canvas: one list of all that may be put in, with a search; a click puts in, a drag carries out. */
import { OfferList } from './offer_list'
import type { Canvas } from './canvas'
import type { State } from './state'
import { shelvesFor } from './toolbox'

export class ToolboxView {
  private readonly list: OfferList
  private drawn: Pick<State, 'script' | 'names'> | null = null

  constructor(place: HTMLElement, canvas: Canvas) {
    this.list = new OfferList({
      name: 'block-search',
      label: 'Find a block',
      hint: 'Find a block',
      most: 12,
      chosen: (entry) => canvas.insert(entry, null),
      dragged: (entry, down) => canvas.carry(entry, down),
      left: () => canvas.focus(),
    })
    place.replaceChildren(...this.list.elements)
    canvas.throwAwayOver(place)
  }

  draw(state: State): void {
    if (this.drawn?.names === state.names && this.drawn.script === state.script) return
    this.drawn = { script: state.script, names: state.names }
    this.list.show(shelvesFor(state.script, state.names))
  }

  focus(): void {
    this.list.focus()
  }
}
