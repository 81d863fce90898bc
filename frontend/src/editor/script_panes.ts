/** The canvas and the Python pane: keeps both at what the state says of the script that is shown, and tells their edits. */
import type { Canvas } from './canvas'
import type { Fault } from './documents'
import { isSameScript, linesOf } from './flat'
import type { Python } from './python'
import { lineOfText, type Side } from './side'
import { faultsIn, type Page, type State } from './state'
import { withEndsOf } from './texts'

/** The events of one change of the canvas come one after the other. */
const CHANGES_GATHER_MS = 20

export class ScriptPanes {
  private drawn: { readonly state: State; readonly loads: string; readonly faults: readonly Fault[] } | null = null
  private timer = 0

  /** `redraw` draws the page in the next frame. */
  constructor(
    private readonly page: Page,
    private readonly canvas: Canvas,
    private readonly python: Python,
    private readonly redraw: () => void,
  ) {}

  /** True while an edit of the canvas is not yet told. */
  get isWaiting(): boolean {
    return this.timer !== 0
  }

  textEdited(text: string): void {
    const { script } = this.page.state()
    if (this.isWaiting) this.read()
    this.page.dispatch({ type: 'text-edited', script, text: withEndsOf(this.side().text, text) })
    // Not taken while an edit of the canvas is on its way to become text.
    this.python.show(this.side().text)
  }

  /** A drag is one change: while it lasts the canvas is busy, and is not read. */
  blocksChanged(): void {
    window.clearTimeout(this.timer)
    this.timer = window.setTimeout(() => this.read(), CHANGES_GATHER_MS)
    this.redraw()
  }

  /** Tells what the canvas holds now, if that is another script than was told. */
  read(): void {
    window.clearTimeout(this.timer)
    this.timer = 0
    this.redraw()
    const state = this.page.state()
    const side = this.side()
    if (this.canvas.isBusy() || side.loads === 0 || this.drawn?.loads !== loadKey(state)) return
    const blocks = this.canvas.read(side.blocks.sites)
    if (!isSameScript(blocks, side.blocks)) this.page.dispatch({ type: 'blocks-edited', script: state.script, blocks })
  }

  draw(state: State): void {
    const side = state.sides[state.script]
    const before = this.drawn?.state ?? null
    const faults = faultsIn(state, state.script)
    const isNew = before === null || before.script !== state.script || before.sides[state.script] !== side
    if (isNew) {
      const isLoaded = this.drawn?.loads !== loadKey(state)
      const wasEmpty = before?.sides[state.script].blocks.first === null
      const isAnother = isLoaded && (before?.script !== state.script || side.loads <= 1 || wasEmpty)
      this.canvas.atOnce(() => {
        if (isLoaded) this.canvas.show(side.blocks, isAnother, state.pointed.by === 'history' ? state.pointed.block : null)
        this.canvas.number(side.sites)
        this.canvas.warn(faults)
      })
      if (isAnother) this.canvas.fit()
      this.python.show(side.text)
      this.python.mark(faults)
    } else if (faults !== this.drawn?.faults) {
      this.canvas.atOnce(() => this.canvas.warn(faults))
      this.python.mark(faults)
    }
    if (before !== null && (before.names !== state.names || before.other.inputs !== state.other.inputs)) this.canvas.redrawFields()
    if (isNew || before.pointed !== state.pointed) this.light(state)
    this.drawn = { state, loads: loadKey(state), faults }
  }

  /** Marks what is under the pointer elsewhere, null for nothing. */
  hint(block: string | null): void {
    this.canvas.hint(block)
    this.python.hint(this.lines(block))
  }

  /** Who comes into the Python with the keyboard comes to what is selected, which may not be drawn yet. */
  pythonEntered(): void {
    this.python.comeTo(this.lines(this.page.state().pointed.block))
  }

  private light({ pointed: { block, by } }: State): void {
    this.canvas.light(block, by !== 'blocks')
    this.python.light(this.lines(block), by !== 'text')
  }

  /** The lines of a block; null for none, and for lines that are no more what the block shows. */
  private lines(block: string | null): readonly [first: number, last: number] | null {
    const side = this.side()
    const lines = block === null ? null : linesOf(side.placed, block)
    if (lines === null) return null
    const [first, last] = [lineOfText(side, lines[0]), lineOfText(side, lines[1])]
    return first === null || last === null ? null : [first, last]
  }

  private side(): Side {
    const state = this.page.state()
    return state.sides[state.script]
  }
}

function loadKey(state: State): string {
  return `${state.script} ${state.sides[state.script].loads}`
}
