/** Which panes of the script are shown, and what of the page is kept in the address bar. */
import { need } from '../lib/dom'
import { CARDS, type Card } from './state'

const VIEWS = ['blocks', 'both', 'python'] as const

/** Keeps what is shown in the address bar. */
export function remember(name: string, value: string | null): void {
  const address = new URL(location.href)
  if (value === null) address.searchParams.delete(name)
  else address.searchParams.set(name, value)
  history.replaceState(null, '', address)
}

/** The card of the address; `?script=processing` is how the order was once named. */
export function cardOfAddress(): Card {
  const asked = new URLSearchParams(location.search)
  if (asked.get('script') === 'processing') return 'order'
  return CARDS.find((card) => card === asked.get('card')) ?? 'steps'
}

/** The buttons Blocks, Both and Python; where there is no room for both, both means blocks. */
export function listenForViews(): void {
  const main = need('#main', HTMLElement)
  const buttons = [...document.querySelectorAll<HTMLButtonElement>('button[data-view]')]
  const show = (view: string): void => {
    main.dataset['view'] = view
    for (const button of buttons) button.setAttribute('aria-pressed', String(button.dataset['view'] === view))
  }
  for (const button of buttons) {
    button.addEventListener('click', () => {
      const view = button.dataset['view'] ?? 'both'
      remember('view', view === 'both' ? null : view)
      show(view)
    })
  }
  const asked = new URLSearchParams(location.search).get('view')
  show(VIEWS.find((view) => view === asked) ?? (window.matchMedia('(min-width: 1200px)').matches ? 'both' : 'blocks'))
}
