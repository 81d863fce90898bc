/** The small editor of a raw block: its Python alone, written into the text of the script. */
import { make } from '../lib/dom'
import { rawCodeOf } from './block_view'
import type { FlatBlock } from './documents'
import { linesOf } from './flat'
import { isRead } from './side'
import { type Page, type State } from './state'

export class RawEditor {
  readonly node: HTMLElement
  private readonly area = make('textarea', { class: 'form-control code', rows: 8, id: 'in-raw', spellcheck: 'false' })
  /** What the code is put into, as long as nobody else edits the text. */
  private raw: { readonly text: string; readonly replaced: (code: string) => string } | null = null

  constructor(private readonly page: Page) {
    this.node = make('div', { class: 'in-field' }, make('label', { class: 'form-label', for: 'in-raw' }, 'Its Python'), this.area)
    this.area.addEventListener('input', () => this.write())
  }

  draw(state: State, block: FlatBlock): void {
    const side = state.sides[state.script]
    const lines = linesOf(side.placed, block.id)
    const raw = lines === null || !isRead(side) ? null : rawCodeOf(side.text, block, lines)
    const isMine = document.activeElement === this.area && this.raw?.text === side.text
    this.area.readOnly = !this.page.canWrite || (raw === null && !isMine)
    if (isMine) return
    this.raw = raw === null ? null : { text: side.text, replaced: raw.replaced }
    const code = raw?.code ?? block.fields['CODE'] ?? ''
    if (this.area.value !== code) this.area.value = code
  }

  private write(): void {
    if (this.raw === null) return
    const text = this.raw.replaced(this.area.value)
    this.raw = { ...this.raw, text }
    this.page.dispatch({ type: 'text-edited', script: this.page.state().script, text })
  }
}
