/** Keys that work on every page: `g` then a letter goes to a page, `/` to the search, `?` tells them all. */
import { need } from '../lib/dom'
import { hasSingleKeys, switchSingleKeys } from '../lib/shortcuts'

const PLACES: Readonly<Record<string, string>> = {
  h: '/',
  r: '/runs/',
  f: '/flows/',
  t: '/tasks/',
  e: '/elements/',
  s: '/schedules/',
}
const WAITS_MS = 1_500

export function listenForKeys(): void {
  let wentAt = Number.NEGATIVE_INFINITY
  document.addEventListener('keydown', (event) => {
    if (!hasSingleKeys() || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return
    const place = PLACES[event.key]
    if (event.timeStamp - wentAt < WAITS_MS && place !== undefined) {
      event.preventDefault()
      location.assign(place)
      return
    }
    wentAt = event.key === 'g' ? event.timeStamp : Number.NEGATIVE_INFINITY
    if (event.key === '/') search(event)
    if (event.key === '?') showKeys()
  })
  document.querySelector('#keys-button')?.addEventListener('click', showKeys)
  const box = need('#keys-on', HTMLInputElement)
  box.checked = hasSingleKeys()
  box.addEventListener('change', () => switchSingleKeys(box.checked))
}

/** True where a letter is text, or a key of a canvas that has keys of its own. */
function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof Element)) return false
  return target.closest('input, textarea, select, [contenteditable], .cm-editor, .blocklyWidgetDiv, .injectionDiv, dialog[open]') !== null
}

function search(event: KeyboardEvent): void {
  const field = document.querySelector('[data-search]')
  if (!(field instanceof HTMLInputElement)) return
  event.preventDefault()
  field.focus()
  field.select()
}

function showKeys(): void {
  need('#keys', HTMLDialogElement).showModal()
}
