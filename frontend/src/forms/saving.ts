/** Says beside the button of a form that something in it is not saved, and sends the form at Ctrl S: one that publishes
 * asks for another press, on its button. */
import { make } from '../lib/dom'
import { icon } from '../lib/icons'
import { tellKeys } from '../lib/shortcuts'
import { formsToSave, holdsUnsaved } from './unsaved'

export function markUnsaved(): void {
  for (const form of formsToSave()) {
    const button = saveButton(form)
    if (button === null) continue
    const mark = make('span', { class: 'not-saved', role: 'status' })
    button.parentElement?.append(mark)
    const show = (): void => {
      const isUnsaved = holdsUnsaved(form)
      if (isUnsaved === mark.hasChildNodes()) return
      mark.replaceChildren(...(isUnsaved ? [icon('pencil'), 'Not saved'] : []))
    }
    for (const type of ['input', 'change']) form.addEventListener(type, show)
    form.addEventListener('reset', () => window.setTimeout(show))
    // The browser may bring back what was typed before.
    window.addEventListener('pageshow', show)
    show()
  }
}

/** Nothing is sent of a form that holds nothing new. */
export function saveByKey(): void {
  const forms = formsToSave().filter((form) => saveButton(form) !== null)
  if (forms.length === 0) return
  const isPublishing = forms.some((form) => 'publishes' in (saveButton(form)?.dataset ?? {}))
  tellKeys('On this page', [['Ctrl S', isPublishing ? 'Go to the button that publishes, if something is new' : 'Save the form']])
  document.addEventListener('keydown', (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey || event.key.toLowerCase() !== 's') return
    event.preventDefault()
    if (event.repeat || document.querySelector('dialog[open]') !== null) return
    const form = forms.find((one) => one.contains(document.activeElement)) ?? forms.find(holdsUnsaved)
    const button = form === undefined || !holdsUnsaved(form) ? null : saveButton(form)
    if (button === null || form === undefined) return
    if ('publishes' in button.dataset) button.focus()
    else form.requestSubmit(button)
  })
}

/** Null in a form that this person may only read. */
function saveButton(form: HTMLFormElement): HTMLButtonElement | null {
  return form.querySelector<HTMLButtonElement>('button[type=submit].btn-primary:enabled')
}
