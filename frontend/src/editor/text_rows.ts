/** A list of texts, each in a field: one that was added and is still empty is no part of the draft yet. */
import { focusSoon, rows, type Form, type Part } from './form_parts'

interface Wants {
  /** Of the fields' ids: `name-0`, `name-1`, ... */
  readonly name: string
  /** The id of the button that adds one. */
  readonly adds: string
  readonly stored: () => readonly string[]
  readonly store: (texts: readonly string[], place: string) => void
  readonly makeRow: (index: number) => Part
}

export class TextRows {
  private isAdding = false
  private readonly part: Part
  private last: Form | null = null

  constructor(
    readonly node: HTMLElement,
    private readonly wants: Wants,
  ) {
    this.part = rows(node, () => this.count(), wants.makeRow)
  }

  draw(form: Form): void {
    this.last = form
    this.part.draw(form)
  }

  textAt(index: number): string {
    return this.wants.stored()[index] ?? ''
  }

  count(): number {
    return this.wants.stored().length + (this.isAdding ? 1 : 0)
  }

  /** The last one goes out of the draft while it is empty, and stays a field. */
  write(index: number, text: string): void {
    const stored = this.wants.stored()
    const place = `${this.wants.name} ${index}`
    if (index >= stored.length) {
      if (text === '') return
      this.isAdding = false
      this.wants.store([...stored, text], place)
    } else if (text === '' && index === stored.length - 1 && !this.isAdding) {
      this.isAdding = true
      this.wants.store(stored.slice(0, -1), place)
    } else this.wants.store(stored.with(index, text), place)
  }

  add(): void {
    this.isAdding = true
    this.redraw()
    focusSoon(`${this.wants.name}-${this.count() - 1}`)
  }

  remove(index: number): void {
    const stored = this.wants.stored()
    if (index < stored.length) this.wants.store(stored.toSpliced(index, 1), `remove ${this.wants.name} ${stored.length}`)
    else {
      this.isAdding = false
      this.redraw()
    }
    focusSoon(this.count() === 0 ? this.wants.adds : `${this.wants.name}-${Math.max(0, index - 1)}`)
  }

  private redraw(): void {
    if (this.last !== null) this.part.draw(this.last)
  }
}
