/** *Format*: the script written evenly by the server, which refuses to change what it says. The caret stays in its word. */
import { make, need } from '../lib/dom'
import { call } from '../wire/api'
import { isAhead } from './side'
import { heldBack, type Page } from './state'

interface Formatted {
  readonly text: string
  readonly changed: boolean
  readonly problem: { readonly line: number; readonly message: string } | null
}

/** Where in the formatted text a place of the other one is: behind as many signs that are no blanks. */
export function caretAfter(before: string, caret: number, after: string): number {
  const signs = before.slice(0, caret).replaceAll(/\s/g, '').length
  let seen = 0
  for (const [at, sign] of Array.from(after, (one) => one).entries()) {
    if (seen === signs) return at
    if (!/\s/.test(sign)) seen += 1
  }
  return after.length
}

/** Makes the button and the keys; `said` shows what came of it, `written` is called with the new text. */
export function listenForFormat(page: Page, caret: { at: () => number; put: (at: number) => void }): void {
  const button = make(
    'button',
    { type: 'button', class: 'btn btn-sm', id: 'format', title: 'Write the Python evenly (Shift Alt F)' },
    'Format',
  )
  const said = make('span', { class: 'ed-format-said', role: 'status' })
  need('.ed-views', HTMLElement).before(said, button)
  button.hidden = !page.canWrite
  const format = async (): Promise<void> => {
    if (!page.canWrite || button.disabled) return
    button.disabled = true
    said.textContent = await formatted(page, caret)
    button.disabled = false
    window.setTimeout(() => (said.textContent = ''), 4_000)
  }
  button.addEventListener('click', () => void format())
  window.addEventListener('keydown', (event) => {
    if (!event.shiftKey || !event.altKey || event.ctrlKey || event.metaKey || event.code !== 'KeyF') return
    event.preventDefault()
    void format()
  })
}

/** What to say: what a person typed meanwhile is never taken back. */
async function formatted(page: Page, caret: { at: () => number; put: (at: number) => void }): Promise<string> {
  const { script, sides } = page.state()
  const held = heldBack(page.state(), 'formatted')
  if (held !== null) return held
  const { text } = sides[script]
  try {
    const answer = await call<Formatted>('POST', '/api/scripts/format', { body: { text } })
    if (answer.problem !== null) return `Not formatted: line ${answer.problem.line}: ${answer.problem.message}`
    if (!answer.changed) return 'Nothing to format'
    const now = page.state().sides[script]
    if (now.text !== text || isAhead(now)) return 'Not formatted: the script was edited meanwhile'
    const at = caretAfter(text, caret.at(), answer.text)
    page.dispatch({ type: 'text-edited', script, text: answer.text })
    caret.put(at)
    return 'Formatted'
  } catch (error) {
    if (!(error instanceof Error)) throw error
    return error.message
  }
}
