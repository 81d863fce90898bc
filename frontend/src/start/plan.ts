/** A plan in words and rows: how much it is, where it stops and why, and its waves. Used before a start and on the flow's page. */
import { make } from '../lib/dom'
import { icon } from '../lib/icons'
import { capital } from '../lib/sentences'
import { stepPhrase } from '../lib/steps'
import type { Plan, Wave } from './flow'

const SHOWN_WAVES = 12
const SHOWN_NAMES = 4

export function planText(plan: Plan): readonly HTMLElement[] {
  const parts: HTMLElement[] = [make('p', { class: 'mb-1' }, summary(plan))]
  if (plan.stops_at !== null) {
    const { path, may_run: mayRun, reason } = plan.stops_at
    const total = plan.waves_total ?? plan.waves.length
    const end = total === 0 ? 'before its first wave' : `after wave ${total}`
    const open = mayRun.length === 0 ? 'No step follows there for certain.' : `What may still run there: ${mayRun.length === 1 ? 'step' : 'steps'} ${mayRun.join(', ')}.`
    const where = path.length > 1 ? `In ${path.join(' › ')}, ` : ''
    parts.push(make('p', { class: 'st-note tone-wait', 'data-key': 'stops' }, icon('alert-triangle'), make('span', {}, `The plan ends ${end}. ${where}${where === '' ? capital(reason) : reason}. ${open}`)))
  }
  for (const [at, note] of (plan.notes ?? []).entries()) parts.push(make('p', { class: 'text-secondary mb-1', 'data-key': `note-${at}` }, capital(note)))
  if (plan.waves.length > 0) parts.push(waves(plan))
  return parts
}

function summary(plan: Plan): string {
  const total = plan.waves_total ?? plan.waves.length
  const counted = `${plural(total, 'wave')} on ${plural(plan.elements.length, 'element')}`
  return plan.complete ? `${counted}. This is exactly what runs if nothing fails.` : `${counted} ${total === 1 ? 'is' : 'are'} known.`
}

function waves(plan: Plan): HTMLElement {
  const total = plan.waves_total ?? plan.waves.length
  const first = make('ol', { class: 'st-waves' }, ...plan.waves.slice(0, SHOWN_WAVES).map(waveRow))
  if (total <= SHOWN_WAVES) return first
  const unseen = total - plan.waves.length
  const rest = make('ol', { class: 'st-waves' }, ...plan.waves.slice(SHOWN_WAVES).map(waveRow))
  return make(
    'div', { 'data-key': 'waves' }, first,
    make('details', {}, make('summary', {}, plural(total - SHOWN_WAVES, 'more wave')), rest, unseen > 0 ? make('p', { class: 'text-secondary' }, `and ${plural(unseen, 'more')}: manage.py plan prints them all`) : null),
  )
}

function waveRow(wave: Wave): HTMLElement {
  const row = make(
    'li', { 'data-key': `wave-${wave.n}` },
    make('span', { class: 'st-n', 'aria-hidden': 'true' }, String(wave.n)),
    make('span', { class: 'st-what' }, make('span', { class: 'st-site' }, String(wave.site)), ' ', make('strong', {}, stepPhrase(wave.step, wave.name)), wave.turn > 1 ? ` ×${wave.turn}` : '', wave.target === null ? '' : ` on ${wave.target}`, wave.batch > 1 ? make('span', { class: 'text-secondary' }, ` batch ${wave.batch}`) : ''),
    make('span', { class: 'st-who text-secondary', title: wave.elements.slice(0, 40).join(', ') }, who(wave)),
  )
  row.style.setProperty('--depth', String(wave.depth))
  return row
}

function who({ elements }: Wave): string {
  const shown = elements.slice(0, SHOWN_NAMES).join(', ')
  return elements.length > SHOWN_NAMES ? `${shown} and ${elements.length - SHOWN_NAMES} more` : shown
}

export function plural(count: number, word: string): string {
  return word === 'more' ? `${count} more` : `${count} ${word}${count === 1 ? '' : 's'}`
}
