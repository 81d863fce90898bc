/** One script as text and as blocks, and what an answer of the server makes of the two. Pure. */
import { NO_BLOCKS, type Blocks, type Fault, type Site, type Turn } from './documents'

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
  }
}

/** The blocks are older than the text and will be made anew: a change of them would take what was typed with it. */
export function isOvertaken(side: Side): boolean {
  return side.edited === 'text' || side.behind === 'blocks'
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

/** The side after an answer; one to an older edit changes nothing. */
export function answered(side: Side, turn: Turn): Side {
  const heard = { ...side, asked: null, noAnswer: null }
  if (turn.revision !== side.revision) return heard
  const told = { ...heard, edited: null, problems: turn.problems, sites: turn.sites }
  if (side.edited === 'blocks') {
    if (turn.text === null) return { ...told, sites: side.sites, behind: 'text' }
    return { ...told, text: turn.text, agreed: turn.text, placed: turn.workspace ?? side.placed, behind: null }
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
