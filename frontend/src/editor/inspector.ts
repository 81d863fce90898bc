/** The inspector: the settings of the selected step, edited in the text of the script so that nothing else changes. */
import { make } from '../lib/dom'
import { icon } from '../lib/icons'
import { stepPhrase, stepTitle } from '../lib/steps'
import { Around } from './around'
import { aboutBlock, aboutLoose, guideOf } from './block_view'
import { argumentOf, removeArgument, setArgument, type Edited } from './call_text'
import { Callee, CALLEES } from './callee'
import type { CallRange, FlatBlock, Site } from './documents'
import { failingView, type Failing, type FailingView } from './failing'
import { drawnField, modeFor, type Drawn, type FieldActs, type Mode } from './inspector_fields'
import { shownValue } from './field_text'
import { stepOf, type Field, type Step } from './inspected'
import { literalOf, pythonOf, quoteOf } from './literals'
import { RawEditor } from './raw_editor'
import { expressions } from './sampled'
import { SampleStore } from './sample_store'
import { Rendered } from './rendered'
import { isRead, shutSide, type Side } from './side'
import { type Page, type State } from './state'
import { unwrappedFromTry, wrappedInTry } from './statement_text'
import { tellWrong } from './wrong'

type Edit = (text: string, call: CallRange, step: Step) => Edited | string | null

/** The call after edits that the server has not seen yet. */
interface Local {
  readonly text: string
  readonly call: CallRange
  readonly site: number
}

const ICONS: Readonly<Record<string, string>> = {
  run_task: 'player-play',
  run_flow: 'route',
  sleep: 'hourglass',
  approve: 'hand-stop',
  set_context: 'database',
  get_context: 'database',
  log: 'message',
}

/** What the focus goes to: a field that is wrong, any field, whatever else can take it. */
const FIRST = ['[data-field]:has(.in-wrong > *) :is(input, select, textarea)', '[data-field] :is(input, select, textarea)', ':is(input, select, textarea, button, a)']

export class Inspector {
  private around: Around | null = null
  private drawnFor: readonly unknown[] = []
  private shape = ''
  private readonly modes = new Map<string, Mode>()
  private modesOf = ''
  private chosen = 0
  private local: Local | null = null
  private readonly waiting = new Map<string, Edit>()
  private waitingFor = 0
  private step: Step | null = null
  private fields = new Map<string, Drawn>()
  private failing: FailingView | null = null
  private wanted: Failing | null = null
  private callee: Callee | null = null
  private readonly raw: RawEditor
  private readonly rendered: Rendered
  private readonly note = make('div', { class: 'in-note', role: 'status', hidden: true })
  private readonly wrong = make('div', { class: 'in-wrong' })
  private readonly store: SampleStore

  constructor(
    private readonly place: HTMLElement,
    private readonly page: Page,
    private readonly acts: { readonly goBack: () => void; readonly connect: (block: string) => void },
  ) {
    place.addEventListener('keydown', (event) => {
      if (event.key === 'Escape' && !event.defaultPrevented) acts.goBack()
    })
    this.store = new SampleStore(page.state().stored.flow, () => this.redraw())
    this.rendered = new Rendered(this.store)
    this.raw = new RawEditor(page)
  }

  draw(state: State): void {
    const side = state.sides[state.script]
    const key = [state.card, state.pointed.block, side, state.names, state.other.inputs, state.selection]
    if (this.drawnFor.length > 0 && key.every((one, index) => one === this.drawnFor[index])) return
    const isOtherText = this.drawnFor[2] !== side
    this.drawnFor = key
    if (this.around === null || isOtherText) this.around = new Around(side.placed)
    if (state.card !== 'steps' && state.card !== 'order') return
    const block = this.around.block(state.pointed.block)
    const apart = state.pointed.block === null ? null : new Around(side.blocks).apart(state.pointed.block, side.blocks.first)
    if (apart !== null) this.drawApart(state, apart)
    else if (block === null) this.show(side.text.trim() === '' ? 'empty' : 'nothing', () => guideOf(state, () => this.page.dispatch({ type: 'card-chosen', card: 'rules' })), state)
    else this.drawBlock(state, block, this.around)
  }

