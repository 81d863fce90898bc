/** The canvas: shows blocks, tells what a person made of them, and marks what the rest of the page points at. */
import * as Blockly from 'blockly/core'
import * as words from 'blockly/msg/en'

import { HEAD, isCatalogBlock, numberOf, type CatalogBlock } from './block_layout'
import { dressWithBadges, tellBlock, wrapLongBlocks } from './blocks'
import { mayHoldSites, rowOf } from './catalog'
import { RENDERER } from './dense'
import type { Blocks, Fault, Site } from './documents'
import { WAS_SELECTED } from './field_pick'
import { flatType, type State } from './flat'
import { bringHome, bringIntoWindow, fitIn, HOME, isInWindow, MARGIN, SCALE } from './canvas_window'
import { firstOf, flatBlock, load } from './loading'
import { Gaps } from './gaps'
import { canvasTheme, dropBoxRule, paintVariables, shownTheme } from './look'
import { readFonts } from './measure'
import { FieldWords } from './measured'
import type { Known } from './offers'
import { blockOf, focusedOn, isGone, join, placeAfter, selectedHole, statementPlace, toldPlace, valuePlace, type Place } from './places'
import { keepReal, WelcomingChecker } from './shadows'
import { phraseOf } from './speech'
import type { Entry } from './toolbox'
import { whereabouts, blockThere, type Whereabouts } from './whereabouts'

export interface CanvasEvents {
  readonly changed: () => void
  readonly selected: (block: string | null) => void
  /** The + at this place was pressed. */
  readonly wanted: (place: Place) => void
  /** Something did not happen, and why. */
  readonly said: (message: string) => void
  /** Why nothing may be put in now; null where it may. */
  readonly shut: () => string | null
}

const ROW = 28
/** How far from its left edge a block is held that is carried out of the toolbox. */
const GRIP = 12

export class Canvas {
  readonly workspace: Blockly.WorkspaceSvg
  private readonly gaps: Gaps | null
  /** Blocks came while the canvas was not to be seen. */
  private fitsLater = false
  /** A new block is held over the canvas: it is none of the script until it is let go. */
  private isCarrying = false

  constructor(
    place: HTMLElement,
    isReadOnly: boolean,
    private readonly known: () => Known,
    private readonly events: CanvasEvents,
  ) {
    Blockly.Scrollbar.scrollbarThickness = 10
    Blockly.setLocale(words as unknown as Record<string, string>)
    paintVariables(shownTheme())
    this.workspace = Blockly.inject(place, {
      renderer: RENDERER,
      media: '/static/dist/blockly/',
      theme: canvasTheme(shownTheme()),
      readOnly: isReadOnly,
      sounds: false,
      comments: false,
      collapse: false,
      disable: false,
      trashcan: false,
      plugins: { connectionChecker: WelcomingChecker },
      zoom: { controls: true, wheel: false, pinch: true, startScale: SCALE, minScale: 0.5, maxScale: 2 },
      move: { scrollbars: true, drag: true, wheel: true },
    })
    dropBoxRule()
    readFonts()
    this.workspace.MAX_UNDO = 0
    // Widths of texts are kept for as long as the page is: they depend on the text and its class alone.
    Blockly.utils.dom.startTextWidthCache()
    this.gaps = isReadOnly ? null : new Gaps(this.workspace, events.wanted)
    this.workspace.addChangeListener((event) => this.hear(event))
    place.addEventListener('pointerdown', () => this.markSelected(), { capture: true })
    // Blockly tells a frame late what is selected. Whoever leaves sooner is told at once.
    place.addEventListener('focusout', ({ relatedTarget }) => {
      if (!(relatedTarget instanceof Node && place.contains(relatedTarget))) this.tellSelected()
    })
  }

  /** Draws these blocks in place of those before. The window stays where it is, unless `isAnother` script is shown: then
   * `fit`. What was selected stays so, unless `changed` is the block that undo or redo was about. */
  show(blocks: Blocks, isAnother: boolean, changed: string | null): void {
    const { scrollX, scrollY } = this.workspace
    const before = isAnother ? null : this.whereabouts()
    const hasFocus = this.hasFocus()
    this.fitsLater = this.workspace.getInjectionDiv().clientWidth === 0
    // It may have been out of sight until now, with a size from before. Asked for later, it costs a style pass for every block.
    if (isAnother) Blockly.svgResize(this.workspace)
    Blockly.Events.disable()
    try {
      // A block that goes with the focus on it would hand it, a moment later, to a block of Blockly's choice.
      if (hasFocus) Blockly.getFocusManager().focusNode(this.workspace)
      this.workspace.clear()
      this.gaps?.clear()
      load(blocks, this.workspace, this.width(), this.known)
    } finally {
      Blockly.Events.enable()
    }
    this.gaps?.refresh()
    if (isAnother || this.fitsLater) return
    this.workspace.scroll(scrollX, scrollY)
    const there = before === null ? null : blockThere(before, this.workspace, firstOf(this.workspace))
    const again = this.workspace.getBlockById(changed ?? '') ?? there
    if (again === null) return
    if (hasFocus) this.select(again)
    // Selecting would take the focus from the field or the line that is being typed in.
    else again.getFocusableElement().classList.add(Blockly.FocusManager.PASSIVE_FOCUS_NODE_CSS_CLASS_NAME)
  }

