/** What an undo or a redo did, in words: the part of the flow and the lines that came back or went. Pure. */
import type { Keys } from './documents'
import { differingKeys } from './history'
import { counted } from './words'
import { alike, linesIn } from './texts'

const PARTS: Readonly<Record<keyof Keys, string>> = {
  execution_script: 'Steps',
  processing_script: 'Order',
  target: 'Target',
  inputs: 'Inputs',
  mode: 'Rules',
  concurrency: 'Rules',
  batches: 'Rules',
  soak: 'Rules',
  error_threshold: 'Rules',
  on_empty: 'Rules',
  refresh: 'Rules',
}
const MOST_TOLD = 40

/** "Undone in Steps: “sleep(5)” is gone", "Done again in Rules"; where no key differs the blocks alone did. */
export function travelledWords(way: 'undone' | 'redone', before: Keys, after: Keys): string {
  const done = way === 'undone' ? 'Undone' : 'Done again'
  const keys = differingKeys(before, after)
  const parts = [...new Set(keys.map((key) => PARTS[key]))]
  if (parts.length === 0) return `${done}: a change of the blocks`
  const [key] = keys
  const isScript = key === 'execution_script' || key === 'processing_script'
  const lines = keys.length === 1 && isScript ? lineWords(before[key], after[key]) : ''
  return `${done} in ${parts.join(', ')}${lines === '' ? '' : `: ${lines}`}`
}

/** What stands between the lines that both texts begin and end with. */
function lineWords(before: string, after: string): string {
  const [old, now] = [linesIn(before), linesIn(after)]
  const { start: head, end: tail } = alike(old, now)
  const gone = said(old.slice(head, old.length - tail))
  const come = said(now.slice(head, now.length - tail))
  if (come.length > 1 && gone.length > 1) return `lines ${head + 1} to ${now.length - tail}`
  if (come.length > 0 && gone.length > 0) return `${told(come)} instead of ${told(gone)}`
  if (come.length > 0) return `${told(come)} ${come.length === 1 ? 'is' : 'are'} back`
  return gone.length === 0 ? 'the layout' : `${told(gone)} ${gone.length === 1 ? 'is' : 'are'} gone`
}

function said(lines: readonly string[]): readonly string[] {
  return lines.map((line) => line.trim()).filter((line) => line !== '')
}

function told(lines: readonly string[]): string {
  const [only = ''] = lines
  if (lines.length > 1) return counted(lines.length, 'line')
  return `“${only.length > MOST_TOLD ? `${only.slice(0, MOST_TOLD - 1)}…` : only}”`
}