  /** Puts the focus on the first setting that wants something, else on the first; false where there is none. */
  focus(): boolean {
    const first = FIRST.map((selector) => this.place.querySelector<HTMLElement>(selector)).find((found) => found !== null)
    first?.focus()
    if (first instanceof HTMLInputElement && first.type === 'text') first.select()
    return first !== undefined
  }

  private redraw(): void {
    this.drawnFor = []
    this.draw(this.page.state())
  }

  private drawBlock(state: State, block: FlatBlock, around: Around): void {
    const side = state.sides[state.script]
    const sites = state.script === 'execution' ? around.sites(block.id, side.sites) : []
    const site = sites.find((one) => one.site === this.chosen) ?? sites[0]
    if (site === undefined) this.drawOther(state, block)
    else this.drawSite(state, sites, site)
  }

  private drawSite(state: State, sites: readonly Site[], site: Site): void {
    const side = state.sides[state.script]
    const whose = `${state.script} ${site.site} ${site.step}`
    if (whose !== this.modesOf) {
      this.modes.clear()
      this.modesOf = whose
      if (this.waitingFor !== site.site) this.waiting.clear()
    }
    const call = this.callNow(state, site)
    if (call !== null || this.step?.site.site !== site.site || this.step.site.step !== site.step) {
      const written = { text: side.text, faults: side.problems, names: state.names, flowInputs: state.other.inputs }
      this.step = stepOf(site, call ?? site.call, written)
    }
    for (const field of fieldsOf(this.step)) {
      if (!this.modes.has(field.name) || (this.modes.get(field.name) === 'value' && shownValue(field) === null))
        this.modes.set(field.name, modeFor(field))
    }
    this.show(shapeOf(state, sites, this.step, this.modes, this.canEdit(state)), () => this.built(state, sites), state)
    if (isRead(side)) this.wanted = null
    this.write(state, site)
    this.flush(call)
  }

  /** The call in the text as it is now; null while the server has not found it there. */
  private callNow(state: State, site: Site): CallRange | null {
    const side = state.sides[state.script]
    if (isRead(side)) {
      this.local = null
      return site.call
    }
    const { local } = this
    return local?.text === side.text && local.site === site.site && side.edited !== 'blocks' ? local.call : null
  }

  /** Makes the view anew where it has another shape; what has the focus keeps it. */
  private show(shape: string, build: () => readonly Node[], state: State): void {
    const whole = `${state.script} ${shape}`
    if (whole === this.shape) return
    this.shape = whole
    const active = this.place.contains(document.activeElement) ? document.activeElement : null
    const caret = active instanceof HTMLInputElement ? active.selectionStart : null
    this.fields = new Map()
    this.place.replaceChildren(...build())
    const again = active === null || active.id === '' ? null : this.place.querySelector(`#${CSS.escape(active.id)}`)
    if (!(again instanceof HTMLElement)) return
    again.focus()
    if (again instanceof HTMLInputElement && caret !== null && again.type === 'text') again.setSelectionRange(caret, caret)
  }

  /** An edit here is one of the text, which gives way to blocks that make no script. */
  private canEdit(state: State): boolean {
    return this.page.canWrite && shutSide(state.sides[state.script]) !== 'text'
  }

  private built(state: State, sites: readonly Site[]): readonly Node[] {
    const { step } = this
    if (step === null) return []
    const acts = this.fieldActs(state)
    const drawn = (field: Field): HTMLElement => {
      const made = drawnField(field, this.modes.get(field.name) ?? 'value', acts)
      this.fields.set(field.name, made)
      return made.node
    }
    const section = (title: string, fields: readonly Field[]): Node | null =>
      fields.length === 0
        ? null
        : make('section', { class: 'in-section' }, title === '' ? null : make('h3', {}, title), ...fields.map(drawn))
    this.failing = step.check === null ? null : failingView(this.canEdit(state), (failing) => this.setFailing(failing))
    const kind = CALLEES[step.site.step]
    this.callee = kind === undefined ? null : new Callee(kind, this.page, this.canEdit(state), (name) => this.setCallee(name))
    return [
      this.titled(step, sites),
      this.note,
      this.wrong,
      this.callee?.node ?? null,
      section(kind === undefined ? '' : 'Inputs', step.inputs),
      section('', kind === undefined ? step.options : []),
      section('On which elements', step.where === null ? [] : [step.where]),
      this.failing?.node ?? null,
      step.options.length > 1 && kind !== undefined
        ? make('section', { class: 'in-section in-pair' }, ...step.options.map(drawn))
        : null,
      step.callee?.kind === 'task' ? this.rendered.node : null,
      step.callee?.kind === 'flow' ? childSteps(step) : null,
    ].filter((node) => node !== null)
  }