  /** Shows the script from its upper left corner, as much of its width as can be read. */
  fit(): void {
    fitIn(this.workspace)
  }

  /** Draws all that `change` does at once. */
  atOnce(change: () => void): void {
    change()
    Blockly.renderManagement.triggerQueuedRenders()
  }

  /** What stands on the canvas now. The script is the largest stack; whatever is loose is told too. */
  read(sites: readonly string[]): Blocks {
    const blocks = this.workspace.getAllBlocks(true).filter((block) => !block.isInsertionMarker())
    this.dress(blocks)
    bringHome(this.workspace)
    this.gaps?.refresh()
    return { first: firstOf(this.workspace)?.id ?? null, blocks: blocks.map(flatBlock), sites }
  }

  isBusy(): boolean {
    return this.isCarrying || this.workspace.isDragging()
  }

  /** Writes each step's number on the block that holds it. */
  number(sites: readonly Site[]): void {
    const numbers = new Map<string, string>()
    for (const { block, site } of sites) {
      if (block !== null)
        numbers.set(block, [numbers.get(block), String(site)].filter((text) => text !== undefined).join(', '))
    }
    for (const block of this.blocks()) {
      if (mayHoldSites(rowOf(flatType(block.type)))) writeSite(block, numbers.get(block.id) ?? '')
    }
  }

  /** Puts what is wrong on the blocks that are wrong. */
  warn(problems: readonly Fault[]): void {
    const told = new Map<string, string>()
    const wrong = new Set<string>()
    for (const { block, message, severity } of problems) {
      if (block === null) continue
      told.set(block, [told.get(block), message].filter((text) => text !== undefined).join('\n'))
      if (severity !== 'warning') wrong.add(block)
    }
    for (const block of this.blocks()) {
      const message = told.get(block.id) ?? null
      if ((block.getIcon(Blockly.icons.WarningIcon.TYPE)?.getText() ?? null) !== message) block.setWarningText(message)
      block.getSvgRoot().classList.toggle('has-problem', wrong.has(block.id))
      block.getSvgRoot().classList.toggle('has-warning', message !== null && !wrong.has(block.id))
    }
  }

  /** Marks the block that is pointed at without a click. */
  hint(id: string | null): void {
    for (const hinted of this.workspace.getInjectionDiv().querySelectorAll('.is-hinted')) hinted.classList.remove('is-hinted')
    const block = id === null ? null : this.workspace.getBlockById(id)
    block?.getSvgRoot().classList.add('is-hinted')
  }

  /** Lights one block; `bring` moves it into the window. */
  light(id: string | null, bring: boolean): void {
    for (const lit of this.workspace.getInjectionDiv().querySelectorAll('.is-lit')) lit.classList.remove('is-lit')
    const block = id === null ? null : this.workspace.getBlockById(id)
    block?.getSvgRoot().classList.add('is-lit')
    if (block && bring && !isInWindow(block, this.workspace)) bringIntoWindow(block, this.workspace)
  }

  /** Draws every field again: the names that they look up have changed. */
  redrawFields(): void {
    for (const block of this.blocks())
      for (const input of block.inputList) for (const field of input.fieldRow) field.forceRerender()
  }

  /** Where a new block would go, if `at` does not say it; null for a value that has no free hole. */
  placeFor(isValue: boolean): Place | null {
    return isValue ? valuePlace(this.workspace) : statementPlace(this.workspace, this.end())
  }

  /** Below the block around what is selected, or below that itself where nothing is around it. */
  placeAfter(): Place | null {
    return placeAfter(this.workspace, this.end())
  }

  /** The empty hole that has the focus, or the value that gives way. */
  selectedHole(): Place | null {
    return selectedHole(this.workspace)
  }

