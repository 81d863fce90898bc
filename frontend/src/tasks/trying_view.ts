/** Draws *Try on …* beside the preview: asks, starts the run, follows it, and shows what came of it. */
import { make, need, oncePerFrame } from '../lib/dom'
import { icon } from '../lib/icons'
import { stateBadge } from '../lib/states'
import { ApiRefused, call } from '../wire/api'
import type { Tried } from '../wire/types'
import { definitionOf, saveOf, type Fields } from './definition'
import { givenInputs, missing, templateProblems, type Preview } from './preview'
import { IDLE, inShort, isGoingOn, moved, readiness, saved, type TryEvent, type Trying } from './trying'

const ASKED_EVERY_MS = 600

export class TryView {
  private trying: Trying = IDLE
  private preview: Preview | null = null
  private readonly button: HTMLButtonElement
  private readonly answer: HTMLElement
  private readonly draw = oncePerFrame(() => this.drawNow())

  constructor(private readonly form: HTMLFormElement, section: HTMLElement, private readonly task: string) {
    this.button = need('[data-try]', HTMLButtonElement, section)
    this.answer = need('[data-try-answer]', HTMLElement, section)
    this.button.hidden = false
    this.button.addEventListener('click', () => void this.ask())
    this.draw()
  }

  /** The element and the inputs are those of the preview. */
  follow(preview: Preview): void {
    this.preview = preview
    this.draw()
  }

  private async ask(): Promise<void> {
    const { preview } = this
    if (preview === null || isGoingOn(this.trying)) return
    const element = preview.element.trim()
    const hasErrors = templateProblems(preview).some((one) => one.severity === 'error')
    const ready = readiness(this.name(), element, missing(preview), hasErrors)
    if ('problem' in ready) {
      this.move({ kind: 'asked', element })
      this.move({ kind: 'refused', problems: [ready.problem] })
      return
    }
    if (await isConfirmed(ready.question)) await this.start(preview, element)
  }

  private async start(preview: Preview, element: string): Promise<void> {
    this.move({ kind: 'asked', element })
    const body = {
      name: this.name() || 'New task', definition: definitionOf(fieldsOf(this.form), preview.declared), element, inputs: givenInputs(preview),
    }
    try {
      const { id } = await call<{ readonly id: number }>('POST', '/api/tasks/try', { body })
      this.move({ kind: 'started', run: id })
      await this.followRun(id)
    } catch (error) {
      this.move({ kind: 'refused', problems: wordsOf(error) })
    }
  }

  private async followRun(run: number): Promise<void> {
    while (this.trying.kind === 'following' && this.trying.run === run) {
      try {
        this.move({ kind: 'told', run, tried: await call<Tried>('GET', `/api/runs/${run}/tried`) })
      } catch (error) {
        this.move({ kind: 'not-told', run, problem: wordsOf(error).join(' ') })
      }
      await new Promise((resolve) => window.setTimeout(resolve, ASKED_EVERY_MS))
    }
  }

  private name(): string {
    return this.task === '' ? (fieldsOf(this.form)['name'] ?? '').trim() : this.task
  }

  private move(event: TryEvent): void {
    this.trying = moved(this.trying, event)
    this.draw()
  }

  private drawNow(): void {
    const element = this.preview?.element.trim() ?? ''
    this.button.replaceChildren(icon('player-play'), element === '' ? 'Try on an element…' : `Try on ${element}…`)
    this.button.disabled = isGoingOn(this.trying)
    this.answer.replaceChildren(...answerView(this.trying, saveOf(fieldsOf(this.form)['save'] ?? '')))
  }
}

/** Whether the person says yes; the page's own dialog asks. */
async function isConfirmed(question: string): Promise<boolean> {
  const dialog = need('#confirm', HTMLDialogElement)
  need('#confirm-words', HTMLElement, dialog).textContent = question
  dialog.returnValue = ''
  return new Promise((resolve) => {
    dialog.onclose = () => resolve(dialog.returnValue === 'yes')
    dialog.showModal()
  })
}

function fieldsOf(form: HTMLFormElement): Fields {
  const texts = [...new FormData(form)].filter((pair): pair is [string, string] => typeof pair[1] === 'string')
  return Object.fromEntries(texts)
}

