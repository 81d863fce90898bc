/** The card Target: which elements the flow runs on, with the effect of each filter as it is written. */
import { make } from '../lib/dom'
import type { Target, TargetEffect } from '../wire/types'
import { filterPart } from './filters'
import { section, selectField, wrongPlace, type Form, type Option, type Part } from './form_parts'
import { groupChips, type Counted } from './groups'
import { keyProblemsOf } from './key_problems'
import type { Page, State } from './state'
import { kindOf, targetOfKind, type TargetKind } from './target_words'

const KINDS: readonly (readonly [kind: TargetKind, label: string, help: string])[] = [
  ['chosen', 'Chosen elements', 'By profile, groups and filters, found anew at each start.'],
  ['all', 'The whole fleet', 'Every enabled element.'],
  ['none', 'Named at each start', 'Whoever starts it, or the flow that calls it, names the elements.'],
]

export interface Fleet {
  readonly profiles: readonly Counted[]
  readonly groups: readonly Counted[]
}

export class TargetCard {
  private readonly kinds: Part
  private readonly chosen: Part
  /** What was chosen, for whoever looks at another kind and comes back. */
  private before: Target = { profile: null, groups: [], filters: [] }

  constructor(
    place: HTMLElement,
    private readonly page: Page,
    fleet: Fleet,
    effect: () => TargetEffect | null,
  ) {
    this.kinds = this.kindPart()
    this.chosen = section(
      'Chosen by',
      'Everything that is given here must hold.',
      this.profilePart(fleet.profiles),
      groupChips(fleet.groups, page.canWrite, (groups) => this.retarget({ groups }, groups.join(' '))),
      filterPart(page, effect, (change, place) => this.retarget(change, place)),
    )
    place.replaceChildren(make('div', { class: 'card-form' }, this.kinds.node, this.chosen.node))
  }

  draw(state: State): void {
    if (state.card !== 'target') return
    const { target } = state.other
    const isChosen = target !== null && kindOf(target) === 'chosen'
    if (isChosen) this.before = target
    const form: Form = { keys: state.other, state, problems: keyProblemsOf(state) }
    this.kinds.draw(form)
    this.chosen.node.hidden = !isChosen
    if (isChosen) this.chosen.draw(form)
  }

  private kindPart(): Part {
    const radios = KINDS.map(([kind, label, help]) => {
      const radio = make('input', {
        type: 'radio',
        class: 'form-check-input',
        name: 'target-kind',
        id: `target-${kind}`,
        disabled: !this.page.canWrite,
      })
      radio.addEventListener('change', () => this.change(targetOfKind(kind, this.before), kind))
      const text = make('span', { class: 'form-check-label' }, label, make('small', { class: 'form-hint' }, help))
      return { kind, radio, node: make('label', { class: 'form-check card-kind', for: radio.id }, radio, text) }
    })
    const wrong = wrongPlace('target-wrong', ['target.all', 'target.groups'])
    const legend = make('legend', {}, 'On which elements the flow runs')
    const node = make('fieldset', { class: 'card-section' }, legend, ...radios.map((one) => one.node), wrong.node)
    return {
      node,
      draw: (form) => {
        for (const { kind, radio } of radios) radio.checked = kindOf(form.keys.target) === kind
        wrong.draw(form)
      },
    }
  }

  private profilePart(profiles: readonly Counted[]): Part {
    return selectField({
      id: 'target-profile',
      label: 'Profile',
      help: 'One kind of element: how it is reached, and its defaults.',
      canWrite: this.page.canWrite,
      key: 'target.profile',
      width: 'short',
      options: ({ keys }) => profileOptions(profiles, keys.target?.profile ?? ''),
      get: (keys) => keys.target?.profile ?? '',
      tell: (name) => this.retarget({ profile: name === '' ? null : name }, `profile ${name}`),
    })
  }

  private retarget(change: Partial<Target>, place: string): void {
    this.change({ profile: null, groups: [], filters: [], ...this.page.state().other.target, ...change }, place)
  }

  private change(target: Target | null, place: string): void {
    this.page.dispatch({ type: 'keys-changed', keys: { target }, place })
  }
}

function profileOptions(profiles: readonly Counted[], chosen: string): readonly Option[] {
  const isGone = chosen !== '' && !profiles.some(({ name }) => name === chosen)
  const known = profiles.map(({ name, members }) => [name, `${name} (${members})`] as const)
  return [['', 'any profile'], ...known, ...(isGone ? [[chosen, `missing: ${chosen}`] as const] : [])]
}
