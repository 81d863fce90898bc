/** The filters of a target: a field each, with completion, and what each of them leaves. */
import { make } from '../lib/dom'
import { icon } from '../lib/icons'
import type { Target, TargetEffect } from '../wire/types'
import { Combobox, type Choice } from './combobox'
import { completionOf, isKeyBegun, taken } from './filter_text'
import { addButton, iconButton, type Part } from './form_parts'
import type { Page } from './state'
import { TextRows } from './text_rows'
import { effectWords, isUnfinished, leftBefore } from './target_words'

const HELP = 'A context key, name or address, then ==, !=, <, <=, >, >=, in, contains, matches or exists. All of them must hold.'

type Retarget = (change: Partial<Target>, place: string) => void

/** `effect` is what was told last of the target. */
export function filterPart(page: Page, effect: () => TargetEffect | null, retarget: Retarget): Part {
  return new Filters(page, effect, retarget).part()
}

class Filters {
  private readonly rows: TextRows

  constructor(
    private readonly page: Page,
    private readonly effect: () => TargetEffect | null,
    retarget: Retarget,
  ) {
    this.rows = new TextRows(make('div', { class: 'card-rows' }), {
      name: 'filter',
      adds: 'add-filter',
      stored: () => page.state().other.target?.filters ?? [],
      store: (filters, place) => retarget({ filters }, place),
      makeRow: (index) => this.row(index),
    })
  }

  part(): Part {
    const add = addButton('add-filter', 'Add filter', () => this.rows.add())
    add.hidden = !this.page.canWrite
    const help = make('small', { class: 'form-hint' }, HELP)
    const legend = make('legend', { class: 'form-label' }, 'Filters')
    return { node: make('fieldset', { class: 'card-field' }, legend, this.rows.node, add, help), draw: (form) => this.rows.draw(form) }
  }

  private row(index: number): Part {
    const combobox = new Combobox({
      id: `filter-${index}`,
      label: `Filter ${index + 1}`,
      placeholder: 'env == prod',
      canWrite: this.page.canWrite,
      suggest: (text, caret) => this.suggestions(text, caret),
      changed: (text) => this.rows.write(index, text),
      entered: (wasTaken) => {
        if (!wasTaken && index === this.rows.count() - 1 && this.rows.textAt(index).trim() !== '') this.rows.add()
      },
    })
    const says = make('span', { class: 'card-effect', id: `filter-${index}-effect`, role: 'status' })
    combobox.input.setAttribute('aria-describedby', says.id)
    const remove = iconButton('x', `Remove filter ${index + 1}`, () => this.rows.remove(index))
    remove.hidden = !this.page.canWrite
    return {
      node: make('div', { class: 'card-filter' }, combobox.node, says, remove),
      draw: () => {
        const text = this.rows.textAt(index)
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
    const known = { keys: names?.context_keys ?? [], values: names?.values ?? {} }
    const completion = completionOf(text, caret, known)
    if (completion === null) return []
    const isBegun = isKeyBegun(text, completion, known)
    return completion.offers.map((offer, at) => ({ label: offer.label, note: offer.note, isBegun: isBegun && at === 0, ...taken(text, completion, offer) }))
  }
}
