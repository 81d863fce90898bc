/** One opening of the sheet: its state, what it asks the server for, and the dialog that shows it. */
import { make, oncePerFrame } from '../lib/dom'
import { randomKey } from '../lib/keys'
import { morphChildren } from '../lib/morph'
import { ApiRefused } from '../wire/api'
import type { Problem } from '../wire/types'
import { readCandidates, readFlow, readPlan, start } from './flow'
import { EMPTY, givenOf, isNobodyChosen, needsOf, needsText, readInputs, reduce, type SheetAction, type SheetState, type With } from './state'
import { sheetView } from './view'

const SETTLES_MS = 350

export function openSheet(flow: number, given: With): void {
  const dialog = make('dialog', { class: 'sheet st-sheet', 'aria-labelledby': 'start-title' })
  const key = randomKey()
  let state: SheetState = EMPTY
  let planning = new AbortController()
  let timer: number | undefined
  const ask = oncePerFrame(draw)

  function dispatch(action: SheetAction): void {
    const before = state
    state = reduce(before, action)
    if (state.flow !== null && (before.flow !== state.flow || before.values !== state.values || before.narrowed !== state.narrowed)) planSoon()
    ask()
  }

  function draw(): void {
    morphChildren(dialog, sheetView(state))
    fillIn(dialog, state)
  }

  function planSoon(): void {
    window.clearTimeout(timer)
    timer = window.setTimeout(plan, SETTLES_MS)
  }

  function plan(): void {
    planning.abort()
    planning = new AbortController()
    const { signal } = planning
    const needs = needsOf(state)
    if (needsText(needs) !== null) {
      dispatch({ type: 'plan needs', ...needs })
      return
    }
    if (state.plan.kind !== 'waits') dispatch({ type: 'plan asked' })
    readPlan(flow, givenOf(state), signal).then(
      (made) => dispatch({ type: 'plan', plan: made }),
      (error: unknown) => signal.aborted || dispatch({ type: 'no plan', message: problemOf(error).message }),
    )
  }

  function submit(): void {
    const { faults } = readInputs(state)
    if (isNobodyChosen(state)) faults['elements'] = 'Choose at least one element.'
    if (Object.keys(faults).length > 0) {
      dispatch({ type: 'faults', faults })
      draw()
      goToFault(dialog)
      return
    }
    dispatch({ type: 'starting' })
    start(flow, givenOf(state), state.reason, key, state.plan.kind === 'made' ? state.plan.plan.hash : null).then(
      (run) => location.assign(`/runs/${run}/`),
      (error: unknown) => {
        const problem = problemOf(error)
        dispatch({ type: 'refused', problem })
        if (problem.code === 'plan_changed') plan()
      },
    )
  }

  listen(dialog, dispatch, submit)
  dialog.addEventListener('close', () => {
    planning.abort()
    window.clearTimeout(timer)
    dialog.remove()
    forgetLink()
  })
  document.body.append(dialog)
  draw()
  dialog.showModal()
  void load(flow, given, dispatch)
}

async function load(flow: number, given: With, dispatch: (action: SheetAction) => void): Promise<void> {
  try {
    const detail = await readFlow(flow)
    dispatch({ type: 'flow', flow: detail, given })
    dispatch({ type: 'candidates', names: await readCandidates(detail.target) })
    if (detail.inputs.some((spec) => spec.type === 'element')) dispatch({ type: 'enabled', names: await readCandidates(null) })
  } catch (error) {
    dispatch({ type: 'refused', problem: problemOf(error) })
  }
}

function listen(dialog: HTMLDialogElement, dispatch: (action: SheetAction) => void, submit: () => void): void {
  dialog.addEventListener('submit', (event) => {
    event.preventDefault()
    submit()
  })
  dialog.addEventListener('click', (event) => {
    const what = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-start]')?.dataset['start'] : undefined
    if (what === 'close' || event.target === dialog) dialog.close()
    if (what === 'all' || what === 'none') dispatch({ type: what })
  })
  dialog.addEventListener('input', ({ target }) => {
    if (!isField(target)) return
    const { dataset } = target
    const value = target instanceof HTMLInputElement && target.type === 'checkbox' ? String(target.checked) : target.value
    if (dataset['startInput'] !== undefined) dispatch({ type: 'value', name: dataset['startInput'], value })
    if (dataset['startElement'] !== undefined) dispatch({ type: 'toggle', name: dataset['startElement'] })
    if (dataset['startSearch'] !== undefined) dispatch({ type: 'search', text: value })
    if (dataset['startReason'] !== undefined) dispatch({ type: 'reason', text: value })
  })
}

type Field = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement

function isField(target: EventTarget | null): target is Field {
  return target instanceof HTMLInputElement || target instanceof HTMLSelectElement || target instanceof HTMLTextAreaElement
}

/** The first field that is wrong, else the list of elements, which may be folded. */
function goToFault(dialog: HTMLElement): void {
  const elements = dialog.querySelector<HTMLDetailsElement>('.st-elements:has(.invalid-feedback)')
  if (elements !== null) elements.open = true
  const wrong = dialog.querySelector<HTMLElement>('.st-body [aria-invalid="true"]') ?? elements?.querySelector('summary')
  wrong?.focus()
}

/** Opened by the page once; then a person decides. */
const opened = new WeakSet<HTMLDetailsElement>()

/** Fields hold properties, which no attribute sets once a person has touched them. */
function fillIn(dialog: HTMLElement, state: SheetState): void {
  for (const field of dialog.querySelectorAll<Field>('[data-start-input]')) {
    const value = state.values[field.dataset['startInput'] ?? ''] ?? ''
    if (field instanceof HTMLInputElement && field.type === 'checkbox') field.checked = value === 'true'
    else if (field.value !== value) field.value = value
  }
  for (const box of dialog.querySelectorAll<HTMLInputElement>('[data-start-element]')) {
    box.checked = state.narrowed?.has(box.dataset['startElement'] ?? '') ?? true
  }
  const reason = dialog.querySelector<HTMLInputElement>('[data-start-reason]')
  if (reason !== null && reason.value !== state.reason) reason.value = state.reason
  const details = dialog.querySelector<HTMLDetailsElement>('details[data-open]')
  if (details !== null && !opened.has(details)) {
    opened.add(details)
    details.open = true
  }
}

function problemOf(error: unknown): Problem {
  if (error instanceof ApiRefused) return error.problem
  return { code: 'no_answer', message: error instanceof Error ? error.message : String(error), fields: {} }
}

/** The address no longer opens the sheet, now that it is closed. */
function forgetLink(): void {
  const query = new URLSearchParams(location.search)
  if (query.get('start') !== '1') return
  query.delete('start')
  const text = query.toString()
  history.replaceState(null, '', `${location.pathname}${text === '' ? '' : `?${text}`}${location.hash}`)
}
