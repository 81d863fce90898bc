/** The canvas: shows blocks, tells what a person made of them, and marks what the rest of the page points at. */
import * as Blockly from 'blockly/core'
import * as words from 'blockly/msg/en'

import { mayHoldSites, rowOf } from './catalog'
import { fieldValues, isCatalogBlock, type CatalogBlock } from './blocks'
import type { Blocks, Fault, FlatBlock, Site } from './documents'
import { canvasType, flatType, type State } from './flat'
import { canvasTheme, shownTheme } from './look'
import { keepReal, WelcomingChecker } from './shadows'
import type { Entry, Shelf } from './toolbox'
import { wrapLongBlocks } from './wrapping'

export interface CanvasEvents {
  readonly changed: () => void
  readonly selected: (block: string | null) => void
}

const EMPTY_TOOLBOX: Blockly.utils.toolbox.ToolboxDefinition = { kind: 'categoryToolbox', contents: [] }
const SCALE = 0.75
/** A script that is wider than the window is drawn smaller, as long as it can be read. */
const LEAST_SCALE = 0.6
const SITE = 'SITE'
const MARGIN = 24

export class Canvas {
  private readonly workspace: Blockly.WorkspaceSvg

  constructor(place: HTMLElement, isReadOnly: boolean, events: CanvasEvents) {
    Blockly.setLocale(words as unknown as Record<string, string>)
    this.workspace = Blockly.inject(place, {
      renderer: 'zelos',
      media: '/static/dist/blockly/',
      theme: canvasTheme(shownTheme()),
      readOnly: isReadOnly,
      sounds: false,
      comments: false,
      collapse: false,
      disable: false,
      trashcan: false,
      plugins: { connectionChecker: WelcomingChecker },
      zoom: { controls: true, wheel: false, pinch: true, startScale: SCALE, minScale: 0.4, maxScale: 1.5 },
      move: { scrollbars: true, drag: true, wheel: true },
      ...(isReadOnly ? {} : { toolbox: EMPTY_TOOLBOX }),
    })
    this.workspace.addChangeListener((event) => this.hear(event, events))
  }

  /** Draws these blocks in place of those before. The window stays where it is, unless `isAnother` script is shown: then `fit`. */
  show(blocks: Blocks, isAnother: boolean): void {
    const { scrollX, scrollY } = this.workspace
    Blockly.Events.disable()
    try {
      this.workspace.clear()
      load(blocks, this.workspace)
    } finally {
      Blockly.Events.enable()
    }
    this.workspace.clearUndo()
    if (!isAnother) this.workspace.scroll(scrollX, scrollY)
  }

  /** Shows the script from its upper left corner, as much of its width as can be read. */
  fit(): void {
    const { left, right } = this.workspace.getBlocksBoundingBox()
    const { width } = this.workspace.getMetricsManager().getViewMetrics(false)
    const fitting = (width - 2 * MARGIN) / Math.max(1, right - left)
    this.workspace.setScale(Math.min(SCALE, Math.max(LEAST_SCALE, fitting)))
    this.workspace.scroll(MARGIN, MARGIN)
  }

  /** Draws all that `change` does at once: each text is measured once, however many blocks hold it. */
  atOnce(change: () => void): void {
    Blockly.utils.dom.startTextWidthCache()
    try {
      change()
      Blockly.renderManagement.triggerQueuedRenders()
    } finally {
      Blockly.utils.dom.stopTextWidthCache()
    }
  }

  /** What stands on the canvas now. The script is the largest stack; whatever is loose is told too. */
  read(sites: readonly string[]): Blocks {
    const blocks = this.workspace.getAllBlocks(true).filter((block) => !block.isInsertionMarker())
    wrapLongBlocks(blocks)
    return { first: firstOf(this.workspace), blocks: blocks.map(flatBlock), sites }
  }

  isBusy(): boolean {
    return this.workspace.isDragging()
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
    for (const { block, message } of problems) {
      if (block !== null) told.set(block, [told.get(block), message].filter((text) => text !== undefined).join('\n'))
    }
    for (const block of this.blocks()) {
      const message = told.get(block.id) ?? null
      if ((block.getIcon(Blockly.icons.WarningIcon.TYPE)?.getText() ?? null) !== message) block.setWarningText(message)
      block.getSvgRoot().classList.toggle('has-problem', message !== null)
    }
  }

  /** Lights one block; `bring` moves it into the window. */
  light(id: string | null, bring: boolean): void {
    for (const lit of this.workspace.getInjectionDiv().querySelectorAll('.is-lit')) lit.classList.remove('is-lit')
    const block = id === null ? null : this.workspace.getBlockById(id)
    block?.getSvgRoot().classList.add('is-lit')
    if (block && bring && !isInWindow(block, this.workspace)) this.workspace.centerOnBlock(block.id, true)
  }

  /** Draws every field again: the names that they look up have changed. */
  redrawFields(): void {
    for (const block of this.blocks())
      for (const input of block.inputList) for (const field of input.fieldRow) field.forceRerender()
  }

  stock(shelves: readonly Shelf[]): void {
    if (this.workspace.options.readOnly) return
    this.workspace.updateToolbox({
      kind: 'categoryToolbox',
      contents: shelves.map(({ title, category, entries }) => ({
        kind: 'category',
        name: title,
        categorystyle: `tint-${category}`,
        contents: entries.map((entry) => ({ kind: 'block', ...entry.state })),
      })),
    })
  }

  /** Shows these blocks beside the toolbox, as one of its categories would. */
  offer(entries: readonly Entry[]): void {
    this.workspace.getToolbox()?.clearSelection()
    const flyout = this.workspace.getFlyout()
    if (entries.length === 0) flyout?.hide()
    else flyout?.show(entries.map((entry) => ({ kind: 'block', ...entry.state })))
  }

