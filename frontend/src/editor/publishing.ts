/** The dialog *Publish*: what would change, whom it reaches, a note; problems and what others published are shown first. */
import { make } from '../lib/dom'
import { icon } from '../lib/icons'
import { timeElement } from '../lib/times'
import { call } from '../wire/api'
import { actButton, answers, Box } from './boxes'
import { failure, scriptsView, warnedView, warning, wordsView, type Difference } from './differences'
import { toldProblem, type KeyProblem } from './documents'
import { callWords, scheduleWords, type Misfit } from './misfits'
import { warningsOf } from './problems'
import { heldBack, isDirty, isSettled, type Page, type State } from './state'
import { toldNotSaved } from './status'
import { triedLine, type Tried } from './tried'

interface Reached extends Difference {
  readonly version: number | null
  readonly schedules: readonly Start[]
  readonly callers: readonly string[]
  readonly unfit_calls: readonly { readonly flow: string; readonly line: number; readonly misfit: Misfit }[]
}

/** A schedule; `misfit` says why it could not start the next version. */
interface Start {
  readonly id: number
  readonly name: string
  readonly next_at: string | null
  readonly misfit: Misfit | null
}

/** A version that was published since the draft was begun, and what each side made of what they began with. */
interface Since {
  readonly version: number
  readonly by: string
  readonly at: string
  readonly theirs: Difference
  readonly mine: Difference
}

interface Found {
  readonly changes: Reached
  readonly problems: readonly KeyProblem[]
  readonly since: Since | null
}

type Asked = { readonly revision: number; readonly answer: Found | { readonly failed: string } | null }

const MAX_NOTE = 2_000

export class PublishDialog {
  private readonly box: Box
  private asked: Asked | null = null
  private hasPublished = false

  /** `goTo` leads to the place of a problem. */
  constructor(
    private readonly page: Page,
    private readonly goTo: (problem: KeyProblem) => void,
    private readonly lastTry: () => Tried | null,
  ) {
    this.box = new Box('publish-box', {
      act: (what, button) => this.act(what, button),
      submit: () => this.publish(),
      closed: () => (this.asked = null),
    })
  }

  open(): void {
    this.hasPublished = false
    this.box.open()
    this.draw(this.page.state())
  }

  draw(state: State): void {
    if (!this.box.isOpen) return
    const { publishing } = state
    if (state.conflict !== null || (this.hasPublished && publishing.step === 'done')) {
      this.box.close()
      // The button that opened it can do nothing more, and a dialog would give the focus back to it.
      if (publishing.step === 'done') document.querySelector<HTMLElement>('#run')?.focus()
      return
    }
    // Somebody was faster: what they published is shown, and asked about.
    if (publishing.step === 'published-since' && this.hasPublished) {
      this.hasPublished = false
      this.asked = null
    }
    if (isAtRest(state) && this.asked?.revision !== state.stored.revision) void this.ask(state)
    this.box.draw(`Publish ${state.stored.name}`, ...this.view(state))
  }

  private async ask(state: State): Promise<void> {
    const asked: Asked = { revision: state.stored.revision, answer: null }
    this.asked = asked
    const answer = await found(state).catch((error: unknown) => ({ failed: messageOf(error) }))
    if (this.asked === asked) this.asked = { ...asked, answer }
    this.draw(this.page.state())
  }

  private act(what: string, button: HTMLElement): void {
    if (what === 'close') this.box.close()
    if (what === 'again') {
      this.asked = null
      this.draw(this.page.state())
    }
    if (what === 'publish') this.publish()
    if (what === 'go') {
      const problem = this.found()?.problems[Number(button.dataset['at'])]
      this.box.close()
      if (problem !== undefined) this.goTo(problem)
    }
  }

  private found(): Found | null {
    const answer = this.asked?.answer ?? null
    return answer === null || 'failed' in answer ? null : answer
  }

  private publish(): void {
    const known = this.found()
    if (known === null || !canGoOn(known) || isBusy(this.page.state())) return
    this.hasPublished = true
    const note = this.box.find('textarea', HTMLTextAreaElement)?.value.trim() ?? ''
    this.page.dispatch({ type: 'publish-wanted', note, over: known.since?.version ?? null })
  }

  private view(state: State): readonly Node[] {
    const held = heldBack(state, 'published')
    if (held !== null) return [failure(held), answers(actButton('close', '', false, 'Back to the editor'))]
    const answer = this.asked?.answer ?? null
    if (answer === null) {
      const waiting = state.notSaved === null ? 'Saving and comparing…' : toldNotSaved(state.notSaved)
      return [make('p', { role: 'status' }, waiting), answers(actButton('close', '', false, 'Later'))]
    }
    if ('failed' in answer) {
      return [failure(answer.failed), answers(actButton('close', '', false, 'Later'), actButton('again', 'btn-primary', false, 'Compare again'))]
    }
    return this.compared(state, answer)
  }

