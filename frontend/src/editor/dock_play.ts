/** Plays the waves of a plan: a slider with a button that moves it. */
import { make } from '../lib/dom'
import { icon } from '../lib/icons'
import { toldWave } from './dock_board'
import type { DraftPlan } from './documents'

/** A plan is played in so long, whatever it has, but no wave is shorter than a person can see. */
const WHOLE_MS = 12_000
const LEAST_MS = 60
const MOST_MS = 700

export class Player {
  readonly element: HTMLElement
  private readonly slider = make('input', { type: 'range', class: 'dk-slider', min: 0, max: 0, value: 0, 'aria-label': 'Wave', id: 'dock-slider' })
  private readonly button = make('button', { type: 'button', class: 'btn btn-sm btn-icon', id: 'dock-play' })
  private readonly told = make('span', { class: 'dk-wave' })
  private plan: DraftPlan | null = null
  private timer = 0

  constructor(private readonly changed: () => void) {
    this.element = make('div', { class: 'dk-play', role: 'group', 'aria-label': 'Play the waves' }, this.button, this.slider, this.told)
    this.button.addEventListener('click', () => (this.timer === 0 ? this.play() : this.pause()))
    this.slider.addEventListener('input', () => {
      this.pause()
      this.tell()
      this.changed()
    })
  }

  /** The wave that is played, 0 for none. */
  wave(): number {
    return Number(this.slider.value)
  }

  show(plan: DraftPlan | null): void {
    const total = plan?.plan?.waves_total ?? 0
    this.element.hidden = total === 0
    if (plan !== this.plan) {
      this.plan = plan
      this.slider.max = String(total)
      if (this.wave() > total) this.slider.value = '0'
    }
    this.tell()
  }

  private play(): void {
    const total = Number(this.slider.max)
    if (this.wave() >= total) this.slider.value = '0'
    const pause = Math.min(MOST_MS, Math.max(LEAST_MS, WHOLE_MS / Math.max(total, 1)))
    const stride = Math.max(1, Math.ceil((total * LEAST_MS) / WHOLE_MS))
    const go = (): void => {
      this.slider.value = String(Math.min(total, this.wave() + stride))
      if (this.wave() >= total) this.pause()
      this.tell()
      this.changed()
    }
    this.timer = window.setInterval(go, pause)
    go()
  }

  private pause(): void {
    window.clearInterval(this.timer)
    this.timer = 0
    this.tell()
  }

  private tell(): void {
    const words = this.plan === null ? '' : toldWave(this.plan, this.wave())
    if (this.told.textContent !== words) this.told.textContent = words
    this.slider.setAttribute('aria-valuetext', words)
    const does = this.timer === 0 ? 'Play the waves' : 'Pause'
    if (this.button.getAttribute('aria-label') === does) return
    this.button.setAttribute('aria-label', does)
    this.button.title = does
    this.button.replaceChildren(icon(this.timer === 0 ? 'player-play' : 'player-pause'))
  }
}
