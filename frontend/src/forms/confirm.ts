/** Asks before a form does what cannot be undone in one step, or says why it cannot be done now. */
import { need } from '../lib/dom'

export function askBeforeSending(): void {
  const dialog = document.querySelector('#confirm')
  if (!(dialog instanceof HTMLDialogElement)) return
  for (const form of document.querySelectorAll<HTMLFormElement>('form[data-confirm]')) {
    form.addEventListener('submit', (event) => {
      if (form.dataset['confirmed'] === 'yes') return
      event.preventDefault()
      need('#confirm-words', HTMLElement, dialog).textContent = form.dataset['confirm'] ?? ''
      dialog.returnValue = ''
      dialog.onclose = () => {
        if (dialog.returnValue !== 'yes') return
        form.dataset['confirmed'] = 'yes'
        form.requestSubmit()
      }
      dialog.showModal()
    })
  }
}

export function sayWhatIsRefused(): void {
  const dialog = document.querySelector('#refused')
  if (!(dialog instanceof HTMLDialogElement)) return
  for (const form of document.querySelectorAll<HTMLFormElement>('form[data-refused]')) {
    form.addEventListener('submit', (event) => {
      event.preventDefault()
      need('#refused-words', HTMLElement, dialog).textContent = form.dataset['refused'] ?? ''
      dialog.showModal()
    })
  }
}
