/** The list of runs: the form changes the address and asks for rows; the socket keeps the rows as they are. */
import './runs.css'

import { need, oncePerFrame, pageData } from '../lib/dom'
import { ApiRefused, call, NoAnswer } from '../wire/api'
import { addressOf, isFiltered } from './filters'
import { readForm, writeForm } from './form'
import { drawLink, listenToRuns } from './live'
import { after, firstState, type Happening, type RunsPage } from './state'
import { draw, makeParts } from './view'

const TYPING_MS = 250
const TICK_MS = 1_000

const form = need('#filters', HTMLFormElement)
const parts = makeParts(need('#runs', HTMLDivElement))
const link = need('#link', HTMLSpanElement)
const clear = need('#clear', HTMLAnchorElement)
let state = firstState(pageData<RunsPage>())
let asking = new AbortController()
let typing: number | undefined
let hasOpened = false

const redraw = oncePerFrame(() => {
  draw(parts, state, Date.now())
  drawLink(link, state.link, state.detail)
  clear.hidden = !isFiltered(state.filters)
})

function happen(happening: Happening): void {
  state = after(state, happening)
  redraw()
}

/** Asks for the rows of an address; a later question makes an earlier one void. */
async function load(query: string): Promise<void> {
  asking.abort()
  asking = new AbortController()
  try {
    happen({ type: 'page', page: await call<RunsPage>('GET', `/runs/rows/${query}`, { signal: asking.signal }) })
  } catch (error) {
    if (error instanceof ApiRefused || error instanceof NoAnswer) happen({ type: 'problem', message: error.message })
    else if (!(error instanceof DOMException)) throw error
  }
}

function filter(): void {
  const query = addressOf(readForm(form), 1)
  if (query === location.search) return
  history.pushState(null, '', `${location.pathname}${query}`)
  void load(query)
}

form.addEventListener('submit', (event) => {
  event.preventDefault()
  filter()
})
form.addEventListener('input', () => {
  window.clearTimeout(typing)
  typing = window.setTimeout(filter, TYPING_MS)
})
window.addEventListener('popstate', () => {
  void load(location.search).then(() => writeForm(form, state.filters))
})
parts.table.addEventListener('pointerenter', (event) => {
  if (event.pointerType === 'mouse') happen({ type: 'held', held: true })
})
parts.table.addEventListener('pointerleave', () => happen({ type: 'held', held: false }))
parts.news.addEventListener('click', () => happen({ type: 'shown' }))
listenToRuns({
  onRuns: (runs, whole) => {
    happen({ type: 'told', runs })
    // A connection that was lost for long has missed more than the newest: the server knows.
    if (whole && hasOpened) void load(location.search)
    hasOpened ||= whole
  },
  onLink: (now, detail) => happen({ type: 'link', link: now, detail }),
})
window.setInterval(redraw, TICK_MS)
redraw()
