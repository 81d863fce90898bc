/** The head of the page: what runs, how it stands, what can be asked of it, and the counts that filter the matrix. */
import { make, may } from '../lib/dom'
import { icon } from '../lib/icons'
import { lookOf, stateBadge } from '../lib/states'
import { shownDuration, timeElement } from '../lib/times'
import { tryMark } from '../lib/tries'
import type { PageState, Verb } from './state'
import { bandOf, type Band } from './tree'
import { COUNT_ORDER, departureText, elementsText, failuresText, isEnded, sentence } from './words'

export function headView(state: PageState): HTMLElement {
  const { tree } = state
  const band = tree === null ? undefined : bandOf(tree)
  if (tree === null || band === undefined) return make('div')
  return make('div', { id: 'run-head' }, titleLine(state, band), make('p', { class: 'run-sentence' }, sentence(tree)), factsLine(state, band), counts(state, band), strip(band))
}

function titleLine(state: PageState, band: Band): HTMLElement {
  const { data } = state
  const name = data.flow_id === null ? data.flow : make('a', { href: `/flows/${data.flow_id}/` }, data.flow)
  return make(
    'div', { class: 'run-title' },
    make('h1', {}, name, ' ', make('span', { class: 'text-secondary' }, `run ${data.run}`)),
    stateBadge(band.state),
    data.is_try ? tryMark() : null,
    askedFor(state, band),
    make('span', { class: 'run-elapsed' }, elapsed(state, band)),
    make('div', { class: 'run-actions' }, ...actions(state, band)),
  )
}

/** "pausing… asked by alice": what was asked and has not come about yet. */
function askedFor(state: PageState, band: Band): HTMLElement | null {
  if (isEnded(band.state)) return null
  const text = askedText(state, band)
  return text === null ? null : make('span', { class: 'state tone-wait', role: 'status' }, icon('hourglass'), text)
}

function askedText({ asking }: PageState, band: Band): string | null {
  if (asking !== null) return { pause: 'asking to pause…', resume: 'asking to resume…', cancel: 'asking to cancel…' }[asking]
  const [what, by] = band.asked ?? []
  if (what === 'cancel') return `cancelling… asked by ${by ?? ''}`
  if (what === 'pause' && band.state !== 'paused') return `pausing… asked by ${by ?? ''}`
  if (what === 'resume' && band.state === 'paused') return `resuming… asked by ${by ?? ''}`
  return null
}

function elapsed(state: PageState, band: Band): string {
  if (band.startedAt === null) return ''
  const end = band.endedAt === null ? state.now : Date.parse(band.endedAt)
  const took = shownDuration(end - Date.parse(band.startedAt))
  if (band.endedAt !== null) return `took ${took}`
  const usual = state.data.usual_s
  return usual === null ? took : `${took} of usually ~${shownDuration(usual * 1000)}`
}

function actions(state: PageState, band: Band): readonly HTMLElement[] {
  const { data } = state
  if (data.parent !== null) {
    return [make('a', { class: 'btn', href: `/runs/${data.root}/` }, icon('arrow-up'), ' The whole run')]
  }
  if (isEnded(band.state)) return runAgain(state)
  if (!may('run.control')) return []
  const isCancelling = band.asked?.[0] === 'cancel'
  const willPause = band.state === 'paused' ? band.asked?.[0] !== 'resume' : band.asked?.[0] === 'pause'
  const busy = state.asking !== null
  const pause = willPause ? verb('resume', 'Resume', 'player-play', busy) : verb('pause', 'Pause', 'player-pause', busy)
  const cancel = make(
    'button', { type: 'button', class: 'btn run-cancel', 'data-act': 'cancel', 'data-key': 'cancel', disabled: busy },
    icon('ban'), isCancelling ? ' Cancel now, without finally…' : ' Cancel…',
  )
  return isCancelling ? [cancel] : [pause, cancel]
}

