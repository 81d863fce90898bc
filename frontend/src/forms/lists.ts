/** Lists: filters that apply when chosen, and rows that are checked together. */

export function applyFiltersWhenChosen(): void {
  for (const form of document.querySelectorAll<HTMLFormElement>('form[data-filters]')) {
    for (const select of form.querySelectorAll('select')) {
      select.addEventListener('change', () => form.requestSubmit())
    }
    form.addEventListener('submit', () => leaveOutEmpty(form))
  }
}

/** Short addresses: a filter that chooses nothing does not stand in it. */
function leaveOutEmpty(form: HTMLFormElement): void {
  for (const field of form.querySelectorAll<HTMLInputElement | HTMLSelectElement>('input[name], select[name]')) {
    field.disabled = field.value === ''
  }
  // Going back shows the form as it was left: with fields that can be used.
  setTimeout(() => {
    for (const field of form.querySelectorAll<HTMLInputElement | HTMLSelectElement>(':disabled')) field.disabled = false
  })
}

export function checkRowsTogether(): void {
  for (const form of document.querySelectorAll<HTMLFormElement>('form[data-checks]')) {
    const all = form.querySelector('[data-check-all]')
    if (all instanceof HTMLInputElement) checkTogether(form, all)
  }
}

function checkTogether(form: HTMLFormElement, all: HTMLInputElement): void {
  const boxes = [...form.querySelectorAll<HTMLInputElement>('tbody input[type=checkbox]')]
  const told = form.querySelector('[data-checked]')
  const buttons = [...form.querySelectorAll<HTMLButtonElement>('.bulk-bar button')]
  const show = (): void => {
    const checked = boxes.filter((box) => box.checked).length
    all.checked = checked === boxes.length
    all.indeterminate = checked > 0 && checked < boxes.length
    if (told) told.textContent = checked === 0 ? 'Check rows to change several at once.' : `${checked} of ${boxes.length} checked`
    for (const button of buttons) button.disabled = checked === 0
  }
  all.hidden = false
  all.addEventListener('change', () => {
    for (const box of boxes) box.checked = all.checked
    show()
  })
  form.addEventListener('change', show)
  show()
}
