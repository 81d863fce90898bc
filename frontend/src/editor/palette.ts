/** The palette: the toolbox's list where the next block goes. Type, Enter; Escape gives the focus back. */
import { make } from '../lib/dom'
import type { Canvas } from './canvas'
import { askForNewTask } from './new_task'
import { OfferList } from './offer_list'
import type { Place } from './places'
import type { Entry, Shelf } from './toolbox'

const ABOVE_BELOW = 4
const MARGIN = 8
/** A list this high can be read: it covers the place rather than being less. */
const LEAST_ROOM = 200

export class Palette {
  private readonly list: OfferList
  private readonly head = make('div', { class: 'palette-head', id: 'palette-head' })
  private readonly box: HTMLElement
  private at: Place | null = null

  /** `shelves` is asked when the palette opens; `pane` is what the canvas fills. */
  constructor(
    private readonly pane: HTMLElement,
    private readonly canvas: Canvas,
    private readonly shelves: () => readonly Shelf[],
  ) {
    this.list = new OfferList({
      name: 'palette-search',
      label: 'Put in',
      hint: 'Type a name, Enter puts it in',
      most: 8,
      chosen: (entry) => this.choose(entry),
      newTask: (name) => askForNewTask(name, this.at ?? this.canvas.placeFor(false)),
      dragged: null,
      left: () => this.close(true),
    })
    this.box = make('div', { class: 'palette', role: 'dialog', 'aria-labelledby': 'palette-head', hidden: true }, this.head, ...this.list.elements)
    pane.append(this.box)
    document.addEventListener('pointerdown', (event) => {
      if (!this.box.hidden && event.target instanceof Node && !this.box.contains(event.target)) this.close(false)
    })
    this.box.addEventListener('focusout', (event) => {
      if (event.relatedTarget instanceof Node && !this.box.contains(event.relatedTarget)) this.close(false)
    })
  }

  /** At this place, or where what is selected says. */
  open(place: Place | null): void {
    this.at = place
    const shown = place ?? this.canvas.placeFor(false)
    const target = place ?? this.canvas.selectedHole() ?? shown
    if (target === null) return
    if (target.kind === 'hole' || target.kind === 'instead') this.at = target
    const wantsValue = this.at?.kind === 'hole' || this.at?.kind === 'instead'
    const wantsStatement = target.kind === 'first' || (this.at !== null && !wantsValue)
    this.list.clear()
    this.list.show(fitting(this.shelves(), wantsValue ? true : wantsStatement ? false : null))
    this.head.textContent = this.canvas.told(target)
    this.box.hidden = false
    this.stand(target)
    this.list.focus()
  }

  private choose(entry: Entry): void {
    // The focus goes straight to the new block: on its way back it would come to a gap that is then no more.
    const isIn = this.canvas.insert(entry, this.at)
    this.close(!isIn)
  }

  private close(givesBack: boolean): void {
    if (this.box.hidden) return
    this.box.hidden = true
    if (givesBack) this.canvas.focus()
  }

  /** Below the place, or above it where there is more room; what has no room there scrolls. */
  private stand(place: Place): void {
    const pane = this.pane.getBoundingClientRect()
    const { x, top, bottom } = this.canvas.spotOf(place)
    const below = pane.bottom - MARGIN - bottom - ABOVE_BELOW
    const above = top - ABOVE_BELOW - pane.top - MARGIN
    this.box.style.removeProperty('max-height')
    const { offsetWidth: width, offsetHeight: height } = this.box
    const isBelow = height <= below || below >= above
    const left = Math.max(pane.left + MARGIN, Math.min(x, pane.right - MARGIN - width))
    // The edge at the place stays there however short the list becomes.
    const room = Math.max(LEAST_ROOM, isBelow ? below : above)
    const edge = Math.max(MARGIN, pane.height - MARGIN - room)
    this.box.style.setProperty('left', `${left - pane.left}px`)
    this.box.style.setProperty('top', isBelow ? `${Math.min(bottom + ABOVE_BELOW - pane.top, edge)}px` : 'auto')
    this.box.style.setProperty('bottom', isBelow ? 'auto' : `${Math.min(pane.bottom - top + ABOVE_BELOW, edge)}px`)
    this.box.style.setProperty('max-height', `${Math.min(room, height, pane.height - 2 * MARGIN)}px`)
  }
}

/** The entries that fit: values alone, statements alone, or all. */
function fitting(shelves: readonly Shelf[], isValue: boolean | null): readonly Shelf[] {
  if (isValue === null) return shelves
  return shelves
    .map((shelf) => ({
      ...shelf,
      entries: shelf.entries.filter((entry) => entry.isValue === isValue),
      names: isValue ? 0 : shelf.names,
    }))
    .filter((shelf) => shelf.entries.length > 0)
}