  private titled(step: Step, sites: readonly Site[]): HTMLElement {
    const { site } = step
    const title = make(
      'h2',
      { class: 'in-title' },
      make('span', { class: 'in-site' }, String(site.site)),
      icon(ICONS[site.step] ?? 'bolt'),
      stepTitle(site.step),
    )
    if (sites.length < 2) return title
    const others = sites.map((one) => {
      const button = make(
        'button',
        { type: 'button', class: 'btn btn-sm', 'aria-pressed': String(one.site === site.site) },
        `Step ${one.site}`,
      )
      button.addEventListener('click', () => {
        this.chosen = one.site
        this.redraw()
      })
      return button
    })
    return make('div', {}, title, make('div', { class: 'in-sites', role: 'group', 'aria-label': 'Steps of this block' }, ...others))
  }

  /** Writes what the text says into what is there. */
  private write(state: State, site: Site): void {
    const { step } = this
    if (step === null) return
    const side = state.sides[state.script]
    for (const field of fieldsOf(step)) this.fields.get(field.name)?.draw(field)
    const catching = this.around?.catching(this.around.statement(site.block ?? '')?.id ?? '') ?? null
    this.failing?.draw(step, catching, wrappedInTry(side.text, site.statement) !== null, this.wanted)
    this.callee?.draw(step)
    this.note.textContent = shutNote(side, this.local?.text === side.text)
    this.note.hidden = this.note.textContent === ''
    tellWrong(this.wrong, step.problems)
    if (step.callee?.kind !== 'task') return
    const on = step.where?.code === null || step.where === null ? null : literalOf(step.where.code)
    this.rendered.draw({
      task: step.callee.found,
      given: step.inputs,
      on: typeof on === 'string' ? on : null,
      flow: state.stored.flow,
      flowInputs: state.other.inputs,
      targets: state.selection !== null && 'names' in state.selection ? state.selection.names : [],
    })
  }

  private fieldActs(state: State): FieldActs {
    return {
      canWrite: this.canEdit(state),
      write: (field, code) =>
        this.edit(field.name, (text, call) =>
          code === null ? removeArgument(text, call, field.name, field.place) : setArgument(text, call, field.name, code, field.place),
        ),
      turn: (field, mode) => {
        this.modes.set(field.name, mode)
        this.redraw()
        document.getElementById(`in-${field.name}`)?.focus()
      },
      leaveToFlow: (field) => this.leaveToFlow(field),
      offers: (field, mode) => offersFor(field, mode, state, this.store),
    }
  }

  private leaveToFlow({ name, place }: Field): void {
    const { inputs } = this.page.state().other
    const declared = this.step?.callee?.found.inputs.find((one) => one.name === name)
    if (declared !== undefined && !inputs.some((one) => one.name === name))
      this.page.dispatch({ type: 'keys-changed', keys: { inputs: [...inputs, declared] }, place: `inputs ${name}` })
    this.edit(name, (text, call) => removeArgument(text, call, name, place))
  }

  private setCallee(name: string): void {
    if (name.trim() === '' || name === this.step?.site.name) return
    this.edit('name', (text, call) => {
      const before = argumentOf(call, 'name', 0)
      return setArgument(text, call, 'name', pythonOf(name, quoteOf(before?.code ?? '')), 0)
    })
  }

  private setFailing(failing: Failing): void {
    this.wanted = failing
    this.edit('check', (text, call, step) => {
      const catching = this.around?.catching(this.around.statement(step.site.block ?? '')?.id ?? '') ?? null
      const edited = failing === 'go-on' ? setArgument(text, call, 'check', 'False') : removeArgument(text, call, 'check')
      const grown = edited.text.length - text.length
      const statement = { start: step.site.statement.start, end: step.site.statement.end + grown }
      if (failing === 'catch' && catching === null) return wrappedInTry(edited.text, statement)
      if (failing !== 'catch' && catching?.lines) return unwrappedFromTry(edited.text, catching.lines)
      return edited
    })
    this.redraw()
  }

