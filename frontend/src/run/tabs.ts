/** The tabs of the page, and the search in the names of elements. */
import { make } from '../lib/dom'
import { icon } from '../lib/icons'
import type { PageState } from './state'
import type { Tab } from './address'

export function tabsView(state: PageState): HTMLElement {
  const counts = [...(state.tree?.bands.values() ?? [])].map((band) => band.counts)
  const trouble = counts.some((one) => (one.failed ?? 0) + (one.unreachable ?? 0) + (one.stopped ?? 0) + (one.cancelled ?? 0) > 0)
  return make(
    'div', {},
    make('div', { class: 'run-tablist', role: 'tablist', 'aria-label': 'Views of the run' }, tab(state, 'matrix', 'Matrix'), tab(state, 'blocks', 'Blocks'), tab(state, 'events', 'Events')),
    state.tab === 'matrix' && trouble
      ? make(
          'button', { type: 'button', class: 'btn btn-sm', 'data-act': 'next trouble', 'data-key': 'trouble', title: 'Next element in trouble (n)' },
          icon('arrow-down'), ' Next failure',
        )
      : null,
    state.tab === 'matrix'
      ? make('input', {
          type: 'search', class: 'form-control form-control-sm run-search', 'data-search': true, 'data-act': 'search', 'data-key': 'search',
          placeholder: 'Find an element', 'aria-label': 'Find an element', autocomplete: 'off',
        })
      : null,
  )
}

function tab(state: PageState, name: Tab, word: string): HTMLElement {
  const isHere = state.tab === name
  return make(
    'button',
    {
      type: 'button', role: 'tab', class: 'run-tab', 'data-act': 'tab', 'data-tab': name, 'aria-selected': isHere ? 'true' : 'false',
      'aria-controls': `run-${name}`, tabindex: isHere ? 0 : -1,
    },
    word,
  )
}
