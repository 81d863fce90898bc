/** Asks before a page is left with a form that was changed and not sent: links ask in the page, closing asks as the browser does. */
import { make } from '../lib/dom'
import { leadsAway, leavingWords } from './leaving_words'
import { formsToSave, holdsUnsaved, unsavedFields } from './unsaved'

export function askBeforeLeaving(): void {
  const forms = formsToSave()
  let isDecided = false
  window.addEventListener('submit', (event) => {
    isDecided = !event.defaultPrevented && forms.some((form) => form === event.target)
  })
  window.addEventListener('pageshow', () => {
    isDecided = false
  })
  window.addEventListener('beforeunload', (event) => {
    if (!isDecided && forms.some(holdsUnsaved)) event.preventDefault()
  })
  document.addEventListener('click', (event) => {
    const link = linkOf(event)
    if (link === null || !leadsAway(link.href, location.href)) return
    const unsaved = forms.filter(holdsUnsaved)
    if (unsaved.length === 0) return
    event.preventDefault()
    ask(unsaved.flatMap(unsavedFields), () => {
      isDecided = true
      location.assign(link.href)
    })
  })
}

/** The link that this click follows in this window; null where it follows none, or opens another window. */
function linkOf(event: MouseEvent): HTMLAnchorElement | null {
  if (event.defaultPrevented || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return null
  const link = event.target instanceof Element ? event.target.closest<HTMLAnchorElement>('a[href]') : null
  return link === null || link.target === '_blank' || link.hasAttribute('download') ? null : link
}

function ask(fields: readonly string[], leave: () => void): void {
  const dialog = make(
    'dialog', { class: 'box', 'aria-labelledby': 'leaving-title', 'aria-describedby': 'leaving-words' },
    make('h2', { class: 'h3', id: 'leaving-title' }, 'Leave without saving?'),
    make('p', { id: 'leaving-words' }, leavingWords(fields)),
    make(
      'form', { method: 'dialog', class: 'form-buttons' },
      make('button', { class: 'btn btn-primary', value: '', autofocus: true }, 'Stay'),
      make('button', { class: 'btn', value: 'leave' }, 'Leave without saving'),
    ),
  )
  dialog.addEventListener('close', () => {
    dialog.remove()
    if (dialog.returnValue === 'leave') leave()
  })
  document.body.append(dialog)
  dialog.showModal()
}
