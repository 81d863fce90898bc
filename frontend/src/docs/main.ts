/** The page of the API: search, calls opened by their address, and copying. Everything is in the page already. */
import './docs.css'

import { need } from '../lib/dom'

const search = need('#docs-search', HTMLInputElement)
const found = need('#docs-found', HTMLElement)
const none = need('#docs-none', HTMLElement)
const calls = [...document.querySelectorAll<HTMLDetailsElement>('.docs-call')]
const texts = new Map(calls.map((call) => [call.id, call.textContent.toLowerCase()]))

/** Shows the calls that hold every word. */
function filter(): void {
  const words = search.value.toLowerCase().split(/\s+/).filter((word) => word !== '')
  const shown = new Set(calls.map((call) => call.id).filter((id) => words.every((word) => texts.get(id)?.includes(word))))
  for (const call of calls) call.hidden = !shown.has(call.id)
  for (const line of document.querySelectorAll<HTMLElement>('[data-call]')) line.hidden = !shown.has(line.dataset['call'] ?? '')
  for (const section of document.querySelectorAll<HTMLElement>('.docs-section, .docs-section-links')) {
    section.hidden = section.querySelector('.docs-call:not([hidden]), [data-call]:not([hidden])') === null
  }
  found.textContent = words.length === 0 ? '' : `${shown.size} of ${calls.length} calls`
  none.hidden = shown.size > 0
}

/** The call that the address names is open and in view. */
function openNamed(): void {
  const call = calls.find((each) => `#${each.id}` === location.hash)
  if (call === undefined) return
  if (call.hidden) {
    search.value = ''
    filter()
  }
  call.open = true
  call.scrollIntoView()
}

async function copy(button: HTMLButtonElement): Promise<void> {
  const text = need('pre', HTMLPreElement, button.parentElement ?? document).textContent
  const before = button.lastChild
  await navigator.clipboard.writeText(text)
  if (before !== null) before.textContent = '\u00a0Copied'
  window.setTimeout(() => {
    if (before !== null) before.textContent = '\u00a0Copy'
  }, 2_000)
}

search.addEventListener('input', filter)
window.addEventListener('hashchange', openNamed)
for (const button of document.querySelectorAll<HTMLButtonElement>('[data-copy]')) {
  // Browsers give the clipboard to secure pages alone.
  if (window.isSecureContext) button.addEventListener('click', () => void copy(button))
  else button.hidden = true
}
filter()
openNamed()