  /** Edits the text now, or as soon as the server has said where the call stands. */
  private edit(key: string, edit: Edit): void {
    const state = this.page.state()
    const { step } = this
    if (step === null || !this.page.canWrite) return
    const call = this.callNow(state, step.site)
    if (call === null) {
      this.waiting.set(key, edit)
      this.waitingFor = step.site.site
    } else this.apply(state, call, step, edit)
  }

  private apply(state: State, call: CallRange, step: Step, edit: Edit): void {
    const { script } = state
    const { text } = state.sides[script]
    const edited = edit(text, call, step)
    if (edited === null) return
    const next = typeof edited === 'string' ? edited : edited.text
    if (next === text) return
    this.local = typeof edited === 'string' ? null : { text: next, call: edited.call, site: step.site.site }
    this.page.dispatch({ type: 'text-edited', script, text: next })
  }

  private flush(call: CallRange | null): void {
    if (call === null || this.waiting.size === 0 || this.step?.site.site !== this.waitingFor) return
    const [[key, edit] = []] = [...this.waiting]
    if (key === undefined || edit === undefined) return
    this.waiting.delete(key)
    this.apply(this.page.state(), call, this.step, edit)
  }

  private drawApart(state: State, block: FlatBlock): void {
    this.step = null
    const connect = this.page.canWrite ? () => this.acts.connect(block.id) : null
    this.show(`apart ${block.id}`, () => aboutLoose(block, connect), state)
  }

  private drawOther(state: State, block: FlatBlock): void {
    this.step = null
    const isRaw = block.type.startsWith('raw_')
    const shape = `block ${block.id} ${block.type} ${block.extra.why ?? ''}`
    this.show(shape, () => [...aboutBlock(block), ...(isRaw ? [this.raw.node] : [])], state)
    if (isRaw) this.raw.draw(state, block)
  }
}

/** Why the settings are not what the script says, if they may not be: the side that makes no script is to be mended first. */
function shutNote(side: Side, isOwn: boolean): string {
  const [first] = side.problems
  const shut = shutSide(side)
  if (shut === 'text') return `The blocks make no script now${first ? `: ${first.message}` : ''}. Mend them first: until then nothing is edited here.`
  if (shut !== 'blocks' || isOwn) return ''
  return `The Python cannot be read${first ? `: line ${first.line}, ${first.message}` : ''}. Mend it there first.`
}

function fieldsOf(step: Step): readonly Field[] {
  return [...step.inputs, ...(step.where === null ? [] : [step.where]), ...step.options]
}

/** What the view is made of; everything else is written into it. */
function shapeOf(state: State, sites: readonly Site[], step: Step, modes: ReadonlyMap<string, Mode>, canEdit: boolean): string {
  const { site, callee } = step
  const fields = fieldsOf(step).map((field) => [
    field.name, field.kind, field.hint, field.placeholder, field.isRequired, field.choices, modes.get(field.name),
  ])
  const known = callee === null ? null : [callee.kind, callee.found.id, callee.found.version]
  return JSON.stringify([site.site, site.step, sites.map((one) => one.site), known, fields, state.names === null, canEdit])
}

function offersFor(field: Field, mode: Mode, state: State, store: SampleStore): readonly string[] {
  const { names, selection, other } = state
  const targets = selection !== null && 'names' in selection ? selection.names : []
  if (mode === 'python') return expressions(other.inputs, names?.context_keys ?? [], field.name === 'element' || field.name === 'elements')
  if (field.kind === 'element') return store.names(targets)
  if (field.kind === 'key') return names?.context_keys ?? []
  return []
}

/** What a child flow does, in the order of its steps. */
function childSteps(step: Step): Node | null {
  if (step.callee?.kind !== 'flow') return null
  const { steps, mode } = step.callee.found
  return make(
    'section',
    { class: 'in-section' },
    make('h3', {}, `Its steps, ${mode}`),
    steps.length === 0
      ? make('p', { class: 'text-secondary' }, 'None.')
      : make('ol', { class: 'in-steps' }, ...steps.map((one) => make('li', { value: one.site }, stepPhrase(one.step, one.name)))),
  )
}
