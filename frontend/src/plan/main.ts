/** The plan on a flow's page: what would run now, on all of its target or on the elements that somebody names. */
import '../start/plan.css'

import { make, need } from '../lib/dom'
import { icon } from '../lib/icons'
import { morphChildren } from '../lib/morph'
import { readFlow, readPlan } from '../start/flow'
import { planText } from '../start/plan'

const SETTLES_MS = 350

async function show(card: HTMLElement): Promise<void> {
  const id = Number(card.dataset['planFlow'])
  const body = need('[data-plan-body]', HTMLElement, card)
  const field = card.querySelector<HTMLInputElement>('[data-plan-elements]')
  let asking = new AbortController()
  let timer: number | undefined

  async function ask(): Promise<void> {
    asking.abort()
    asking = new AbortController()
    const { signal } = asking
    const names = (field?.value ?? '').split(/[\s,]+/).filter((name) => name !== '')
    try {
      const plan = await readPlan(id, { inputs: {}, elements: names.length === 0 ? null : names }, signal)
      morphChildren(body, planText(plan))
    } catch (error) {
      if (!signal.aborted) morphChildren(body, [refusal(error)])
    }
  }

  field?.addEventListener('input', () => {
    window.clearTimeout(timer)
    timer = window.setTimeout(() => void ask(), SETTLES_MS)
  })
  const flow = await readFlow(id)
  const missing = flow.inputs.filter((input) => input.required && input.default === null).map((input) => input.name)
  if (missing.length === 0) await ask()
  else morphChildren(body, [make('p', { class: 'text-secondary mb-0' }, `It needs ${missing.join(', ')}: Run… shows the plan for the values that you give.`)])
}

function refusal(error: unknown): HTMLElement {
  const why = error instanceof Error ? error.message : String(error)
  return make('p', { class: 'st-note tone-wait mb-0' }, icon('alert-triangle'), make('span', {}, `There is no plan: ${why}`))
}

for (const card of document.querySelectorAll<HTMLElement>('[data-plan-flow]')) void show(card)
