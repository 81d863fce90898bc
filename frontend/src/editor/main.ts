/** The editor: opens the draft, and ties the state to the canvas, the Python pane and what stands around them. */
import './editor.css'
import './canvas.css'
import './cards.css'
import './dock.css'
import './loop.css'
import './python.css'
import './inspector.css'
import '../lib/undeclared.css'

import { may, need, oncePerFrame, pageData } from '../lib/dom'
import { tellKeys } from '../lib/shortcuts'
import { call } from '../wire/api'
import { THEME_CHANGED } from '../frame/theme'
import { askAboutConflict, askAboutDiscarding } from './asking'
import { defineBlocks } from './blocks'
import { Dock } from './dock'
import { Canvas } from './canvas'
import { Clipboard } from './clipboard'
import { registerDenseRenderer } from './dense'
import { KEYS as KEY_NAMES, type Draft, type KeyProblem, type Script } from './documents'
import { blockAt } from './flat'
import { listenForFormat } from './formatting'
import { HINTED, listenForHints, type HintedDetail } from './hints'
import { Inspector } from './inspector'
import { Jump } from './jump'
import { CANVAS_KEYS, KEYS, pressOf, type Press } from './keyboard'
import { keepFromLateEdits } from './late_edits'
import { listenForNewTask } from './new_task'
import type { Known } from './offers'
import { EmptyNote } from './empty'
import { OrderCard } from './order'
import { Planning } from './planning'
import { Palette } from './palette'
import { Problems, type At } from './problems'
import { PublishDialog } from './publishing'
import { Python } from './python'
import { RulesCard } from './rules'
import { Saying } from './saying'
import { ScriptPanes } from './script_panes'
import { Sentence } from './sentence'
import { sentence } from './words'
import {
  after,
  cardOf,
  CARDS,
  holdsUnsaved,
  isDirty,
  isSettled,
  keysOf,
  opened,
  scriptOf,
  type Card,
  type Event,
  type Listed,
  type Page,
  type State,
} from './state'
import { TargetCard, type Fleet } from './target'
import { TargetList } from './target_list'
import { TryDialog } from './trying'
import { VersionsCard } from './versions'
import { isOvertaken, lineOfBlocks, shutWords } from './side'
import { shelvesFor, taskEntry } from './toolbox'
import { ToolboxView } from './toolbox_view'
import { travelledWords } from './travelled'
import { cardOfAddress, listenForViews, remember } from './panes'
import { drawBar, drawCard, drawNotes, drawSaid } from './views'
import { Work } from './work'

type Data = Fleet & { readonly flow: number; readonly input_types: readonly string[] }

const SAVED_WITHIN_MS = 5_000

const AFTER_CONFLICT = { theirs: 'took-theirs', mine: 'kept-mine', later: 'put-off' } as const

/** Where the last try is told; whoever may not try has none on the page. */
function triedPlace(): HTMLElement {
  const place = document.querySelector('#tried')
  return place instanceof HTMLElement ? place : document.createElement('span')
}

async function start(): Promise<void> {
  const data = pageData<Data>()
  const canWrite = may('flow.publish')
  let draft: Draft
  try {
    draft = await call<Draft>('GET', `/api/drafts/${data.flow}/`)
  } catch (error) {
    need('#status', HTMLElement).textContent =
      `This flow could not be opened: ${error instanceof Error ? error.message : String(error)} Reload the page.`
    return
  }
  new Editor(opened(draft, canWrite, cardOfAddress()), data).begin()
}

class Editor implements Page {
  readonly canWrite: boolean
  private readonly canvas: Canvas
  private readonly toolbox: ToolboxView | null
  private readonly palette: Palette | null
  private readonly empty: EmptyNote | null
  private readonly python: Python
  private readonly panes: ScriptPanes
  private readonly parts: readonly { draw(state: State): void }[]
  private readonly problems: Problems
  private readonly saying: Saying
  private readonly inspector: Inspector
  private readonly work: Work
  private readonly planning: Planning
  private readonly dock: Dock
  private readonly publishDialog: PublishDialog
  private readonly tryDialog: TryDialog
  private readonly draw = oncePerFrame(() => this.drawAll())

