/** What happens if a step fails: the element stops, the script goes on, or a `try` around it catches it. */
import { make } from '../lib/dom'
import type { Catching, More } from './around'
import type { Step } from './inspected'
import { literalOf } from './literals'

export type Failing = 'stop' | 'go-on' | 'catch' | 'python'

/** Which of them the text says; `python` where `check` is computed. */
export function failingOf(step: Step, catching: Catching | null): Failing {
  const code = step.check?.code ?? null
  if (code !== null && typeof literalOf(code) !== 'boolean') return 'python'
  if (code !== null && literalOf(code) === false) return 'go-on'
  return catching !== null && step.site.step !== 'approve' ? 'catch' : 'stop'
}

interface Words {
  readonly legend: string
  readonly stop: string
  readonly goOn: string
}

const OF_STEP: Words = {
  legend: 'If it fails',
  stop: 'Stop this element',
  goOn: 'Go on; the result says whether it is ok',
}
const OF_QUESTION: Words = {
  legend: 'If it is refused or not answered',
  stop: 'Stop the whole run',
  goOn: 'Go on; the answer says whether it is ok',
}

export interface FailingView {
  readonly node: HTMLElement
  /** `wanted` was chosen a moment ago and is not in the blocks yet. */
  readonly draw: (step: Step, catching: Catching | null, canWrap: boolean, wanted: Failing | null) => void
}

export function failingView(canWrite: boolean, choose: (failing: Failing) => void): FailingView {
  const legend = make('legend', {})
  const stop = option('stop', choose)
  const goOn = option('go-on', choose)
  const caught = option('catch', choose)
  const told = make('small', { class: 'form-hint' })
  const node = make('fieldset', { class: 'in-failing in-section', disabled: !canWrite }, legend, stop.node, goOn.node, caught.node, told)
  const draw: FailingView['draw'] = (step, catching, canWrap, wanted) => {
    const isQuestion = step.site.step === 'approve'
    const words = isQuestion ? OF_QUESTION : OF_STEP
    const now = wanted ?? failingOf(step, catching)
    const isHeld = catching !== null && catching.lines === null && !isQuestion
    legend.textContent = words.legend
    stop.write(words.stop, now === 'stop', isHeld)
    goOn.write(words.goOn, now === 'go-on', false)
    caught.write(catchWords(catching), now === 'catch', catching === null && !canWrap)
    caught.node.hidden = isQuestion
    told.textContent = tellOf(now, step, isHeld, catching, canWrap || isQuestion)
  }
  return { node, draw }
}

function catchWords(catching: Catching | null): string {
  return catching === null ? 'Catch it: do something else then' : `Catch it: by the try on line ${catching.line}`
}

function tellOf(now: Failing, step: Step, isHeld: boolean, catching: Catching | null, canWrap: boolean): string {
  if (now === 'python') return `The script decides: check=${step.check?.code ?? ''}. Choosing one of these takes its place.`
  if (isHeld) return heldWords(catching)
  if (!canWrap && catching === null) return 'Another statement shares its line, so it cannot be caught alone.'
  return ''
}

const HELD: Readonly<Record<More, string>> = {
  statements: 'holds more than this step',
  clauses: 'has more than one clause',
  handler: 'does more than log the failure',
}

/** Why the step cannot stop the element although it stands in a `try`, and what to do; '' where nothing is in the way. */
export function heldWords(catching: Catching | null): string {
  if (catching === null || catching.more === null) return ''
  return `The try on line ${catching.line} ${HELD[catching.more]}: take this step out of it to stop here.`
}

function option(
  value: Failing,
  choose: (failing: Failing) => void,
): { readonly node: HTMLElement; readonly write: (text: string, isChosen: boolean, isOut: boolean) => void } {
  const input = make('input', { type: 'radio', class: 'form-check-input', name: 'in-failing', id: `in-failing-${value}`, value })
  const label = make('span', { class: 'form-check-label' })
  input.addEventListener('change', () => {
    if (input.checked) choose(value)
  })
  const node = make('label', { class: 'form-check', for: input.id }, input, label)
  const write = (text: string, isChosen: boolean, isOut: boolean): void => {
    if (label.textContent !== text) label.textContent = text
    input.checked = isChosen
    input.disabled = isOut && !isChosen
  }
  return { node, write }
}
