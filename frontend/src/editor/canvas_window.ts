/** Where the script stands in the window of the canvas: at its upper left corner, no smaller than can be read. */
import * as Blockly from 'blockly/core'

export const SCALE = 1
/** A script that is wider than the window is drawn smaller, as long as it can be read. */
const LEAST_SCALE = 0.85
export const MARGIN = 16
/** The script stands this far from the left edge: room for the + between its blocks. */
export const HOME = 28

/** Shows the script from its upper left corner, as much of its width as can be read. */
export function fitIn(workspace: Blockly.WorkspaceSvg): void {
  const { left, right } = workspace.getBlocksBoundingBox()
  const { width } = workspace.getMetricsManager().getViewMetrics(false)
  const fitting = (width - 2 * MARGIN) / Math.max(1, right - left)
  workspace.setScale(Math.min(SCALE, Math.max(LEAST_SCALE, fitting)))
  workspace.scroll(HOME, MARGIN)
}

/** A script that stands alone has no reason to stand elsewhere than at the left, where the window begins. */
export function bringHome(workspace: Blockly.WorkspaceSvg): void {
  const [only, ...others] = workspace.getTopBlocks(false)
  const { x, y } = only?.getRelativeToSurfaceXY() ?? { x: 0, y: 0 }
  if (only === undefined || others.length > 0 || (x === 0 && y === 0)) return
  Blockly.Events.disable()
  try {
    only.moveBy(-x, -y)
    workspace.scroll(HOME, MARGIN)
  } finally {
    Blockly.Events.enable()
  }
}

/** Up and down to the middle; to the side no further than is needed. */
export function bringIntoWindow(block: Blockly.BlockSvg, workspace: Blockly.WorkspaceSvg): void {
  const { top, left } = block.getBoundingRectangleWithoutChildren()
  const view = workspace.getMetricsManager().getViewMetrics(true)
  const { scale, scrollX } = workspace
  const isAcross = left >= view.left && left <= view.left + view.width
  workspace.scroll(isAcross ? scrollX : HOME - left * scale, (view.height / 2 - top) * scale)
}

export function isInWindow(block: Blockly.BlockSvg, workspace: Blockly.WorkspaceSvg): boolean {
  const { top, left } = block.getBoundingRectangleWithoutChildren()
  const view = workspace.getMetricsManager().getViewMetrics(true)
  return top >= view.top && top <= view.top + view.height - 40 && left >= view.left && left <= view.left + view.width
}