  /** Puts a new block below the selected one, or at the end. */
  insert(state: State): void {
    const after = statementAround(selectedOn(this.workspace)) ?? this.end()
    const group = Blockly.Events.getGroup()
    Blockly.Events.setGroup(true)
    const block = Blockly.serialization.blocks.append({ ...state }, this.workspace, { recordUndo: true })
    if (after?.nextConnection && block.previousConnection) after.nextConnection.connect(block.previousConnection)
    else block.moveBy(0, MARGIN)
    Blockly.Events.setGroup(group)
    if (block instanceof Blockly.BlockSvg) Blockly.getFocusManager().focusNode(block)
  }

  focus(): void {
    Blockly.getFocusManager().focusTree(this.workspace)
  }

  resize(): void {
    Blockly.svgResize(this.workspace)
  }

  takeTheme(): void {
    this.workspace.setTheme(canvasTheme(shownTheme()))
  }

  private hear(event: Blockly.Events.Abstract, events: CanvasEvents): void {
    if (event instanceof Blockly.Events.Selected) events.selected(event.newElementId ?? null)
    if (event.isUiEvent || this.workspace.isDragging()) return
    keepReal(event, this.workspace)
    events.changed()
  }

  private blocks(): readonly CatalogBlock[] {
    return this.workspace.getAllBlocks(false).filter(isCatalogBlock)
  }

  private end(): Blockly.Block | null {
    const first = firstOf(this.workspace)
    return first === null
      ? null
      : (this.workspace.getBlockById(first)?.lastConnectionInStack(true)?.getSourceBlock() ?? null)
  }
}

/** Makes the blocks one by one: Blockly's own way goes from each to the next, and a long script is too deep for it. */
function load(document: Blocks, workspace: Blockly.WorkspaceSvg): void {
  const made = new Map<string, Blockly.BlockSvg>()
  for (const { id, type, extra, fields } of document.blocks) {
    const block = workspace.newBlock(canvasType(type), id)
    block.setConnectionTracking(false)
    if (Object.keys(extra).length > 0) block.loadExtraState?.(extra)
    for (const [name, value] of Object.entries(fields)) block.setFieldValue(value, name)
    made.set(id, block)
  }
  for (const { id, inputs, next } of document.blocks) {
    const block = made.get(id)
    for (const [name, child] of Object.entries(inputs)) join(block?.getInput(name)?.connection, made.get(child))
    if (next !== null) join(block?.nextConnection, made.get(next))
  }
  for (const block of [...made.values()].toReversed()) {
    block.initSvg()
    void block.queueRender()
  }
  wrapLongBlocks([...made.values()])
  for (const block of workspace.getTopBlocks(false)) block.setConnectionTracking(true)
}

function join(above: Blockly.Connection | null | undefined, below: Blockly.Block | undefined): void {
  const end = below?.outputConnection ?? below?.previousConnection
  if (!above || !end || !above.connect(end))
    throw new Error(`The block ${below?.type ?? ''} fits nowhere. Reload the page.`)
}

function flatBlock(block: Blockly.BlockSvg): FlatBlock {
  const inputs = block.inputList.flatMap((input): [string, string][] => {
    const child = input.connection?.targetBlock() ?? null
    return child === null || child.isInsertionMarker() ? [] : [[input.name, child.id]]
  })
  return {
    id: block.id,
    type: flatType(block.type),
    fields: Object.fromEntries(fieldValues(block)),
    inputs: Object.fromEntries(inputs),
    next: block.getNextBlock()?.id ?? null,
    extra: isCatalogBlock(block) ? block.extra : {},
  }
}

function firstOf(workspace: Blockly.WorkspaceSvg): string | null {
  const stacks = workspace.getTopBlocks(true).filter((block) => !block.isInsertionMarker())
  const sizes = stacks.map((block) => ({
    id: block.id,
    size: block.getDescendants(false).length + (block.outputConnection ? 0 : 1e6),
  }))
  return (
    sizes.reduce<{ id: string; size: number } | null>(
      (best, one) => (best === null || one.size > best.size ? one : best),
      null,
    )?.id ?? null
  )
}

function writeSite(block: CatalogBlock, text: string): void {
  const field = block.getField(SITE)
  if (text === '' && field === null) return
  Blockly.Events.disable()
  try {
    const [input] = block.inputList
    if (text === '') input?.removeField(SITE)
    else if (field !== null) field.setValue(text)
    else input?.insertFieldAt(0, new Blockly.FieldLabel(text, 'site-number'), SITE)
  } finally {
    Blockly.Events.enable()
  }
}

function isInWindow(block: Blockly.BlockSvg, workspace: Blockly.WorkspaceSvg): boolean {
  const { top, left } = block.getBoundingRectangleWithoutChildren()
  const view = workspace.getMetricsManager().getViewMetrics(true)
  return top >= view.top && top <= view.top + view.height - 40 && left >= view.left && left <= view.left + view.width
}

/** The block that is selected on this canvas, or was before the focus went to another part of the page. */
function selectedOn(workspace: Blockly.WorkspaceSvg): Blockly.Block | null {
  const node = Blockly.FocusableTreeTraverser.findFocusedNode(workspace)
  if (node instanceof Blockly.Field) return node.getSourceBlock()
  return node instanceof Blockly.Block ? node : null
}

function statementAround(selected: Blockly.Block | null): Blockly.Block | null {
  let block = selected
  while (block?.outputConnection) block = block.getParent()
  return block
}
