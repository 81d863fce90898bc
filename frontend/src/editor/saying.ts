/** A line over the canvas that says for a while why something did not happen. */
import { make } from '../lib/dom'
import { icon } from '../lib/icons'

const SHOWN_MS = 8_000

export class Saying {
  private readonly line = make('div', { class: 'canvas-said', role: 'status' })
  private timer = 0

  constructor(pane: HTMLElement) {
    pane.append(this.line)
  }

  say(message: string): void {
    window.clearTimeout(this.timer)
    this.line.replaceChildren(icon('alert-circle'), make('span', {}, message))
    this.timer = window.setTimeout(() => this.line.replaceChildren(), SHOWN_MS)
  }
}
