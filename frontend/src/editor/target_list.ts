/** The elements that the target selects now, beside the card Target; those that the order drops are struck through. */
import { make } from '../lib/dom'
import { icon } from '../lib/icons'
import { morphChildren } from '../lib/morph'
import type { TargetEffect, TargetRow } from '../wire/types'
import { Effects } from './effects'
import type { Asked, OrderPreview } from './documents'
import type { Page, State } from './state'
import { choosesSomething, kindOf } from './target_words'
import { counted } from './words'

export class TargetList {
  private readonly effects: Effects
  private readonly search: HTMLInputElement
  private readonly count = make('p', { class: 'side-count', role: 'status' })
  private readonly list = make('div', { class: 'side-rows' })

  constructor(
    place: HTMLElement,
    page: Page,
    told: () => void,
  ) {
    this.effects = new Effects(() => {
      this.draw(page.state())
      told()
    })
    this.search = make('input', {
      type: 'search',
      class: 'form-control form-control-sm',
      placeholder: 'Find by name, profile or group',
      'aria-label': 'Find an element',
      autocomplete: 'off',
    })
    this.search.addEventListener('input', () => this.draw(page.state()))
    place.classList.add('side')
    place.replaceChildren(make('h2', {}, 'Elements now'), this.count, this.search, this.list)
  }

  /** What was told last of the target as it is, or as it was a moment ago. */
  effect(): TargetEffect | null {
    return this.effects.now.answer
  }

  draw(state: State): void {
    if (state.card !== 'target') {
      this.effects.forget()
      return
    }
    const { target } = state.other
    const isAsked = target !== null && (kindOf(target) === 'all' || choosesSomething(target))
    this.effects.want(isAsked ? target : null, this.search.value.trim())
    this.search.hidden = !isAsked
    const { now } = this.effects
    morphChildren(this.count, countOf(state, now, isAsked))
    morphChildren(this.list, now.answer === null || !isAsked ? [] : rowsOf(now.answer, state.order.answer))
  }
}

function countOf(state: State, { answer, isAsking, problem }: Asked<TargetEffect>, isAsked: boolean): readonly Node[] {
  if (state.other.target === null) return [text('None by itself: whoever calls or starts the flow names them.')]
  if (!isAsked) return [text('Choose a profile, a group or a filter.')]
  if (problem !== null) return [wrong(`Not counted: ${problem}`)]
  if (answer === null) return [text('counting…')]
  if (answer.problem !== '') return [wrong(answer.problem)]
  const shown = answer.found > answer.rows.length ? `; the first ${answer.rows.length} are shown` : ''
  if (answer.count === null) return [wrong(`${counted(answer.found, 'element')} by the filters that can be read${shown}`)]
  if (answer.count === 0) return [wrong('No element matches. Take out a filter, or choose other groups.')]
  const found = answer.found === answer.count ? '' : `, ${answer.found} found`
  return [text(`${counted(answer.count, 'element')}${found}${shown}${isAsking ? ' …' : ''}`)]
}

function rowsOf(answer: TargetEffect, order: OrderPreview | null): readonly Node[] {
  const dropped = new Map((order?.dropped ?? []).map(({ name, why }) => [name, why]))
  return answer.rows.map((row) => rowOf(row, dropped.get(row.name)))
}

function rowOf({ name, profile, groups }: TargetRow, why: string | undefined): HTMLElement {
  const groupsText = groups.length === 0 ? profile : `${profile} · ${groups.join(', ')}`
  const title = why === undefined ? make('strong', {}, name) : make('s', {}, name)
  return make(
    'div',
    { class: `side-row${why === undefined ? '' : ' is-dropped'}`, 'data-key': name },
    title,
    make('span', { class: 'side-note' }, groupsText),
    why === undefined ? null : make('span', { class: 'side-why' }, `dropped by the order: ${why}`),
  )
}

function text(words: string): Node {
  return make('span', {}, words)
}

function wrong(words: string): Node {
  return make('span', { class: 'is-wrong' }, icon('alert-triangle'), words)
}
