/** The filters of a target: a field each, with completion, and what each of them leaves. */
import { make } from '../lib/dom'
import { icon } from '../lib/icons'
import type { Target, TargetEffect } from '../wire/types'
import { Combobox, type Choice } from './combobox'
import { completionOf, taken } from './filter_text'
import { addButton, focusSoon, iconButton, rows, type Part } from './form_parts'
import type { Page } from './state'
import { effectWords, isUnfinished, leftBefore } from './target_words'

const HELP = 'A context key, name or address, then ==, !=, <, <=, >, >=, in, contains, matches or exists. All of them must hold.'

/** `effect` is what was told last of the target. */
export function filterPart(page: Page, effect: () => TargetEffect | null, retarget: (change: Partial<Target>) => void): Part {
  const filters = new Filters(page, effect, retarget)
  return filters.part()
}

class Filters {
  constructor(
    private readonly page: Page,
    private readonly effect: () => TargetEffect | null,
    private readonly retarget: (change: Partial<Target>) => void,
  ) {}

  part(): Part {
    const list = make('div', { class: 'card-rows' })
    const lines = rows(list, ({ keys }) => keys.target?.filters?.length ?? 0, (index) => this.row(index))
    const add = addButton('add-filter', 'Add filter', () => this.add())
    add.hidden = !this.page.canWrite
    const help = make('small', { class: 'form-hint' }, HELP)
    const node = make('fieldset', { class: 'card-field' }, make('legend', { class: 'form-label' }, 'Filters'), list, add, help)
    return { node, draw: (form) => lines.draw(form) }
  }

  private row(index: number): Part {
    const combobox = new Combobox({
      id: `filter-${index}`,
      label: `Filter ${index + 1}`,
      placeholder: 'env == prod',
      canWrite: this.page.canWrite,
      suggest: (text, caret) => this.suggestions(text, caret),
      changed: (text) => this.retarget({ filters: this.texts().with(index, text) }),
      entered: (wasTaken) => {
        if (!wasTaken && index === this.texts().length - 1 && this.texts()[index]?.trim() !== '') this.add()
      },
    })
    const says = make('span', { class: 'card-effect', id: `filter-${index}-effect`, role: 'status' })
    combobox.input.setAttribute('aria-describedby', says.id)
    const remove = iconButton('x', `Remove filter ${index + 1}`, () => this.remove(index))
    remove.hidden = !this.page.canWrite
    return {
      node: make('div', { class: 'card-filter' }, combobox.node, says, remove),
      draw: ({ keys }) => {
        const text = keys.target?.filters?.[index] ?? ''
        combobox.write(text)
        this.tell(says, combobox.input, text, index)
      },
    }
  }

  private tell(says: HTMLElement, input: HTMLInputElement, text: string, index: number): void {
    const answer = this.effect()
    const effect = answer?.filters[index]
    const isGoingOn = document.activeElement === input && isUnfinished(effect)
    const isWrong = effect !== undefined && effect.problem !== '' && text.trim() !== '' && !isGoingOn
    const words = effectWords(text, effect, leftBefore(answer, index))
    input.setAttribute('aria-invalid', String(isWrong))
    says.classList.toggle('is-wrong', isWrong)
    if (says.textContent !== words) says.replaceChildren(...(isWrong ? [icon('alert-triangle'), words] : [words]))
  }

  private suggestions(text: string, caret: number): readonly Choice[] {
    const { names } = this.page.state()
    const completion = completionOf(text, caret, { keys: names?.context_keys ?? [], values: names?.values ?? {} })
    if (completion === null) return []
    return completion.offers.map((offer) => ({ label: offer.label, note: offer.note, ...taken(text, completion, offer) }))
  }

  private add(): void {
    const { length } = this.texts()
    this.retarget({ filters: [...this.texts(), ''] })
    focusSoon(`filter-${length}`)
  }

  private remove(index: number): void {
    this.retarget({ filters: this.texts().toSpliced(index, 1) })
    focusSoon(this.texts().length === 0 ? 'add-filter' : `filter-${Math.max(0, index - 1)}`)
  }

  private texts(): readonly string[] {
    return this.page.state().other.target?.filters ?? []
  }
}
