/** A list of blocks with a search on top, as the toolbox and the palette show it: typed into, walked by arrow keys. */
import { make } from '../lib/dom'
import { icon } from '../lib/icons'
import { searched, type Entry, type Shelf } from './toolbox'

const MOST_FOUND = 60
const DRAG_PIXELS = 5

export interface OfferActs {
  /** The id of the search field; the list's ids begin with it. */
  readonly name: string
  readonly label: string
  readonly hint: string
  /** Names of tasks, and of flows, that are shown while nothing is searched for. */
  readonly most: number
  readonly chosen: (entry: Entry) => void
  /** A task is to be made; `name` is what was searched for. */
  readonly newTask: (name: string) => void
  /** The pointer went down on an entry and moved on. */
  readonly dragged: ((entry: Entry, down: PointerEvent) => void) | null
  /** Escape, with nothing left to clear. */
  readonly left: () => void
}

type Line = { readonly entry: Entry } | 'new-task'

export class OfferList {
  readonly elements: readonly HTMLElement[]
  private readonly input: HTMLInputElement
  private readonly list: HTMLElement
  private shelves: readonly Shelf[] = []
  private readonly lines: Line[] = []
  private at = 0

  constructor(private readonly acts: OfferActs) {
    this.input = make('input', {
      type: 'search',
      id: acts.name,
      class: 'form-control form-control-sm',
      placeholder: acts.hint,
      'aria-label': acts.label,
      role: 'combobox',
      'aria-expanded': 'true',
      'aria-controls': `${acts.name}-list`,
      'aria-autocomplete': 'list',
      autocomplete: 'off',
      spellcheck: 'false',
      'data-search': true,
    })
    this.list = make('div', { class: 'offer-list', id: `${acts.name}-list`, role: 'listbox', 'aria-label': acts.label })
    this.elements = [make('div', { class: 'ed-search' }, icon('search'), this.input), this.list]
    this.input.addEventListener('input', () => this.draw())
    this.input.addEventListener('keydown', (event) => this.hear(event))
    this.list.addEventListener('pointerdown', (event) => this.grab(event))
    // The focus stays where it is: without it the palette would go before the click comes.
    this.list.addEventListener('mousedown', (event) => event.preventDefault())
    this.list.addEventListener('click', (event) => this.click(event))
  }

  show(shelves: readonly Shelf[]): void {
    this.shelves = shelves
    this.draw()
  }

  clear(): void {
    this.input.value = ''
  }

  focus(): void {
    this.input.focus()
    this.input.select()
  }

  private draw(): void {
    const query = this.input.value.trim()
    this.lines.length = 0
    this.at = 0
    this.list.replaceChildren(...(query === '' ? this.shelves.map((shelf) => this.group(shelf)) : this.found(query)))
    this.list.scrollTop = 0
    this.mark(query !== '')
  }

  private group(shelf: Shelf): HTMLElement {
    const isNamed = shelf.names > 0
    const names = shelf.entries.slice(0, Math.min(shelf.names, this.acts.most))
    const more = shelf.names - names.length
    const group = make(
      'div',
      { role: 'group', 'aria-label': shelf.title },
      make('div', { class: 'offer-title', 'aria-hidden': 'true' }, shelf.title),
    )
    if (shelf.title === 'Tasks') group.append(this.newTask())
    group.append(...names.map((entry) => this.option(entry)))
    if (more > 0) group.append(make('div', { class: 'offer-more', role: 'presentation' }, `${more} more: type a part of the name`))
    group.append(...shelf.entries.slice(isNamed ? shelf.names : 0).map((entry) => this.option(entry)))
    return group
  }

  private found(query: string): readonly HTMLElement[] {
    const entries = searched(this.shelves, query)
    const options = entries.slice(0, MOST_FOUND).map((entry) => this.option(entry))
    const hasTasks = this.shelves.some((shelf) => shelf.title === 'Tasks')
    if (entries.length > MOST_FOUND)
      options.push(make('div', { class: 'offer-more', role: 'presentation' }, `${entries.length - MOST_FOUND} more`))
    if (entries.length === 0)
      options.push(make('div', { class: 'offer-more', role: 'presentation' }, 'Nothing is named like this.'))
    return hasTasks ? [...options, this.newTask(query)] : options
  }

