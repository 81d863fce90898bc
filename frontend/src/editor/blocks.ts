/** Blockly's block definitions, made from the catalog, and how long blocks and badges change what they show. */
import * as Blockly from 'blockly/core'

import { fieldFor, stepsOf } from './block_fields'
import { isCatalogBlock, layOut, numberOf, type CatalogBlock } from './block_layout'
import { rowOf, ROWS, type Row } from './catalog'
import { squareOff } from './dense'
import type { Extra } from './documents'
import { FieldBadge } from './field_badge'
import { canvasType, flatType } from './flat'
import type { Known } from './offers'
import { OneDrag } from './one_drag'
import { badgeOn, sentenceOf } from './speech'
import { linesFor } from './wrapping'

const NONE: ReadonlySet<string> = new Set()

/** What the next block is made with, so that it is laid out once. */
let given: { readonly extra: Extra; readonly badged: ReadonlySet<string> } | null = null

/** `known` is asked whenever a field is drawn or opened. */
export function defineBlocks(known: () => Known): void {
  for (const row of ROWS) {
    Blockly.Blocks[canvasType(row.type)] = {
      init(this: CatalogBlock) {
        this.extra = given?.extra ?? {}
        this.badged = given?.badged ?? NONE
        this.below = NONE
        this.isUnfolded = false
        if (row.shape === 'value') {
          this.setOutput(true)
          squareOff(this)
        } else {
          this.setDragStrategy(new OneDrag(this))
          this.setPreviousStatement(true)
          this.setNextStatement(true)
        }
        this.setInputsInline(true)
        this.setStyle(`tint-${row.category}`)
        this.setTooltip(() => tipOf(this, row))
        this.addClass(`shape-${row.shape}`)
        this.addClass(`tint-${row.category}`)
        lay(this, row, known)
      },
      saveExtraState(this: CatalogBlock): Extra | null {
        return Object.keys(this.extra).length === 0 ? null : this.extra
      },
      loadExtraState(this: CatalogBlock, extra: Extra) {
        this.extra = extra
        lay(this, row, known)
      },
      getAriaLabel(this: CatalogBlock): string {
        if (this.isInsertionMarker()) return ''
        const steps = this.isUnfolded ? [`its steps: ${stepsOf(this, known()).join(', ')}`] : []
        return [sentenceOf(this, numberOf(this)), ...steps].join(', ')
      },
    }
  }
}

/** A new block with this extra, and badges for these keywords. */
export function makeBlock(
  workspace: Blockly.WorkspaceSvg,
  type: string,
  id: string,
  extra: Extra,
  badged: ReadonlySet<string>,
): Blockly.BlockSvg {
  given = { extra, badged }
  try {
    return workspace.newBlock(canvasType(type), id)
  } finally {
    given = null
  }
}

/** Breaks long blocks into lines that fit into `width`, in pixels at full size; looks alone, no change of the script. */
export function wrapLongBlocks(blocks: readonly Blockly.BlockSvg[], width: number, known: () => Known): void {
  Blockly.Events.disable()
  try {
    for (const [block, { isOne, below }] of linesFor(blocks, width)) {
      const wasOne = block.getInputsInline()
      if (wasOne !== isOne) block.setInputsInline(isOne)
      if (!isCatalogBlock(block)) continue
      const { clauses, holes } = rowOf(flatType(block.type))
      const movesSigns = wasOne !== isOne && (clauses.length > 0 || holes.some((hole) => !hole.is_field && hole.kind !== 'value'))
      if (!movesSigns && isSameSet(block.below, below)) continue
      block.below = below
      lay(block, rowOf(flatType(block.type)), known)
    }
  } finally {
    Blockly.Events.enable()
  }
}

function isSameSet(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  return one.size === other.size && [...one].every((name) => other.has(name))
}

/** Gives each call the badges that its values make, and takes out those that they no longer make. */
export function dressWithBadges(blocks: readonly Blockly.BlockSvg[], known: () => Known): void {
  for (const block of blocks) {
    if (!isCatalogBlock(block) || block.isInsertionMarker()) continue
    const row = rowOf(flatType(block.type))
    const hole = row.holes.find((one) => one.kind === 'keywords')
    if (hole === undefined) continue
    const names = [...Array(block.extra.counts?.[hole.name] ?? 0).keys()].map((index) => `${hole.name}.${index}`)
    const badged = new Set(names.filter((name) => badgeOn(block, name) !== null))
    if (isSameSet(badged, block.badged)) {
      for (const name of badged) badgeField(block, name)?.forceRerender()
      continue
    }
    block.badged = badged
    lay(block, row, known)
  }
}

function badgeField(block: CatalogBlock, name: string): Blockly.Field | null {
  const fields = block.inputList.flatMap((input) => input.fieldRow)
  return fields.find((field) => field instanceof FieldBadge && field.name === `BADGE ${name}`) ?? null
}

/** Says the block anew: what it is told by has changed without being drawn. */
export function tellBlock(block: CatalogBlock): void {
  if (block.getFullBlockField() !== null) return
  block.getFocusableElement().setAttribute('aria-label', block.getAriaLabel(Blockly.utils.aria.Verbosity.STANDARD))
}

function tipOf(block: CatalogBlock, row: Row): string {
  const comments = (block.extra.comments ?? []).flat()
  return [...comments, block.extra.why ?? row.tooltip].join('\n')
}

/** Lays the block out anew, and says it anew. */
function lay(block: CatalogBlock, row: Row, known: () => Known): void {
  const layAnew = (): void => {
    lay(block, row, known)
    tellBlock(block)
  }
  layOut(block, row, (part) => fieldFor(part, block, row, known, layAnew))
}