function verb(name: Verb, word: string, iconName: string, disabled: boolean): HTMLElement {
  return make('button', { type: 'button', class: 'btn', 'data-act': name, 'data-key': name, disabled }, icon(iconName), ` ${word}`)
}

function runAgain({ data }: PageState): readonly HTMLElement[] {
  if (data.flow_id === null) return []
  if (data.is_try) return may('flow.publish') ? [make('a', { class: 'btn', href: `/flows/${data.flow_id}/edit/` }, icon('pencil'), ' Back to the editor')] : []
  if (!may('flow.run')) return []
  const given = JSON.stringify({ inputs: data.inputs, elements: data.narrowed })
  return [
    make('button', { type: 'button', class: 'btn', 'data-start-flow': data.flow_id, 'data-start-with': given }, icon('repeat'), ' Run again…'),
  ]
}

function factsLine({ data, now }: PageState, band: Band): HTMLElement {
  const who = data.schedule === null ? `started by ${data.started_by}` : `started by the schedule ${data.schedule}`
  const facts: (Node | string)[] = [data.mode === 'serial' ? 'Serial' : 'Parallel', who]
  if (data.version !== null) facts.unshift(`version ${data.version}`)
  if (data.run_reason !== '') facts.push(make('q', {}, data.run_reason))
  if (Object.values(data.inputs).some((value) => value !== null)) facts.push(inputsText(data.inputs))
  if (data.narrowed !== null) facts.push(`narrowed to ${elementsText(data.narrowed.length)}`)
  if (data.plan?.departed_at) facts.push(`left its plan at wave ${data.plan.departed_at.n}: ${departureText(data.plan.departed_at.what)}`)
  if (band.startedAt !== null) facts.push(make('span', {}, 'began ', timeElement(band.startedAt, new Date(now))))
  if (band.endedAt !== null) facts.push(make('span', {}, 'ended ', timeElement(band.endedAt, new Date(now))))
  return make('ul', { class: 'run-facts text-secondary' }, ...facts.map((fact) => make('li', {}, fact)))
}

function inputsText(inputs: Readonly<Record<string, unknown>>): string {
  const shown = Object.entries(inputs).filter(([, value]) => value !== null).map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(', ')
  return shown.length <= 120 ? shown : `${shown.slice(0, 119)}…`
}

function counts(state: PageState, band: Band): HTMLElement {
  const chips = COUNT_ORDER.filter((one) => (band.counts[one] ?? 0) > 0 || state.filter.state === one).map((one) => {
    const look = lookOf(one)
    const isOn = state.filter.state === one
    return make(
      'button',
      {
        type: 'button', class: `run-count tone-${look.tone}`, 'data-act': 'filter', 'data-state': one, 'data-key': one,
        'aria-pressed': isOn ? 'true' : 'false', title: isOn ? 'Show all elements' : `Show only those that are ${look.word}`,
      },
      icon(look.icon), make('strong', {}, String(band.counts[one] ?? 0)), ` ${look.word}`,
    )
  })
  return make('div', { class: 'run-counts', role: 'group', 'aria-label': 'Elements by state' }, ...chips, failing(state, band))
}

function failing({ data }: PageState, band: Band): HTMLElement | null {
  const text = failuresText(band, data.error_threshold, data.parent !== null)
  return text === null ? null : make('span', { class: 'text-secondary' }, text)
}

/** The proportion of states; the counts beside it say the same in words. */
function strip(band: Band): HTMLElement {
  const present = COUNT_ORDER.filter((one) => (band.counts[one] ?? 0) > 0)
  const told = present.map((one) => `${band.counts[one] ?? 0} ${lookOf(one).word}`).join(', ')
  const parts = present.map((one) => {
    const part = make('span', { class: `tone-${lookOf(one).tone}`, 'data-state': one })
    part.style.flexGrow = String(band.counts[one] ?? 0)
    return part
  })
  return make('div', { class: 'run-strip', role: 'img', 'aria-label': told === '' ? 'no elements yet' : told }, ...parts)
}