  constructor(
    private now: State,
    data: Data,
  ) {
    this.canWrite = now.canWrite
    document.body.classList.add('has-editor')
    const known = (): Known => ({
      names: this.now.names,
      inputs: this.now.other.inputs,
      elements: this.now.selection !== null && 'names' in this.now.selection ? this.now.selection.names : [],
    })
    defineBlocks(known)
    registerDenseRenderer()
    const pane = need('.ed-blocks', HTMLElement)
    const saying = this.saying = new Saying(pane)
    this.canvas = new Canvas(need('#canvas', HTMLElement), !this.canWrite, known, {
      changed: () => this.panes.blocksChanged(),
      selected: (block) => this.dispatch({ type: 'pointed', block, by: 'blocks' }),
      wanted: (place) => this.palette?.open(place),
      said: (message) => saying.say(message),
      shut: () => shutWords(this.side()),
    })
    const shelves = (): ReturnType<typeof shelvesFor> => shelvesFor(this.now.script, this.now.names, this.now.other.inputs)
    this.palette = this.canWrite ? new Palette(pane, this.canvas, shelves) : null
    this.empty = this.canWrite ? new EmptyNote(pane, () => this.palette?.open(null)) : null
    if (this.canWrite)
      new Clipboard(this.canvas, {
        script: () => this.now.script,
        placed: () => this.side().placed,
        text: () => this.side().text,
        saying,
      })
    this.toolbox = this.canWrite ? new ToolboxView(need('#toolbox', HTMLElement), this.canvas) : null
    this.python = new Python(need('#code', HTMLElement), !this.canWrite, () => this.now.script, known, {
      edited: (text) => this.panes.textEdited(text),
      moved: (line) => {
        this.dispatch({ type: 'pointed', block: this.blockAt(line), by: 'text', ...(this.side().edited === 'text' ? { line } : {}) })
      },
      entered: () => this.panes.pythonEntered(),
    })
    this.panes = new ScriptPanes(this, this.canvas, this.python, this.draw)
    this.publishDialog = new PublishDialog(this, (problem) => this.goToKey(problem), () => this.tryDialog.last())
    this.tryDialog = new TryDialog(this, triedPlace(), (problem) => this.goToKey(problem))
    this.problems = new Problems(
      need('#problems', HTMLElement),
      (problem) => ('script' in problem ? this.goTo(problem) : this.goToKey(problem)),
      () => this.cursor(),
    )
    const list = new TargetList(need('#target-list', HTMLElement), this, () => this.draw())
    this.inspector = new Inspector(need('#inspector', HTMLElement), this, {
      goBack: () => this.canvas.focus(),
      connect: (block) => this.canvas.connect(block),
    })
    this.parts = [
      new Sentence(need('#sentence', HTMLElement)),
      list,
      new TargetCard(need('#card-target', HTMLElement), this, data, () => list.effect()),
      new OrderCard(need('#order-preview', HTMLElement), this),
      new RulesCard(need('#card-rules', HTMLElement), this, data.input_types),
      this.inspector,
      new Jump(need('#main', HTMLElement), need('#inspector', HTMLElement), need('#canvas', HTMLElement), {
        settings: () => this.inspector.focus(),
        blocks: () => this.canvas.focus(),
      }),
      new VersionsCard(need('#card-versions', HTMLElement), this, () => this.saved()),
      this.publishDialog,
      this.tryDialog,
      this.problems,
    ]
    this.work = new Work(this)
    this.planning = new Planning(this)
    this.dock = new Dock(need('#dock', HTMLElement), this, this.planning)
    listenForNewTask(this, {
      relearn: () => this.work.learnNames(),
      focus: () => this.canvas.focus(),
      put: (task, at) => {
        const entry = taskEntry(shelves(), task)
        return entry !== undefined && this.now.script === 'execution' && !isOvertaken(this.side()) && !this.canvas.isGone(at) && this.canvas.insert(entry, at)
      },
    })
  }

  begin(): void {
    this.listen()
    this.work.look()
    this.planning.look()
    void this.work.learnNames()
    this.draw()
    window.setInterval(this.draw, 1_000)
  }

