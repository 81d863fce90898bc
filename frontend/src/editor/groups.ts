/** The groups of a target, as chips that are pressed or not; a search finds them where there are many. */
import { make } from '../lib/dom'
import { morphChildren } from '../lib/morph'
import type { Part } from './form_parts'

/** A profile or group, and how many elements it has. */
export interface Counted {
  readonly name: string
  readonly members: number
}

const MOST_SHOWN = 40
const FEW = 12

/** Groups of which an element must be in at least one. */
export function groupChips(groups: readonly Counted[], canWrite: boolean, tell: (names: readonly string[]) => void): Part {
  const search = make('input', {
    type: 'search',
    class: 'form-control form-control-sm is-short',
    id: 'group-search',
    placeholder: `Find one of ${groups.length} groups`,
    'aria-label': 'Find a group',
    autocomplete: 'off',
    hidden: groups.length <= FEW,
  })
  const chips = make('div', { class: 'card-chips' })
  const node = make(
    'fieldset',
    { class: 'card-field' },
    make('legend', { class: 'form-label' }, 'Groups'),
    search,
    chips,
    make('small', { class: 'form-hint' }, 'An element must be in at least one of those that you choose. None chosen: groups do not matter.'),
  )
  let chosen: readonly string[] = []
  const draw = (): void => {
    const { shown, more } = shownGroups(groups, chosen, search.value)
    const drawn: Node[] = shown.map(({ name, members }) => chip(name, members, chosen.includes(name), canWrite))
    if (more > 0) drawn.push(make('span', { class: 'form-hint' }, `and ${more} more: type a part of the name`))
    if (groups.length === 0) drawn.push(make('span', { class: 'form-hint' }, 'There are no groups yet.'))
    morphChildren(chips, drawn)
  }
  search.addEventListener('input', draw)
  chips.addEventListener('click', (event) => {
    const name = event.target instanceof Element ? event.target.closest('button')?.dataset['key'] : undefined
    if (name === undefined || !canWrite) return
    tell(chosen.includes(name) ? chosen.filter((one) => one !== name) : [...chosen, name])
  })
  return {
    node,
    draw: ({ keys }) => {
      chosen = keys.target?.groups ?? []
      draw()
    },
  }
}

/** Those chosen first where there are many, then those that are searched; a chosen one that is gone has null members. */
export function shownGroups(
  groups: readonly Counted[],
  chosen: readonly string[],
  search: string,
): { readonly shown: readonly { readonly name: string; readonly members: number | null }[]; readonly more: number } {
  const gone = chosen.filter((name) => !groups.some((group) => group.name === name)).map((name) => ({ name, members: null }))
  if (groups.length <= FEW) return { shown: [...gone, ...groups], more: 0 }
  const wanted = search.trim().toLowerCase()
  const found = groups.filter(({ name }) => !chosen.includes(name) && name.toLowerCase().includes(wanted))
  const first = groups.filter(({ name }) => chosen.includes(name))
  return { shown: [...gone, ...first, ...found.slice(0, MOST_SHOWN)], more: Math.max(0, found.length - MOST_SHOWN) }
}

function chip(name: string, members: number | null, isChosen: boolean, canWrite: boolean): HTMLElement {
  const isMissing = members === null
  const unit = make('span', { class: 'visually-hidden' }, members === 1 ? ' element' : ' elements')
  const count = isMissing ? null : make('span', { class: 'card-chip-count' }, String(members), unit)
  return make(
    'button',
    {
      type: 'button',
      class: `card-chip${isMissing ? ' is-missing' : ''}`,
      'data-key': name,
      'aria-pressed': String(isChosen),
      title: isMissing ? 'There is no such group' : null,
      disabled: !canWrite,
    },
    make('span', {}, isMissing ? `missing: ${name}` : name),
    count,
  )
}
