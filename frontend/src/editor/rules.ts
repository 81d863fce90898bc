/** The card Rules: how elements and steps follow each other, what a failure does, what is read first, the inputs. */
import { make } from '../lib/dom'
import type { Mode } from '../wire/types'
import { section, selectField, textField, wrongPlace, type Form, type Part } from './form_parts'
import { inputsPart } from './inputs'
import { keyProblemsOf } from './key_problems'
import { modePicture } from './mode_picture'
import { refreshPart } from './refresh'
import type { OtherKeys, Page, State } from './state'
import { itemsOf, numberOr, secondsOr } from './values'

const MODES: readonly (readonly [mode: Mode, label: string, help: string])[] = [
  ['serial', 'Serial', 'Element after element: all steps of one, then all steps of the next.'],
  ['parallel', 'Parallel', 'Step after step: each step on all elements, then the next step.'],
]
const CONCURRENCY_HELP: Readonly<Record<Mode, string>> = {
  serial: 'So many elements are in progress at once, begun in order. Usually 1.',
  parallel: 'So many elements do a step at the same moment; the others wait for their turn. Usually 50.',
}
/** What a flow has that says nothing of it. */
const USUAL_CONCURRENCY: Readonly<Record<Mode, number>> = { serial: 1, parallel: 50 }

export class RulesCard {
  private readonly parts: readonly Part[]

  constructor(
    place: HTMLElement,
    private readonly page: Page,
    inputTypes: readonly string[],
  ) {
    const [how, failing] = [this.howPart(), this.failingPart()]
    const refresh = refreshPart(page)
    const inputs = inputsPart(page, inputTypes)
    this.parts = [how, failing, refresh, inputs]
    place.replaceChildren(
      make(
        'div',
        { class: 'card-columns' },
        make('div', {}, how.node, failing.node),
        make('div', {}, inputs.node, refresh.node),
      ),
    )
  }

  draw(state: State): void {
    if (state.card !== 'rules') return
    const form: Form = { keys: state.other, state, problems: keyProblemsOf(state) }
    for (const part of this.parts) part.draw(form)
  }

  private howPart(): Part {
    return section('How it runs', null, this.modePart(), this.concurrencyPart(), this.batchesPart(), this.soakPart())
  }

  private modePart(): Part {
    const radios = MODES.map(([mode, label, help]) => {
      const radio = make('input', {
        type: 'radio',
        class: 'form-check-input',
        name: 'mode',
        id: `mode-${mode}`,
        disabled: !this.page.canWrite,
      })
      radio.addEventListener('change', () => this.chooseMode(mode))
      const text = make('span', { class: 'form-check-label' }, label, make('small', { class: 'form-hint' }, help))
      return { mode, radio, node: make('label', { class: 'form-check card-mode', for: radio.id }, radio, modePicture(mode), text) }
    })
    const wrong = wrongPlace('mode-wrong', ['mode'])
    const legend = make('legend', { class: 'visually-hidden' }, 'Mode')
    const key = make('small', { class: 'form-hint' }, 'In the pictures a row is an element, a column is a step, and the numbers say what comes when.')
    return {
      node: make('fieldset', { class: 'card-modes' }, legend, ...radios.map(({ node }) => node), key, wrong.node),
      draw: (form) => {
        for (const { mode, radio, node } of radios) {
          radio.checked = form.keys.mode === mode
          node.classList.toggle('is-chosen', radio.checked)
        }
        wrong.draw(form)
      },
    }
  }

  /** A number that only says what the mode does by itself becomes that of the other mode. */
  private chooseMode(mode: Mode): void {
    const { concurrency, mode: before } = this.page.state().other
    const isUsual = concurrency === null || concurrency === USUAL_CONCURRENCY[before]
    this.change({ mode, ...(isUsual ? { concurrency: USUAL_CONCURRENCY[mode] } : {}) })
  }

  private concurrencyPart(): Part {
    return textField<OtherKeys['concurrency']>({
      id: 'concurrency',
      label: 'Elements at the same time',
      help: ({ mode }) => CONCURRENCY_HELP[mode],
      inputmode: 'numeric',
      width: 'short',
      canWrite: this.page.canWrite,
      key: 'concurrency',
      get: (keys) => keys.concurrency,
      tell: (concurrency) => this.change({ concurrency }),
      show: (value) => String(value ?? ''),
      read: (text) => (text.trim() === '' ? null : numberOr(text, text.trim())),
    })
  }

  private batchesPart(): Part {
    return onlyWith(
      hasBatches,
      textField<readonly (number | string)[]>({
        id: 'batches',
        label: 'Batches',
        help: '1, 5, 20% runs the whole script on the first element, then on the next five, then on a fifth of all at a time. Empty: on all together.',
        placeholder: 'all together',
        width: 'short',
        canWrite: this.page.canWrite,
        key: 'batches',
        get: (keys) => keys.batches ?? [],
        tell: (batches) => this.change({ batches }),
        show: (batches) => batches.join(', '),
        read: (text) => itemsOf(text).map((item) => numberOr(item, item)),
      }),
    )
  }

  private soakPart(): Part {
    return onlyWith(
      hasBatches,
      textField<number | string>({
        id: 'soak',
        label: 'Seconds between two batches',
        help: 'Time to see whether the last batch stays well.',
        placeholder: '0',
        inputmode: 'decimal',
        width: 'short',
        canWrite: this.page.canWrite,
        key: 'soak',
        get: (keys) => keys.soak ?? 0,
        tell: (soak) => this.change({ soak }),
        show: (soak) => (soak === 0 ? '' : String(soak)),
        read: (text) => (text.trim() === '' ? 0 : secondsOr(text, text.trim())),
      }),
    )
  }

  private failingPart(): Part {
    const { canWrite } = this.page
    const threshold = textField<number | string | null>({
      id: 'threshold',
      label: 'Failed elements that are allowed',
      help: 'One more stops the run. 0 stops at the first failure, 100% never; a number, or a share such as 10%. Empty: 0, or what the calling flow allows.',
      placeholder: '0',
      width: 'short',
      canWrite,
      key: 'error_threshold',
      get: (keys) => keys.error_threshold,
      tell: (value) => this.change({ error_threshold: value }),
      show: (value) => String(value ?? ''),
      read: (text) => (text.trim() === '' ? null : numberOr(text, text.trim())),
    })
    const empty = selectField({
      id: 'on-empty',
      label: 'If there are no elements',
      help: 'When the target or the order leaves nobody.',
      width: 'short',
      canWrite,
      key: 'on_empty',
      options: () => [
        ['fail', 'the run fails'],
        ['succeed', 'the run succeeds: nothing to do'],
      ],
      get: (keys) => keys.on_empty,
      tell: (value) => this.change({ on_empty: value }),
    })
    return section('When something fails', null, threshold, empty)
  }

  private change(keys: Partial<OtherKeys>): void {
    this.page.dispatch({ type: 'keys-changed', keys })
  }
}

/** A serial flow has none, but those that it was given must be seen to be taken out. */
function hasBatches({ mode, batches, soak }: OtherKeys): boolean {
  return mode === 'parallel' || (batches ?? []).length > 0 || Boolean(soak)
}

function onlyWith(isShown: (keys: OtherKeys) => boolean, part: Part): Part {
  return {
    node: part.node,
    draw: (form) => {
      part.node.hidden = !isShown(form.keys)
      part.draw(form)
    },
  }
}
