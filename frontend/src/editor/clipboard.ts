/**
 * Copies blocks as what they are, and as Python: within Flowsite they are pasted as blocks, elsewhere as text, and Python
 * from elsewhere is pasted as blocks. Uses the events of the clipboard, which need no permission.
 */
import * as Blockly from 'blockly/core'

import { call } from '../wire/api'
import type { Canvas } from './canvas'
import type { Blocks, Script, Turn } from './documents'
import { textOfBlock } from './excerpt'
import { stateOf, type State } from './flat'
import type { Saying } from './saying'

/** Our own kind of content: the blocks, as JSON. */
const KIND = 'application/x-flowsite-blocks'

export interface ClipboardPage {
  readonly script: () => Script
  /** The script's blocks with spans that count in its text. */
  readonly placed: () => Blocks
  readonly text: () => string
  readonly saying: Saying
}

interface Copied {
  readonly states: readonly State[]
  readonly isValue: boolean
}

export class Clipboard {
  constructor(
    private readonly canvas: Canvas,
    private readonly page: ClipboardPage,
  ) {
    for (const name of ['copy', 'cut', 'paste', 'duplicate'])
      if (name in Blockly.ShortcutRegistry.registry.getRegistry()) Blockly.ShortcutRegistry.registry.unregister(name)
    document.addEventListener('copy', (event) => this.copy(event))
    document.addEventListener('cut', (event) => {
      if (this.copy(event)) this.canvas.remove()
    })
    document.addEventListener('paste', (event) => this.paste(event))
  }

  /** The selected block with all that it holds, without what stands below it. */
  private copy(event: ClipboardEvent): boolean {
    const block = isOnCanvas() ? this.canvas.selected() : null
    if (block === null || event.clipboardData === null) return false
    const state = Blockly.serialization.blocks.save(block, { addNextBlocks: false, saveIds: false })
    if (state === null) return false
    const copied: Copied = { states: [withoutOrigin(state)], isValue: block.outputConnection !== null }
    const text = textOfBlock(this.page.placed(), this.page.text(), block.id)
    event.clipboardData.setData(KIND, JSON.stringify(copied))
    event.clipboardData.setData('text/plain', text)
    event.preventDefault()
    return true
  }

  private paste(event: ClipboardEvent): void {
    if (!isOnCanvas() || event.clipboardData === null) return
    const own = event.clipboardData.getData(KIND)
    const text = event.clipboardData.getData('text/plain')
    event.preventDefault()
    this.page.saying.clear()
    if (own !== '') this.putOwn(own)
    else if (text.trim() !== '') void this.putText(text)
  }

  private putOwn(json: string): void {
    let copied: Copied
    try {
      copied = JSON.parse(json) as Copied
    } catch {
      this.page.saying.say('The clipboard holds blocks that cannot be read. Copy them again.')
      return
    }
    const [state] = copied.states
    if (state !== undefined) this.canvas.insert({ isValue: copied.isValue, state }, null)
  }

  /** Python becomes blocks as it does in the Python pane; what cannot be read is not pasted. */
  private async putText(text: string): Promise<void> {
    if (this.canvas.tellShut()) return
    const place = this.canvas.placeFor(false)
    try {
      const turn = await call<Turn>('POST', '/api/scripts/blocks', {
        body: { text, script: this.page.script() },
      })
      const { workspace } = turn
      if (workspace === null || workspace.first === null) {
        const [problem] = turn.problems
        this.page.saying.say(`Not pasted: ${problem?.message ?? 'this is no Python that can be read'}.`)
      } else if (place !== null) this.canvas.put([withoutOrigin(stateOf(workspace, workspace.first))], place)
    } catch (error) {
      this.page.saying.say(`Not pasted: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
}

/** Without ids and places in a text: a copy is a new block. Comments and ways of writing go along. */
function withoutOrigin(state: State): State {
  const copy = structuredClone(state)
  const waiting: State[] = [copy]
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    delete at.id
    const extra = at.extraState as { spans?: unknown } | undefined
    if (extra !== undefined) delete extra.spans
    for (const held of Object.values(at.inputs ?? {})) waiting.push(...[held.block, held.shadow].filter((one) => one !== undefined))
    if (at.next?.block) waiting.push(at.next.block)
  }
  return copy
}

function isOnCanvas(): boolean {
  const at = document.activeElement
  return at !== null && at.closest('#canvas') !== null && at.closest('input, textarea') === null
}
