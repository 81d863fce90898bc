/** The + between blocks: at the end of each body and of the script always, elsewhere where the pointer or the selection is. */
import * as Blockly from 'blockly/core'

import { isEmptyBody, statementAround, type Place } from './places'

const SVG = 'http://www.w3.org/2000/svg'
const RADIUS = 7
/** The sign stands in the column to the left of the blocks. */
const ASIDE = 9
/** Where in a body's edge its connection is. */
const NOTCH = 10
const NEAR_Y = 7
const NEAR_X = 220

interface Gap {
  readonly x: number
  readonly y: number
  readonly place: Place
  readonly isAlwaysShown: boolean
  readonly says: string
}

export class Gaps {
  private readonly layer = document.createElementNS(SVG, 'g')
  private readonly passing = document.createElementNS(SVG, 'g')
  private gaps: readonly Gap[] = []
  private hovered: Gap | null = null
  private asked = false

  constructor(
    private readonly workspace: Blockly.WorkspaceSvg,
    private readonly chosen: (place: Place) => void,
  ) {
    this.layer.setAttribute('class', 'gap-layer')
    this.layer.append(this.passing)
    workspace.getCanvas().append(this.layer)
    workspace.getInjectionDiv().addEventListener('pointermove', (event) => this.follow(event))
    workspace.getInjectionDiv().addEventListener('pointerleave', () => this.hover(null))
  }

  /** Draws the signs anew when the blocks stand where they will. */
  refresh(): void {
    if (this.asked) return
    this.asked = true
    void Blockly.renderManagement.finishQueuedRenders().then(() => {
      this.asked = false
      this.draw()
    })
  }

  private draw(): void {
    this.gaps = gapsOf(this.workspace)
    this.hovered = null
    this.layer.replaceChildren(
      ...this.gaps.filter((gap) => gap.isAlwaysShown).map((gap) => this.sign(gap)),
      this.passing,
    )
    this.pass()
    const canvas = this.workspace.getCanvas()
    if (canvas.lastElementChild !== this.layer) canvas.append(this.layer)
  }

  /** Takes the signs out before blocks come: taken from among them later, it would cost a style pass for each of them. */
  clear(): void {
    this.gaps = []
    this.layer.remove()
  }

  private follow(event: PointerEvent): void {
    if (event.buttons !== 0 || this.gaps.length === 0) return
    const { x, y } = Blockly.utils.svgMath.screenToWsCoordinates(
      this.workspace,
      new Blockly.utils.Coordinate(event.clientX, event.clientY),
    )
    const near = this.gaps.filter((gap) => Math.abs(gap.y - y) <= NEAR_Y && x >= gap.x - 2 * ASIDE && x <= gap.x + NEAR_X)
    this.hover(near.toSorted((one, other) => Math.abs(one.x - x) - Math.abs(other.x - x))[0] ?? null)
  }

  private hover(gap: Gap | null): void {
    if (gap === this.hovered) return
    this.hovered = gap
    this.pass()
  }

  /** The signs that come and go: below what is selected, and where the pointer is. */
  private pass(): void {
    const selected = statementAround(selectedOn(this.workspace))
    const gaps = this.gaps.filter(
      (gap) => !gap.isAlwaysShown && (gap === this.hovered || (gap.place.kind === 'below' && gap.place.block === selected)),
    )
    this.passing.replaceChildren(...gaps.map((gap) => this.sign(gap)))
  }

  private sign(gap: Gap): SVGElement {
    const sign = document.createElementNS(SVG, 'g')
    const circle = document.createElementNS(SVG, 'circle')
    const plus = document.createElementNS(SVG, 'path')
    const title = document.createElementNS(SVG, 'title')
    sign.setAttribute('class', 'gap-add')
    sign.setAttribute('transform', `translate(${gap.x - ASIDE},${gap.y})`)
    sign.setAttribute('role', 'button')
    sign.setAttribute('tabindex', '-1')
    sign.setAttribute('aria-label', gap.says)
    circle.setAttribute('r', String(RADIUS))
    plus.setAttribute('d', 'M-3.5 0h7M0 -3.5v7')
    title.textContent = gap.says
    sign.append(title, circle, plus)
    sign.addEventListener('pointerdown', (event) => event.stopPropagation())
    // The focus stays where it is: if it went, the signs would be drawn anew before the click is over.
    sign.addEventListener('mousedown', (event) => event.preventDefault())
    sign.addEventListener('click', () => this.chosen(gap.place))
    return sign
  }
}

function selectedOn(workspace: Blockly.WorkspaceSvg): Blockly.BlockSvg | null {
  const selected = Blockly.common.getSelected()
  return selected instanceof Blockly.BlockSvg && selected.workspace === workspace ? selected : null
}

/** Every place between statements, in the order of the canvas. */
function gapsOf(workspace: Blockly.WorkspaceSvg): readonly Gap[] {
  const gaps: Gap[] = []
  for (const block of workspace.getAllBlocks(true)) {
    if (!block.previousConnection || block.isInsertionMarker()) continue
    const { x, y } = block.getRelativeToSurfaceXY()
    const isLast = block.getNextBlock() === null
    gaps.push({
      x,
      y: y + block.height,
      place: { kind: 'below', block },
      isAlwaysShown: isLast,
      says: isLast && block.getSurroundParent() === null ? 'Add a step at the end (a)' : 'Add a step here (a)',
    })
    if (block.getParent() === null)
      gaps.push({ x, y, place: { kind: 'above', block }, isAlwaysShown: false, says: 'Add a step here' })
    gaps.push(...bodiesOf(block))
  }
  return gaps
}

/** An empty body shows its sign; one that holds steps may be begun with another. */
function bodiesOf(block: Blockly.BlockSvg): readonly Gap[] {
  const bodies = block.inputList.filter((input) => input.type === Blockly.inputs.inputTypes.STATEMENT)
  return bodies.flatMap((input): Gap[] => {
    const { connection } = input
    if (!(connection instanceof Blockly.RenderedConnection)) return []
    const isEmpty = isEmptyBody(input)
    const { x, y } = connection.getOffsetInBlock()
    const at = block.getRelativeToSurfaceXY()
    const place: Place = { kind: 'body', block, input: input.name }
    const middle = isEmpty && connection.targetBlock() === null ? 13 : 0
    return [{ x: at.x + x - NOTCH, y: at.y + y + middle, place, isAlwaysShown: isEmpty, says: 'Add a step inside' }]
  })
}
