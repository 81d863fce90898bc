/** The sheet that starts a flow: any `<button data-start-flow="ID">` opens it, `data-start-with` (JSON) fills it in. */
import './start.css'
import './plan.css'

import { may } from '../lib/dom'
import { openSheet } from './sheet'
import type { With } from './state'

function listen(): void {
  document.addEventListener('click', (event) => {
    const button = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-start-flow]') : null
    if (button !== null) openFor(button)
  })
  // A link to the sheet itself: ?start=1 on the page of the flow.
  const button = document.querySelector<HTMLElement>('[data-start-flow]')
  if (button !== null && new URLSearchParams(location.search).get('start') === '1') openFor(button)
}

function openFor(button: HTMLElement): void {
  const id = Number(button.dataset['startFlow'])
  if (may('flow.run') && Number.isInteger(id)) openSheet(id, withOf(button.dataset['startWith']))
}

function withOf(text: string | undefined): With {
  return text === undefined ? {} : (JSON.parse(text) as With)
}

listen()