  private option(entry: Entry): HTMLElement {
    this.lines.push({ entry })
    return make(
      'div',
      {
        role: 'option',
        class: `offer offer-${entry.category}`,
        id: `${this.acts.name}-${this.lines.length - 1}`,
        'data-line': this.lines.length - 1,
        'data-type': entry.state.type,
        'data-value': String(entry.isValue),
        'aria-selected': 'false',
        title: entry.told,
      },
      icon(entry.sign, 'icon offer-icon'),
      make('span', { class: 'offer-label' }, ...entry.label.map(({ text, isHole }) => (isHole ? make('i', {}, text) : text))),
      entry.note === '' ? null : make('span', { class: 'offer-note' }, entry.note),
    )
  }

  private newTask(query = ''): HTMLElement {
    this.lines.push('new-task')
    return make(
      'div',
      {
        role: 'option',
        class: 'offer offer-new',
        id: `${this.acts.name}-${this.lines.length - 1}`,
        'data-line': this.lines.length - 1,
        'aria-selected': 'false',
      },
      icon('plus', 'icon offer-icon'),
      make('span', { class: 'offer-label' }, query === '' ? 'New task…' : `New task “${query}”…`),
    )
  }

  /** Shows which line Enter would choose; while nothing is searched for, none until an arrow key is pressed. */
  private mark(isShown: boolean): void {
    for (const option of this.list.querySelectorAll('[aria-selected=true]')) option.setAttribute('aria-selected', 'false')
    const option = isShown ? this.list.querySelector(`[data-line="${this.at}"]`) : null
    option?.setAttribute('aria-selected', 'true')
    option?.scrollIntoView({ block: 'nearest' })
    this.input.setAttribute('aria-activedescendant', option?.id ?? '')
  }

  private hear(event: KeyboardEvent): void {
    event.stopPropagation()
    const isMarked = this.input.getAttribute('aria-activedescendant') !== ''
    const last = this.lines.length - 1
    if (event.key === 'ArrowDown') this.at = isMarked ? Math.min(last, this.at + 1) : 0
    else if (event.key === 'ArrowUp') this.at = Math.max(0, this.at - 1)
    else if (event.key === 'PageDown') this.at = Math.min(last, this.at + 10)
    else if (event.key === 'PageUp') this.at = Math.max(0, this.at - 10)
    else if (event.key === 'Enter') this.choose(isMarked ? this.lines[this.at] : undefined)
    else if (event.key === 'Escape') this.leave()
    else return
    event.preventDefault()
    if (event.key.startsWith('Arrow') || event.key.startsWith('Page')) this.mark(true)
  }

  private leave(): void {
    if (this.input.value !== '') {
      this.input.value = ''
      this.draw()
    }
    this.acts.left()
  }

  private choose(line: Line | undefined): void {
    if (line === undefined) return
    const query = this.input.value.trim()
    this.input.value = ''
    this.draw()
    if (line === 'new-task') this.acts.newTask(query)
    else this.acts.chosen(line.entry)
  }

  private lineAt(target: EventTarget | null): Line | undefined {
    const option = target instanceof Element ? target.closest('[data-line]') : null
    return option === null ? undefined : this.lines[Number(option.getAttribute('data-line'))]
  }

  private click(event: MouseEvent): void {
    this.choose(this.lineAt(event.target))
  }

  /** A pointer that moves on takes the block along; one that is let go where it went down is a click. */
  private grab(down: PointerEvent): void {
    const line = this.lineAt(down.target)
    const { dragged } = this.acts
    if (dragged === null || line === undefined || line === 'new-task' || down.button !== 0 || down.pointerType === 'touch')
      return
    down.preventDefault()
    const listening = new AbortController()
    const { signal } = listening
    const stop = (): void => listening.abort()
    window.addEventListener(
      'pointermove',
      (move) => {
        if (Math.hypot(move.clientX - down.clientX, move.clientY - down.clientY) < DRAG_PIXELS) return
        stop()
        dragged(line.entry, down)
      },
      { signal },
    )
    window.addEventListener('pointerup', stop, { signal })
    window.addEventListener('pointercancel', stop, { signal })
  }
}