  state(): State {
    return this.now
  }

  dispatch(event: Event): void {
    const before = this.now
    this.now = after(before, event, Date.now())
    if (this.now.card !== before.card) remember('card', this.now.card === 'steps' ? null : this.now.card)
    if (this.now.conflict !== null && before.conflict === null) {
      askAboutConflict(this.now, this.now.conflict, (whose) =>
        this.dispatch({ type: AFTER_CONFLICT[whose] }),
      )
    }
    this.work.look()
    this.planning.look()
    this.draw()
  }

  private side(): State['sides'][Script] {
    return this.now.sides[this.now.script]
  }

  /** The block of a line of the text. */
  private blockAt(line: number): string | null {
    const side = this.side()
    const there = lineOfBlocks(side, line)
    return there === null ? null : blockAt(side.placed, there)
  }

  /** Publishing and trying are about what is stored: an answer that was put off is asked for first. */
  private openStored(dialog: PublishDialog | TryDialog): void {
    this.panes.read()
    if (this.now.notSaved?.needsAnswer === true) void this.work.save()
    else dialog.open()
  }

  private drawAll(): void {
    const state = this.now
    const side = this.side()
    const acts = {
      goBack: (script: Script) => this.dispatch({ type: 'went-back', script }),
      comparePublished: () => this.publishDialog.open(),
      forgetSaid: () => this.dispatch({ type: 'publishing', to: { step: 'idle' } }),
    }
    drawBar(state, Date.now())
    drawSaid(state, acts)
    drawCard(state)
    drawNotes(state, acts)
    this.dock.draw(state)
    for (const part of this.parts) part.draw(state)
    this.toolbox?.draw(state)
    this.empty?.draw(state.script, side.loads > 0 && side.blocks.first === null && side.behind === null)
    this.panes.draw(state)
    need('#main', HTMLElement).dataset['settled'] = String(this.isAtRest())
  }

  /** Nothing is waited for: no edit, no answer, no save. */
  private isAtRest(): boolean {
    const state = this.now
    return (
      !this.panes.isWaiting &&
      isSettled(state) &&
      state.saving === 'idle' &&
      (!state.canWrite || !isDirty(state)) &&
      state.names !== null
    )
  }

  private goTo(problem: Listed): void {
    this.choose(problem.script === 'processing' ? 'order' : 'steps')
    this.dispatch({ type: 'pointed', block: problem.block, by: 'problems' })
    if (problem.line > 0 && this.side().behind !== 'text' && this.python.isShown())
      window.setTimeout(() => this.python.goTo(problem.line, problem.col), 50)
    else this.canvas.focus()
  }

  private goToKey({ key, line }: KeyProblem): void {
    const card = cardOf(KEY_NAMES.find((name) => name === key.split('.')[0]))
    if (card !== null) this.choose(card)
    window.setTimeout(() => {
      if (line > 0) this.python.goTo(line, 1)
      else document.querySelector<HTMLElement>(`#card-${card ?? ''} [aria-invalid='true']`)?.focus()
    }, 50)
  }

  /** Comes back when what is on the page is stored, or when it is clear that it cannot be now. */
  private async saved(): Promise<void> {
    this.panes.read()
    const until = Date.now() + SAVED_WITHIN_MS
    while (this.canWrite && !this.isAtRest() && this.now.conflict === null && Date.now() < until) {
      if (isSettled(this.now)) await this.work.save()
      await new Promise((resolve) => window.setTimeout(resolve, 50))
    }
  }

  /** Where the cursor of the Python stands while a person is there. */
  private cursor(): At | null {
    const at = this.python.cursor()
    return at === null ? null : { card: this.now.card, ...at }
  }

  private choose(card: Card): void {
    this.panes.read()
    this.dispatch({ type: 'card-chosen', card })
  }

