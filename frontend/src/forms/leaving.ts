/** Asks before a page is left with a form that was changed and not sent. */

/** Every field is held against what the server made it with, so fields that the browser brings back count too. */
export function askBeforeLeaving(): void {
  const forms = [...document.querySelectorAll<HTMLFormElement>('form[data-form]')]
  let isSent = false
  window.addEventListener('submit', (event) => {
    isSent = !event.defaultPrevented && forms.some((form) => form === event.target)
  })
  window.addEventListener('pageshow', () => {
    isSent = false
  })
  window.addEventListener('beforeunload', (event) => {
    if (!isSent && forms.some(holdsUnsaved)) event.preventDefault()
  })
}

/** What the server refused is stored nowhere, even if nothing was changed since. */
function holdsUnsaved(form: HTMLFormElement): boolean {
  return form.querySelector('[aria-invalid=true], #form-problems') !== null || [...form.elements].some(differs)
}

function differs(field: Element): boolean {
  if (field instanceof HTMLSelectElement) return selectDiffers(field)
  if (field instanceof HTMLTextAreaElement) return field.value !== field.defaultValue
  if (!(field instanceof HTMLInputElement)) return false
  return field.type === 'checkbox' || field.type === 'radio' ? field.checked !== field.defaultChecked : field.value !== field.defaultValue
}

/** Where no option is marked as chosen, a list begins with its first. */
function selectDiffers(field: HTMLSelectElement): boolean {
  const options = [...field.options]
  const isMarked = field.multiple || options.some((option) => option.defaultSelected)
  return options.some((option, index) => option.selected !== (isMarked ? option.defaultSelected : index === 0))
}
