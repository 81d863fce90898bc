/** How a statement is dragged: alone with what it holds, as the key `m` moves it; with Ctrl all below it come along. */
import * as Blockly from 'blockly/core'

/** A statement that is let go this near to a place belongs there, in pixels. Values stand closer: Blockly's own is for them. */
const NEAR = 64

export class OneDrag extends Blockly.dragging.BlockDragStrategy {
  /** True where the blocks below close up behind the one that is dragged. */
  protected override shouldHealStack(event: PointerEvent | KeyboardEvent | undefined): boolean {
    if (!(event instanceof PointerEvent)) return super.shouldHealStack(event)
    return this.block.previousConnection !== null && !event.ctrlKey && !event.metaKey
  }

  protected override getSearchRadius(): number {
    const radius = super.getSearchRadius()
    return this.block.previousConnection === null ? radius : Math.max(radius, NEAR)
  }
}
