/** Forms: rows that can be added, fields that a choice shows, and the first problem in view. */

/** Rows are copies of the last one, which is always empty when the server made it. */
export function addRowsWhenAsked(): void {
  for (const button of document.querySelectorAll<HTMLButtonElement>('button[data-add-row]')) {
    const rows = document.querySelector(`[data-rows="${button.dataset['addRow'] ?? ''}"]`)
    const last = rows?.lastElementChild
    if (!rows || !last) continue
    const empty = emptied(last)
    button.hidden = false
    button.addEventListener('click', () => {
      const row = emptied(empty)
      rows.append(row)
      row.querySelector<HTMLElement>('input, textarea, select')?.focus()
      rows.dispatchEvent(new Event('input', { bubbles: true }))
    })
  }
}

function emptied(row: Element): Element {
  const copy = row.cloneNode(true)
  if (!(copy instanceof Element)) throw new Error('a row is an element')
  for (const field of copy.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>('input, textarea')) {
    if (field instanceof HTMLInputElement && field.type === 'checkbox') field.checked = false
    else field.value = ''
    field.removeAttribute('aria-invalid')
    field.readOnly = false
  }
  for (const problem of copy.querySelectorAll('.invalid-feedback, .written')) problem.remove()
  return copy
}

/** A choice with `data-shows` shows what is marked with its value by `data-shown-for`. */
export function showWhatTheChoiceNeeds(): void {
  for (const choice of document.querySelectorAll<HTMLSelectElement>('select[data-shows]')) {
    const show = (): void => {
      for (const part of document.querySelectorAll<HTMLElement>('[data-shown-for]')) {
        part.hidden = !(part.dataset['shownFor'] ?? '').split(' ').includes(choice.value)
      }
    }
    choice.addEventListener('change', show)
    show()
  }
}

/** After a refusal the reader is taken to the first field that is wrong, or to the problems above the form. */
export function goToTheFirstProblem(): void {
  const wrong = document.querySelector<HTMLElement>('form [aria-invalid=true]') ?? document.querySelector<HTMLElement>('#form-problems')
  wrong?.focus()
}

/** Who opens the small form of a new name types it at once. */
export function goToTheNewName(): void {
  for (const rename of document.querySelectorAll<HTMLDetailsElement>('details.rename'))
    rename.addEventListener('toggle', () => {
      if (rename.open) rename.querySelector<HTMLInputElement>('input[name=name]')?.select()
    })
}