function wordsOf(error: unknown): readonly string[] {
  if (error instanceof ApiRefused) {
    const fields = Object.entries(error.problem.fields).flatMap(([key, found]) => found.map((one) => `${key}: ${one}`))
    return fields.length > 0 ? fields : [error.message]
  }
  return [error instanceof Error ? error.message : String(error)]
}

function answerView(trying: Trying, save: ReturnType<typeof saveOf>): Node[] {
  switch (trying.kind) {
    case 'idle':
      return []
    case 'refused':
      return trying.problems.map((text) => problemView(text))
    case 'starting':
      return [make('p', { class: 'try-head' }, stateBadge('queued'), make('span', {}, `on ${trying.element}`))]
    case 'following':
      return [headView(trying, trying.tried), ...outputView(trying.tried), ...(trying.problem === '' ? [] : [problemView(trying.problem)])]
    case 'over':
      return [headView(trying, trying.tried), ...messageView(trying.tried), ...outputView(trying.tried), ...dataView(trying.tried), ...savedView(trying.tried, save)]
    default:
      return trying satisfies never
  }
}

function headView(trying: { readonly element: string; readonly run: number }, tried: Tried | null): HTMLElement {
  const known = tried === null ? '' : inShort(tried)
  return make(
    'p', { class: 'try-head' },
    stateBadge(tried?.status ?? tried?.state ?? 'queued'),
    make('span', {}, `on ${trying.element}`),
    known === '' ? null : make('span', { class: 'text-secondary' }, known),
    make('a', { href: `/runs/${trying.run}/`, class: 'ms-auto' }, `Run ${trying.run}`),
  )
}

function messageView(tried: Tried): Node[] {
  return tried.message === null || tried.message === '' || tried.status === 'succeeded' ? [] : [problemView(tried.message)]
}

function problemView(text: string): HTMLElement {
  return make('p', { class: 'problem tone-bad' }, icon('alert-circle'), make('span', {}, text))
}

/** What it printed; what went to stderr is marked by a word and a colour. */
function outputView(tried: Tried | null): Node[] {
  const pieces = tried?.pieces ?? (tried?.output ? [['stdout', tried.output] as const] : [])
  if (pieces.length === 0) return tried?.status === 'succeeded' ? [make('p', { class: 'text-secondary mb-1' }, 'It printed nothing.')] : []
  const hasErrors = pieces.some(([stream]) => stream === 'stderr')
  const text = make('pre', { class: 'rendered', tabindex: 0, 'aria-label': 'What it printed' })
  text.append(...pieces.map(([stream, piece]) => make('span', { class: `try-${stream}`, title: stream === 'stderr' ? 'stderr' : null }, piece)))
  return [text, ...(hasErrors ? [make('p', { class: 'text-secondary mb-1' }, 'Marked: what it wrote to stderr.')] : [])]
}

function dataView(tried: Tried): Node[] {
  if (tried.data === null || tried.data === undefined) return []
  const tree = make('div', { class: 'data-tree' }, treeView("result['data']", tried.data, true))
  return [make('h3', { class: 'try-title' }, 'Read as data'), tree]
}

function treeView(name: string, value: unknown, isOpen: boolean): HTMLElement {
  const key = make('span', { class: 'data-key' }, name)
  if (typeof value !== 'object' || value === null) return make('div', { class: 'data-leaf' }, key, ': ', make('code', {}, JSON.stringify(value)))
  const entries = Object.entries(value)
  const size = Array.isArray(value) ? `${entries.length} in a list` : `${entries.length} key${entries.length === 1 ? '' : 's'}`
  return make(
    'details', { class: 'data-branch', open: isOpen },
    make('summary', {}, key, ' ', make('span', { class: 'text-secondary' }, size)),
    ...entries.map(([below, one]) => treeView(below, one, false)),
  )
}

/** What a run of the published task would keep as settings of the element. */
function savedView(tried: Tried, save: ReturnType<typeof saveOf>): Node[] {
  if (save === null || typeof save === 'string' || tried.status !== 'succeeded') return []
  const rows = saved(save, tried).flatMap(([key, value]) => [make('dt', { class: 'code' }, key), make('dd', { class: 'code' }, JSON.stringify(value))])
  return [make('h3', { class: 'try-title' }, 'Saved as settings'), make('dl', { class: 'facts' }, ...rows)]
}
