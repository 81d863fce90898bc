/** One script as text and as blocks, and what an answer of the server makes of the two. Pure. */
import { lineIn } from './texts'
import { NO_BLOCKS, type Blocks, type Fault, type Site, type Turn } from './documents'

/** What a canvas held, and the text that its spans count in. */
interface Held {
  readonly blocks: Blocks
  readonly base: string
}

/** What the canvas held before each edit since it last said what the text says, and what of that was undone. */
interface Trail {
  readonly past: readonly Held[]
  readonly future: readonly Held[]
}

export const NO_TRAIL: Trail = { past: [], future: [] }

/** One script, as text and as blocks. */
export interface Side {
  readonly text: string
  /** The text that the blocks on the canvas were opened from; their spans count in it. */
  readonly base: string
  /** What the canvas holds. */
  readonly blocks: Blocks
  /** The same blocks with spans that count in `text`. */
  readonly placed: Blocks
  /** The last text that both sides agreed on. */
  readonly agreed: string
  readonly sites: readonly Site[]
  readonly problems: readonly Fault[]
  /** The side that changed last and was not answered yet. */
  readonly edited: 'text' | 'blocks' | null
  /** Counts the edits: an answer to an older one is dropped. */
  readonly revision: number
  readonly asked: number | null
  /** The side that could not be made and shows what was before. */
  readonly behind: 'text' | 'blocks' | null
  /** Counts what the canvas has to load. */
  readonly loads: number
  readonly noAnswer: string | null
  readonly trail: Trail
}

/** A script that is only opened: its blocks are asked for first. */
export function sideOf(text: string): Side {
  return {
    text,
    base: text,
    blocks: NO_BLOCKS,
    placed: NO_BLOCKS,
    agreed: text,
    sites: [],
    problems: [],
    edited: 'text',
    revision: 1,
    asked: null,
    behind: null,
    loads: 0,
    noAnswer: null,
    trail: NO_TRAIL,
  }
}

/** The canvas holds what the text does not say: not yet, or not before somebody mends it. */
export function isAhead(side: Side): boolean {
  return side.edited === 'blocks' || side.behind === 'text'
}

/** The side with these blocks on its canvas; those before can be undone as long as they are no text. */
export function withBlocks(side: Side, blocks: Blocks): Side {
  const past = isAhead(side) ? [...side.trail.past, heldBy(side)] : []
  return { ...side, blocks, edited: 'blocks', trail: { past, future: [] } }
}

/** The side one edit of the canvas back; before the first of them it is the text. */
export function steppedBack(side: Side): Side {
  const before = side.trail.past.at(-1)
  if (before === undefined) return backToText(side)
  const trail = { past: side.trail.past.slice(0, -1), future: [heldBy(side), ...side.trail.future] }
  return { ...side, ...before, edited: 'blocks', loads: side.loads + 1, trail }
}

/** The side one edit of the canvas on again, if one was undone. */
export function steppedOn(side: Side): Side {
  const [next, ...future] = side.trail.future
  if (next === undefined) return side
  const past = isAhead(side) ? [...side.trail.past, heldBy(side)] : []
  return { ...side, ...next, edited: 'blocks', loads: side.loads + 1, trail: { past, future } }
}

/** The side as the text has it; what the canvas held comes back when it is done again. */
export function backToText(side: Side): Side {
  const { past, future } = side.trail
  const trail = { past: [], future: isAhead(side) ? [...past, heldBy(side), ...future] : future }
  return { ...side, text: side.agreed, edited: 'text', loads: side.loads + 1, trail }
}

function heldBy({ blocks, base }: Side): Held {
  return { blocks, base }
}

/** The blocks are older than the text and will be made anew: a change of them would take what was typed with it. */
export function isOvertaken(side: Side): boolean {
  return side.edited === 'text' || side.behind === 'blocks'
}

/** Why nothing can be put on the canvas now; null where it can. */
export function shutWords(side: Side): string | null {
  if (!isOvertaken(side)) return null
  if (side.behind === 'blocks') return 'Not put in: the blocks show the last text that could be read. Mend the Python first.'
  return 'Not put in: the blocks are being made of the Python. Try again.'
}

/** True where the server has said where each call of the text stands. */
export function isRead(side: Side): boolean {
  return side.agreed === side.text && side.edited !== 'blocks' && side.behind === null
}

/** The side that is out of reach: it could not be made, or no answer came that would make it. */
export function shutSide(side: Side): Side['behind'] {
  if (side.behind !== null || side.noAnswer === null || side.edited === null) return side.behind
  return side.edited === 'text' ? 'blocks' : 'text'
}

/** Where a line of the text, from 1, stood in the text that the blocks show; null for one that was changed since. */
export function lineOfBlocks({ behind, agreed, text }: Side, line: number): number | null {
  return behind === 'blocks' ? lineIn(agreed, text, line) : line
}

/** Where a line of the text that the blocks show stands now. */
export function lineOfText({ behind, agreed, text }: Side, line: number): number | null {
  return behind === 'blocks' ? lineIn(text, agreed, line) : line
}

/** The side after an answer; one to an older edit changes nothing. */
export function answered(side: Side, turn: Turn): Side {
  const heard = { ...side, asked: null, noAnswer: null }
  if (turn.revision !== side.revision) return heard
  const told = { ...heard, edited: null, problems: turn.problems, sites: turn.sites }
  if (side.edited === 'blocks') {
    if (turn.text === null) return { ...told, sites: side.sites, behind: 'text' }
    return { ...told, text: turn.text, agreed: turn.text, placed: turn.workspace ?? side.placed, behind: null, trail: NO_TRAIL }
  }
  if (turn.workspace === null) return { ...told, sites: side.sites, behind: 'blocks' }
  return {
    ...told,
    base: side.text,
    agreed: side.text,
    blocks: turn.workspace,
    placed: turn.workspace,
    behind: null,
    loads: side.loads + 1,
  }
}