  private compared(state: State, known: Found): readonly Node[] {
    const { publishing } = state
    const { changes, problems, since } = known
    const number = (changes.version ?? 0) + 1
    const busy = isBusy(state)
    const warned = warningsOf(state)
    const tried = this.lastTry()
    const refused = publishing.step === 'refused' && this.hasPublished && problems.length === 0 ? publishing.message : null
    return [
      ...(problems.length > 0 ? [problemsView(problems)] : []),
      ...(warned.length > 0 ? [warnedView(warned)] : []),
      ...(tried === null ? [] : [triedLine(tried)]),
      ...(since === null ? [differenceView(changes)] : [sinceView(since)]),
      reachView(changes),
      make(
        'label', { class: 'ed-note-field', 'data-key': 'note', hidden: problems.length > 0 || changes.is_same },
        'Note', make('span', { class: 'text-secondary' }, ' why, for whoever reads the list of versions'),
        make('textarea', { class: 'form-control', rows: 2, maxlength: MAX_NOTE, autofocus: true }),
      ),
      ...(refused === null ? [] : [failure(refused)]),
      answers(
        actButton('close', '', false, 'Later'),
        actButton(
          'publish', 'btn-primary', busy || !canGoOn(known), icon('upload'),
          busy ? ' Publishing…' : since === null ? ` Publish version ${number}` : ` Publish over version ${since.version}`,
        ),
      ),
    ]
  }
}

async function found(state: State): Promise<Found> {
  const { flow, base_version } = state.stored
  const at = `/api/drafts/${flow}`
  const [changes, { problems }] = await Promise.all([
    call<Reached>('POST', `${at}/changes`, { body: {} }),
    call<{ readonly problems: readonly KeyProblem[] }>('POST', `${at}/check`),
  ])
  const { version } = changes
  if (version === null || version === base_version) return { changes, problems, since: null }
  const address = `/api/flows/${flow}/versions/${version}`
  const against = base_version === null ? '' : `?against=${base_version}`
  const [about, theirs, mine] = await Promise.all([
    call<{ readonly published_by: string; readonly published_at: string }>('GET', address),
    call<Difference>('GET', `${address}/changes${against}`),
    base_version === null ? changes : call<Difference>('POST', `${at}/changes`, { body: { against: base_version } }),
  ])
  return { changes, problems, since: { version, by: about.published_by, at: about.published_at, theirs, mine } }
}

function canGoOn({ changes, problems }: Found): boolean {
  return problems.length === 0 && !changes.is_same
}

function isBusy({ publishing }: State): boolean {
  return publishing.step === 'waiting' || publishing.step === 'asking'
}

function isAtRest(state: State): boolean {
  return isSettled(state) && !isDirty(state) && state.saving === 'idle' && state.stored.is_draft && !isBusy(state)
}

function problemsView(problems: readonly KeyProblem[]): HTMLElement {
  const items = problems.map((problem, at) =>
    make('li', {}, make('button', { type: 'button', class: 'ed-problem', 'data-act': 'go', 'data-at': at }, icon('alert-triangle'), make('span', {}, toldProblem(problem)))),
  )
  const title = problems.length === 1 ? 'Not published: 1 problem is to be mended first' : `Not published: ${problems.length} problems are to be mended first`
  return make('section', { class: 'ed-blocked', 'data-key': 'problems', role: 'alert' }, make('h3', { class: 'h4' }, title), make('ol', {}, ...items))
}

function differenceView(changes: Reached): HTMLElement {
  if (changes.is_same) {
    return make('p', { 'data-key': 'same' }, `Nothing differs from version ${changes.version ?? 0}: there is nothing to publish.`)
  }
  const title = changes.version === null ? 'The first version' : `What changes from version ${changes.version}`
  return make('section', { 'data-key': 'words' }, make('h3', { class: 'h4' }, title), wordsView(changes.words), ...scriptsView(changes))
}

function sinceView({ version, by, at, theirs, mine }: Since): HTMLElement {
  return make(
    'section', { 'data-key': 'since' },
    warning(make('strong', {}, `${by} published version ${version} `), timeElement(at), ', after this draft was begun. Publishing replaces it whole: take over below what should stay.'),
    make(
      'div', { class: 'ed-both' },
      make('div', {}, make('h3', { class: 'h4' }, `Version ${version} changed`), wordsView(theirs.words), ...scriptsView(theirs)),
      make('div', {}, make('h3', { class: 'h4' }, 'This draft changes'), wordsView(mine.words), ...scriptsView(mine)),
    ),
  )
}

/** Whom the next version reaches without anybody asking again; first who gives what it would not take. */
function reachView({ schedules, callers, unfit_calls }: Reached): HTMLElement {
  const unfit = [
    ...schedules.flatMap((start) => (start.misfit === null ? [] : [warning(...startWords(start), '. ', scheduleWords(start.misfit))])),
    ...callers.flatMap((name) => {
      const calls = unfit_calls.filter(({ flow }) => flow === name)
      return calls.length === 0 ? [] : [warning(`Called by ${name}. `, calls.map(({ line, misfit }) => callWords(line, misfit)).join(' '))]
    }),
  ]
  const starts = schedules.filter(({ misfit }) => misfit === null).map((start) => make('li', {}, icon('calendar-event'), make('span', {}, ...startWords(start))))
  const fitting = callers.filter((name) => unfit_calls.every(({ flow }) => flow !== name))
  const calls = fitting.map((name) => make('li', {}, icon('route'), make('span', {}, `called by ${name}`)))
  const nobody = make('p', { class: 'text-secondary' }, 'No schedule starts it and no flow calls it.')
  return make(
    'section', { 'data-key': 'reach' },
    make('h3', { class: 'h4' }, 'Starts that will use it'),
    ...unfit,
    starts.length + calls.length === 0 ? null : make('ul', { class: 'ed-reach' }, ...starts, ...calls),
    schedules.length + callers.length === 0 ? nobody : null,
  )
}

/** "Heartbeat: next 21:45:00". */
function startWords({ name, next_at }: Start): readonly (Node | string)[] {
  return next_at === null ? [name] : [name, ': next ', timeElement(next_at)]
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
