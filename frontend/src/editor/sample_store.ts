/** The sample element of the page: which one it is, what is known of it, and the definitions of tasks. */
import { ApiRefused, call } from '../wire/api'
import type { Page as Rows } from '../wire/types'
import type { TaskName } from './documents'
import type { SampleElement } from './sampled'

const MOST_OFFERED = 200
/** So long after a failure it is asked again. */
const PAUSE_MS = 5000

interface ElementRow {
  readonly id: number
  readonly name: string
  readonly address: string
  readonly profile: string
}

interface ElementDetail extends ElementRow {
  readonly context: readonly { readonly key: string; readonly value: unknown }[]
}

export type Definition = Readonly<Record<string, unknown>>

/** Keys that a task shows and no definition has. */
const SHOWN_ONLY: ReadonlySet<string> = new Set(['id', 'name', 'version', 'published_at', 'published_by'])

/** Asks for each thing once, and again a while after no answer came; `changed` is called when one came, and then. */
export class SampleStore {
  private readonly elements = new Map<string, SampleElement | 'asked' | 'none'>()
  private readonly definitions = new Map<string, Definition | 'asked' | 'none'>()
  private offered: readonly string[] | null = null
  private chosen: string

  constructor(
    private readonly flow: number,
    private readonly changed: () => void,
  ) {
    this.chosen = localStorage.getItem(this.key()) ?? ''
  }

  /** The name that was chosen, or the first of the target. */
  name(ofTarget: readonly string[]): string {
    return this.chosen === '' ? (ofTarget[0] ?? this.names(ofTarget)[0] ?? '') : this.chosen
  }

  choose(name: string): void {
    this.chosen = name
    localStorage.setItem(this.key(), name)
    this.changed()
  }

  /** What may be chosen: the target's elements, or the first of the fleet. */
  names(ofTarget: readonly string[]): readonly string[] {
    if (ofTarget.length > 0) return ofTarget
    if (this.offered === null) {
      this.offered = []
      void this.offer()
    }
    return this.offered
  }

  /** Null until it is known, and where there is no enabled element of this name. */
  element(name: string): SampleElement | null {
    const known = this.elements.get(name)
    if (known === undefined && name !== '') {
      this.elements.set(name, 'asked')
      void this.learnElement(name)
    }
    return typeof known === 'object' ? known : null
  }

  isMissing(name: string): boolean {
    return this.elements.get(name) === 'none'
  }

  /** The current definition of a published task; null until it is known. */
  definition(task: TaskName): Definition | null {
    const key = `${task.id} ${task.version}`
    const known = this.definitions.get(key)
    if (known === undefined) {
      this.definitions.set(key, 'asked')
      void this.learnTask(task, key)
    }
    return typeof known === 'object' ? known : null
  }

  private key(): string {
    return `sample-element-${this.flow}`
  }

  private async offer(): Promise<void> {
    const rows = await asked<Rows<ElementRow>>(`/api/elements/?enabled=true&page_size=${MOST_OFFERED}`)
    if (rows === null) {
      this.later(() => {
        this.offered = null
      })
      return
    }
    this.offered = rows === 'none' ? [] : rows.results.map(({ name }) => name)
    this.changed()
  }

  private async learnElement(name: string): Promise<void> {
    const rows = await asked<Rows<ElementRow>>(`/api/elements/?enabled=true&name=${encodeURIComponent(name)}`)
    const row = rows === null || rows === 'none' ? rows : (rows.results[0] ?? 'none')
    const detail = row === null || row === 'none' ? row : await asked<ElementDetail>(`/api/elements/${row.id}/`)
    if (detail === null) {
      this.later(() => this.elements.delete(name))
      return
    }
    this.elements.set(name, detail === 'none' ? 'none' : sampleOf(detail))
    this.changed()
  }

  private async learnTask(task: TaskName, key: string): Promise<void> {
    const shown = await asked<Definition>(`/api/tasks/${task.id}/`)
    if (shown === null) {
      this.later(() => this.definitions.delete(key))
      return
    }
    this.definitions.set(key, shown === 'none' ? 'none' : definitionOf(shown))
    this.changed()
  }

  /** What is forgotten is asked for again by whoever still needs it. */
  private later(forget: () => unknown): void {
    window.setTimeout(() => {
      forget()
      this.changed()
    }, PAUSE_MS)
  }
}

function sampleOf(detail: ElementDetail): SampleElement {
  return { ...detail, context: new Map(detail.context.map(({ key, value }) => [key, value])) }
}

function definitionOf(shown: Definition): Definition {
  return Object.fromEntries(Object.entries(shown).filter(([name]) => !SHOWN_ONLY.has(name)))
}

/** Null where no answer came: what needs it says that it is not known yet. 'none' where there is no such thing. */
async function asked<Answer>(address: string): Promise<Answer | 'none' | null> {
  try {
    return await call<Answer>('GET', address)
  } catch (error) {
    if (error instanceof ApiRefused && error.status === 404) return 'none'
    if (error instanceof Error) return null
    throw error
  }
}