  /** Where the place is on the screen. */
  spotOf(place: Place): { readonly x: number; readonly top: number; readonly bottom: number } {
    const pane = this.workspace.getInjectionDiv().getBoundingClientRect()
    if (place.kind === 'first') return { x: pane.left + HOME, top: pane.top + MARGIN, bottom: pane.top + MARGIN }
    const path = this.workspace.getBlockById(place.block.id)?.pathObject.svgPath
    const { left, top, bottom } = (path ?? this.workspace.getInjectionDiv()).getBoundingClientRect()
    return { x: left + (place.kind === 'below' ? 0 : HOME), top, bottom: place.kind === 'below' ? bottom : top + ROW }
  }

  told(place: Place): string {
    return toldPlace(place, (block) => [numberOf(block), phraseOf(block)].filter((text) => text !== '').join(' '))
  }

  /** True for a place that was asked for earlier, and is there no more. */
  isGone(place: Place): boolean {
    return isGone(place, this.workspace)
  }

  /** Puts a new block in, and the focus on it. A value that would be loose is not put in: false. */
  insert(entry: Pick<Entry, 'isValue' | 'state'>, at: Place | null): boolean {
    if (this.tellShut()) return false
    const place = at ?? this.placeFor(entry.isValue)
    if (place === null) {
      this.events.said('There is no free place for a value. Select the value that it is to replace, or a step with a free place.')
      return false
    }
    this.put([entry.state], place)
    return true
  }

  /** Joins a statement that stands apart, with what hangs below it, to the end of the script. */
  connect(id: string): void {
    const block = this.workspace.getBlockById(id)
    const end = this.end()
    if (block === null || !hasPrevious(block) || end === null || end.getRootBlock() === block.getRootBlock()) return
    const group = Blockly.Events.getGroup()
    Blockly.Events.setGroup(true)
    join(block, { kind: 'below', block: end })
    Blockly.Events.setGroup(group)
    this.select(block)
    this.events.changed()
  }

  /** Puts stacks in, one below the other, as one change. */
  put(states: readonly State[], at: Place): void {
    const group = Blockly.Events.getGroup()
    Blockly.Events.setGroup(true)
    let place = at
    let first: Blockly.BlockSvg | null = null
    for (const state of states) {
      const block = this.append(state)
      join(block, place)
      first ??= block
      const last = block.lastConnectionInStack(true)?.getSourceBlock()
      if (last instanceof Blockly.BlockSvg) place = { kind: 'below', block: last }
    }
    this.dress(this.workspace.getAllBlocks(false))
    Blockly.Events.setGroup(group)
    if (at.kind === 'first') this.workspace.scroll(HOME, MARGIN)
    if (first !== null) this.select(first)
    this.events.changed()
  }

  /** Says why nothing may be put in now; true where that is so. */
  tellShut(): boolean {
    const why = this.events.shut()
    if (why !== null) this.events.said(why)
    return why !== null
  }

  /** Makes the block under the pointer and leaves it to Blockly's own drag, which shows where it will land. */
  carry(entry: Entry, down: PointerEvent): void {
    if (this.tellShut()) return
    this.isCarrying = true
    const untilLetGo = new AbortController()
    const letGo = (): void => {
      untilLetGo.abort()
      this.isCarrying = false
      this.events.changed()
    }
    // Before Blockly, which keeps the event to itself.
    for (const end of ['pointerup', 'pointercancel']) window.addEventListener(end, letGo, { once: true, capture: true })
    const at = new Blockly.utils.Coordinate(down.clientX, down.clientY)
    const { x, y } = Blockly.utils.svgMath.screenToWsCoordinates(this.workspace, at)
    const group = Blockly.Events.getGroup()
    Blockly.Events.setGroup(true)
    const block = this.append({ ...entry.state, x: x - GRIP, y: y - GRIP })
    Blockly.Events.setGroup(group)
    // Blockly drags what has the focus. In a frame after a block was selected it moves others in the page, which takes it.
    const stay = (): void => {
      if (this.isCarrying && !this.workspace.isDragging()) this.select(block)
    }
    block.getFocusableElement().addEventListener('focusout', () => queueMicrotask(stay), untilLetGo)
    Blockly.renderManagement.triggerQueuedRenders()
    Blockly.Touch.shouldHandleEvent(down)
    const gesture = this.workspace.getGesture(down)
    gesture?.handleBlockStart(down, block)
    gesture?.handleWsStart(down, this.workspace)
  }

  /** What is dragged onto this element is thrown away. */
  throwAwayOver(element: HTMLElement): void {
    this.workspace.getComponentManager().addComponent({
      component: new ThrowAway(element),
      weight: 1,
      capabilities: [Blockly.ComponentManager.Capability.DELETE_AREA, Blockly.ComponentManager.Capability.DRAG_TARGET],
    })
    this.workspace.recordDragTargets()
  }

