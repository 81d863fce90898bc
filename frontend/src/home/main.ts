/** Home: the socket tells what runs; the overview is asked for again when a run has ended or a schedule has started. */
import '../runs/runs.css'
import './home.css'

import { need, oncePerFrame, pageData } from '../lib/dom'
import { drawLink, listenToRuns } from '../runs/live'
import { ApiRefused, call, NoAnswer } from '../wire/api'
import { after, firstState, type Happening, type Overview, runningOf } from './state'
import { draw, makeParts } from './view'

const TICK_MS = 1_000
/** A burst of ends asks once. */
const PAUSE_MS = 2_000
const PAUSE_AFTER_PROBLEM_MS = 10_000
/** While something runs, elements change their states between the changes of runs. */
const PAUSE_RUNNING_MS = 10_000

const parts = makeParts((id) => need(`#${id}`, HTMLElement))
const link = need('#link', HTMLSpanElement)
let state = firstState(pageData<Overview>())
let askedAt = Date.now()

const redraw = oncePerFrame(() => {
  draw(parts, state, Date.now())
  drawLink(link, state.problem === '' ? state.link : 'lost', state.detail === '' ? state.problem : state.detail)
})

function happen(happening: Happening): void {
  state = after(state, happening)
  redraw()
}

function tick(): void {
  happen({ type: 'time', now: Date.now() })
  const waitedMs = Date.now() - askedAt
  const pauseMs = state.problem === '' ? PAUSE_MS : PAUSE_AFTER_PROBLEM_MS
  const isMoving = runningOf(state).length > 0 && waitedMs > PAUSE_RUNNING_MS
  if ((state.isOld && waitedMs > pauseMs) || isMoving) void refresh()
}

async function refresh(): Promise<void> {
  askedAt = Date.now()
  happen({ type: 'asked' })
  try {
    happen({ type: 'overview', overview: await call<Overview>('GET', '/api/overview/') })
  } catch (error) {
    if (!(error instanceof ApiRefused || error instanceof NoAnswer)) throw error
    happen({ type: 'problem', message: error.message })
  }
}

/** Following such a link is the step; nothing else would tell the server. */
function tickWhenFollowed(anchor: HTMLAnchorElement): void {
  anchor.addEventListener('click', () => {
    const body = new FormData()
    body.set('csrfmiddlewaretoken', need('[name=csrfmiddlewaretoken]', HTMLInputElement).value)
    body.set('do', 'tick')
    body.set('act', anchor.dataset['ticks'] ?? '')
    navigator.sendBeacon('/first-steps/', body)
  })
}

listenToRuns({
  onRuns: (runs, whole) => happen({ type: 'told', runs, whole }),
  onLink: (now, detail) => happen({ type: 'link', link: now, detail }),
})
document.querySelectorAll<HTMLAnchorElement>('a[data-ticks]').forEach(tickWhenFollowed)
window.setInterval(tick, TICK_MS)
redraw()
