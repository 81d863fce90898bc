/** Where the settings stand far below the blocks: a bar at the foot that leads to those of the selected block, and back. */
import { make } from '../lib/dom'
import { icon } from '../lib/icons'
import { stepPhrase } from '../lib/steps'
import { Around } from './around'
import { titleOf } from './block_view'
import type { State } from './state'

export class Jump {
  private readonly bar = make('button', { type: 'button', class: 'btn ed-jump', hidden: true })
  private readonly back = make('button', { type: 'button', class: 'btn btn-sm ed-jump-back', hidden: true }, icon('arrow-up'), 'Back to the block')
  private drawn: readonly unknown[] = []

  constructor(main: HTMLElement, settings: HTMLElement, canvas: HTMLElement, focus: { readonly settings: () => void; readonly blocks: () => void }) {
    this.bar.addEventListener('click', () => {
      settings.scrollIntoView({ block: 'start' })
      focus.settings()
    })
    this.back.addEventListener('click', () => {
      canvas.scrollIntoView({ block: 'center' })
      focus.blocks()
    })
    settings.before(this.back)
    main.append(this.bar)
    // Whoever is there needs no way to it.
    new IntersectionObserver(([seen]) => this.bar.classList.toggle('is-there', seen?.isIntersecting === true)).observe(settings)
  }

  draw(state: State): void {
    const side = state.sides[state.script]
    const key = [state.card, state.pointed.block, side.placed, side.sites]
    if (key.every((one, at) => one === this.drawn[at])) return
    this.drawn = key
    const name = state.card === 'steps' || state.card === 'order' ? selectedName(state) : null
    this.bar.hidden = this.back.hidden = name === null
    this.bar.replaceChildren(icon('arrow-down'), `Settings of ${name ?? ''}`)
  }
}

/** "2 Restart service", "If"; null where nothing is selected. */
function selectedName(state: State): string | null {
  const side = state.sides[state.script]
  const around = new Around(side.placed)
  const block = around.block(state.pointed.block)
  if (block === null) return null
  const [site] = state.script === 'execution' ? around.sites(block.id, side.sites) : []
  return site === undefined ? titleOf(block.type) : `${site.site} ${stepPhrase(site.step, site.name)}`
}
