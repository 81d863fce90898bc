/** The keys of the editor: what the list of keys says of them, and what each press means. */
import { hasSingleKeys } from '../lib/shortcuts'

export const KEYS: readonly (readonly [key: string, does: string])[] = [
  ['Ctrl S', 'Save the draft now'],
  ['Ctrl Z', 'Undo, wherever the edit was; Ctrl Shift Z does it again'],
  ['Alt 1 … 5', 'Open Target, Order, Steps, Rules or Versions'],
  ['F8', 'Next problem; Shift F8 goes back'],
  ['Shift Alt F', 'Format the Python; its meaning stays'],
]
export const CANVAS_KEYS: typeof KEYS = [
  ['a', 'Find a block; Enter puts it below the selected one, or into the selected hole'],
  ['Shift A', 'The same after the block around the selected one, as after a whole “if”'],
  ['t', 'To the toolbox: arrow keys, Enter puts in, Escape goes back'],
  ['Enter', 'To the settings of the selected block, Escape goes back; on a field: edit it'],
  ['m', 'Move the selected block with the arrow keys'],
  ['Ctrl C', 'Copy the selected block with what it holds, not those below it; also as Python'],
  ['Ctrl V', 'Put copied blocks, or Python, below the selected one; also in another flow'],
  ['Ctrl drag', 'Drag a block with all that are below it; without Ctrl it goes alone'],
]

export type Press = 'save' | 'undone' | 'redone' | 'next-problem' | 'previous-problem' | 'palette' | 'palette-after' | 'toolbox' | 'settings'

/** What is meant; null for a key that is none of ours, or that a field needs for itself. */
export function pressOf(event: KeyboardEvent): Press | null {
  if ((event.ctrlKey || event.metaKey) && !event.shiftKey && event.key.toLowerCase() === 's') return 'save'
  if (event.key === 'F8') return event.shiftKey ? 'previous-problem' : 'next-problem'
  if ((isOnCanvas(event) || isNowhere(event)) && event.key === 'a') return 'palette'
  if (isOnCanvas(event) && event.key === 'A') return 'palette-after'
  if (isOnCanvas(event) && event.key === 'Enter') return 'settings'
  if (isOnCanvas(event) && event.key === 't') return 'toolbox'
  return travelOf(event)
}

/** A bare key where blocks are, not in a field that is typed into. */
function isOnCanvas(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey || !(event.target instanceof Element)) return false
  return event.target.closest('#canvas') !== null && event.target.closest('input, textarea') === null
}

/** A bare key before anything has the focus: the page was just opened. */
function isNowhere(event: KeyboardEvent): boolean {
  return event.target === document.body && !event.ctrlKey && !event.metaKey && !event.altKey && hasSingleKeys()
}

/** What is typed into has an undo of its own, and a dialog is about something else. */
const HAS_ITS_OWN = 'input:not([type=radio], [type=checkbox], [type=range]), textarea, dialog'

/** Undo and redo of the whole draft. */
function travelOf(event: KeyboardEvent): 'undone' | 'redone' | null {
  if (!(event.ctrlKey || event.metaKey) || event.altKey) return null
  const isField = event.target instanceof Element && event.target.closest(HAS_ITS_OWN) !== null
  const key = event.key.toLowerCase()
  if (isField || (key !== 'z' && key !== 'y')) return null
  return key === 'y' || event.shiftKey ? 'redone' : 'undone'
}