  selected(): Blockly.BlockSvg | null {
    return blockOf(focusedOn(this.workspace))
  }

  /** Takes the selected block out; what stands below it moves up. */
  remove(): void {
    const block = this.selected()
    if (block?.isDeletable() && !block.isShadow()) block.checkAndDelete()
  }

  /** True when the focus is on a statement as a whole. */
  isOnStatement(): boolean {
    const node = focusedOn(this.workspace)
    return node instanceof Blockly.BlockSvg && node.previousConnection !== null
  }

  focus(): void {
    Blockly.getFocusManager().focusTree(this.workspace)
  }

  resize(): void {
    Blockly.svgResize(this.workspace)
    this.atOnce(() => wrapLongBlocks(this.workspace.getAllBlocks(false), this.width(), this.known))
    this.gaps?.refresh()
    if (!this.fitsLater || this.workspace.getInjectionDiv().clientWidth === 0) return
    this.fitsLater = false
    this.fit()
  }

  takeTheme(): void {
    paintVariables(shownTheme())
    this.workspace.setTheme(canvasTheme(shownTheme()))
  }

  /** The last statement of the script. */
  end(): Blockly.BlockSvg | null {
    const last = firstOf(this.workspace)?.lastConnectionInStack(true)?.getSourceBlock()
    return last instanceof Blockly.BlockSvg ? last : null
  }

  private append(state: State): Blockly.BlockSvg {
    const { id } = Blockly.serialization.blocks.append({ ...state }, this.workspace)
    const block = this.workspace.getBlockById(id)
    if (block === null) throw new Error(`The block ${state.type} was not made. Reload the page.`)
    return block
  }

  private select(block: Blockly.BlockSvg): void {
    Blockly.getFocusManager().focusNode(block)
  }

  private hasFocus(): boolean {
    return Blockly.getFocusManager().getFocusedTree() === this.workspace
  }

  private whereabouts(): Whereabouts | null {
    const block = blockOf(focusedOn(this.workspace))
    return block === null ? null : whereabouts(block)
  }

  private dress(blocks: readonly Blockly.BlockSvg[]): void {
    dressWithBadges(blocks, this.known)
    wrapLongBlocks(blocks, this.width(), this.known)
  }

  /** What a line of blocks may fill, in pixels at full size. */
  private width(): number {
    return this.workspace.getInjectionDiv().clientWidth - 2 * MARGIN - 24
  }

  private hear(event: Blockly.Events.Abstract): void {
    const { events } = this
    if (event instanceof Blockly.Events.Selected && this.hasFocus()) this.tellSelected()
    this.gaps?.refresh()
    if (event.isUiEvent || this.workspace.isDragging()) return
    keepReal(event, this.workspace)
    events.changed()
  }

  /** Blockly lets go of a block when the focus leaves the canvas. To the author it stays selected: its settings are open. */
  private tellSelected(): void {
    const node = focusedOn(this.workspace)
    if (node !== null) this.events.selected(blockOf(node)?.id ?? null)
  }

  private markSelected(): void {
    for (const marked of this.workspace.getInjectionDiv().querySelectorAll(`.${WAS_SELECTED}`)) marked.classList.remove(WAS_SELECTED)
    this.selected()?.getSvgRoot().classList.add(WAS_SELECTED)
  }

  private blocks(): readonly CatalogBlock[] {
    return this.workspace.getAllBlocks(false).filter(isCatalogBlock)
  }
}

class ThrowAway extends Blockly.DeleteArea {
  constructor(private readonly element: HTMLElement) {
    super()
    this.id = 'toolbox'
  }

  override getClientRect(): Blockly.utils.Rect {
    const { top, bottom, left, right } = this.element.getBoundingClientRect()
    return new Blockly.utils.Rect(top, bottom, left, right)
  }
}

/** Blockly's types promise one to values too. */
function hasPrevious(block: Blockly.BlockSvg): boolean {
  return Boolean(block.previousConnection)
}

function writeSite(block: CatalogBlock, text: string): void {
  const field = block.getField(HEAD)
  if (text === (field?.getText() ?? '')) return
  Blockly.Events.disable()
  try {
    if (field !== null) field.setValue(text)
    // The hidden input of a badge may come first.
    else block.inputList.find((input) => input.isVisible())?.insertFieldAt(0, new FieldWords(text, 'site-number'), HEAD)
    tellBlock(block)
  } finally {
    Blockly.Events.enable()
  }
}