  /** The blocks are read first: what was drawn a moment ago is part of what is undone. */
  private travel(type: 'undone' | 'redone'): void {
    this.panes.read()
    const { sides, history } = this.now
    const before = keysOf(this.now)
    this.dispatch({ type })
    const isMoved = this.now.sides !== sides || this.now.history !== history
    this.saying.say(isMoved ? travelledWords(type, before, keysOf(this.now)) : `Nothing to ${type === 'undone' ? 'undo' : 'do again'}`, false)
  }

  private listen(): void {
    need('#sentence', HTMLElement).addEventListener('click', (event) => {
      const button = event.target instanceof Element ? event.target.closest('button[data-open-card]') : null
      const card = CARDS.find((one) => one === button?.getAttribute('data-open-card'))
      if (card !== undefined) this.choose(card)
    })
    document.querySelector('#undo')?.addEventListener('click', () => this.travel('undone'))
    document.querySelector('#redo')?.addEventListener('click', () => this.travel('redone'))
    document.querySelector('#publish')?.addEventListener('click', () => this.openStored(this.publishDialog))
    document.querySelector('#try')?.addEventListener('click', () => this.openStored(this.tryDialog))
    document
      .querySelector('#discard')
      ?.addEventListener('click', () =>
        askAboutDiscarding(this.now.stored.published_version !== null, () => void this.discard()),
      )
    need('#problems-button', HTMLButtonElement).addEventListener('click', () => this.problems.next(1))
    document.addEventListener(THEME_CHANGED, () => this.canvas.takeTheme())
    new ResizeObserver(() => this.canvas.resize()).observe(need('#canvas', HTMLElement))
    window.addEventListener('keydown', (event) => this.hearKey(event), { capture: true })
    window.addEventListener('beforeunload', (event) => {
      this.panes.read()
      if (holdsUnsaved(this.now)) event.preventDefault()
    })
    listenForViews()
    listenForFormat(this, this.python)
    this.listenForHints()
    keepFromLateEdits(need('#canvas', HTMLElement), () => this.side().edited === 'text')
    tellKeys('In the editor', KEYS)
    tellKeys('On the canvas', CANVAS_KEYS)
  }

  private listenForHints(): void {
    const code = need('#code', HTMLElement)
    listenForHints(need('#canvas', HTMLElement), code, (line) => this.blockAt(line), (event) => this.python.lineUnder(event))
    document.addEventListener(HINTED, (event) => {
      const { block } = event instanceof CustomEvent ? (event.detail as HintedDetail) : { block: null }
      this.panes.hint(block)
      this.dock.hint(block)
    })
  }

  private hearKey(event: KeyboardEvent): void {
    const press = pressOf(event)
    if (press === null || !this.press(press)) return
    event.preventDefault()
    event.stopPropagation()
  }

  /** False where there is nothing that the key could do. */
  private press(press: Press): boolean {
    switch (press) {
      case 'save':
        this.panes.read()
        void this.work.save()
        return true
      case 'undone':
      case 'redone':
        this.travel(press)
        return true
      case 'next-problem':
        this.problems.next(1)
        return true
      case 'previous-problem':
        this.problems.next(-1)
        return true
      case 'palette':
        if (scriptOf(this.now.card) === null) return false
        this.palette?.open(null)
        return this.palette !== null
      case 'palette-after':
        this.palette?.open(this.canvas.placeAfter())
        return this.palette !== null
      case 'settings':
        if (!this.canvas.isOnStatement()) return false
        this.dispatch({ type: 'pointed', block: this.canvas.selected()?.id ?? null, by: 'blocks' })
        this.drawAll()
        return this.inspector.focus()
      case 'toolbox':
        this.toolbox?.focus()
        return this.toolbox !== null
      default:
        return press satisfies never
    }
  }

  private async discard(): Promise<void> {
    const { stored } = this.now
    try {
      if (stored.is_draft) await call<null>('DELETE', `/api/drafts/${stored.flow}/?revision=${stored.revision}`)
      this.now = { ...this.now, canWrite: false }
      if (stored.published_version === null) location.assign('/flows/')
      else location.reload()
    } catch (error) {
      const message = sentence(error instanceof Error ? error.message : String(error))
      this.dispatch({ type: 'save-failed', notSaved: { message, needsAnswer: false } })
    }
  }
}

void start()
