/** Which forms of a page hold something that is stored nowhere: each field is held against what the server made it with,
 * so fields that the browser brings back count too. */

export function formsToSave(): readonly HTMLFormElement[] {
  return [...document.querySelectorAll<HTMLFormElement>('form[data-form]')]
}

/** What the server refused is stored nowhere, even if nothing was changed since. */
export function holdsUnsaved(form: HTMLFormElement): boolean {
  return form.querySelector('[aria-invalid=true], #form-problems') !== null || [...form.elements].some(differs)
}

/** What the fields that differ are called on the page, each name once. */
export function unsavedFields(form: HTMLFormElement): readonly string[] {
  return [...new Set([...form.elements].filter(differs).map(nameOf))].filter((name) => name !== '')
}

/** A box to check stands for one of many answers: its question is the legend around it. */
function nameOf(field: Element): string {
  const legend = field instanceof HTMLInputElement && isChecked(field) ? field.closest('fieldset')?.querySelector(':scope > legend') : null
  const label = legend ?? ('labels' in field ? (field as HTMLInputElement).labels?.[0] : null)
  return field.getAttribute('aria-label') ?? label?.textContent.trim() ?? ''
}

function isChecked({ type }: HTMLInputElement): boolean {
  return type === 'checkbox' || type === 'radio'
}

function differs(field: Element): boolean {
  if (field instanceof HTMLSelectElement) return selectDiffers(field)
  if (field instanceof HTMLTextAreaElement) return field.value !== field.defaultValue
  if (!(field instanceof HTMLInputElement)) return false
  return isChecked(field) ? field.checked !== field.defaultChecked : field.value !== field.defaultValue
}

/** Where no option is marked as chosen, a list begins with its first. */
function selectDiffers(field: HTMLSelectElement): boolean {
  const options = [...field.options]
  const isMarked = field.multiple || options.some((option) => option.defaultSelected)
  return options.some((option, index) => option.selected !== (isMarked ? option.defaultSelected : index === 0))
}
