/** A line over the canvas that says for a while what happened, or why something did not. */
import { make } from '../lib/dom'
import { icon } from '../lib/icons'

const SHOWN_MS = 8_000

export class Saying {
  private readonly line = make('div', { class: 'canvas-said', role: 'status' })
  private timer = 0

  constructor(pane: HTMLElement) {
    pane.append(this.line)
  }

  /** `isWarning`: something did not happen. */
  say(message: string, isWarning = true): void {
    window.clearTimeout(this.timer)
    this.line.classList.toggle('is-plain', !isWarning)
    this.line.replaceChildren(icon(isWarning ? 'alert-circle' : 'history'), make('span', {}, message))
    this.timer = window.setTimeout(() => this.clear(), SHOWN_MS)
  }

  /** What was said is true no more. */
  clear(): void {
    this.line.replaceChildren()
  }
}
