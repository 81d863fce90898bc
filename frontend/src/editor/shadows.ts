/**
 * Values that a new block brings along are shadows: they give way to what is put in their place. A shadow that a person
 * edits, or puts something into, is one no longer: it stays.
 */
import * as Blockly from 'blockly/core'

/** Lets real blocks into shadows. */
export class WelcomingChecker extends Blockly.ConnectionChecker {
  override doSafetyChecks(a: Blockly.Connection | null, b: Blockly.Connection | null): number {
    const reason = super.doSafetyChecks(a, b)
    return reason === Blockly.Connection.REASON_SHADOW_PARENT ? Blockly.Connection.CAN_CONNECT : reason
  }
}

/** To be called with every event of the canvas. */
export function keepReal(event: Blockly.Events.Abstract, workspace: Blockly.Workspace): void {
  for (let at = touchedBy(event, workspace); at?.isShadow(); at = at.getParent()) at.setShadow(false)
}

/** The block that was edited, or that was given a real one to hold. */
function touchedBy(event: Blockly.Events.Abstract, workspace: Blockly.Workspace): Blockly.Block | null {
  if (event instanceof Blockly.Events.BlockChange) return workspace.getBlockById(event.blockId ?? '')
  if (!(event instanceof Blockly.Events.BlockMove)) return null
  const isShadow = workspace.getBlockById(event.blockId ?? '')?.isShadow() ?? true
  return isShadow ? null : workspace.getBlockById(event.newParentId ?? '')
}
