/** Reads over REST what the drawer and the list of events show, whenever what they are about has changed. */
import { EVENTS_AT_ONCE, readAttempts, readElement, readEvents } from './records'
import { type Loading, type PageState, sameOpened } from './state'
import { messageOf, type Store } from './store'
import { cellAt } from './tree'

/** A moving focus asks only where it stays. */
const SETTLES_MS = 120
const SOON_MS = 50

export function readDrawers(store: Store): void {
  let reading = new AbortController()
  let timer: number | undefined
  let readFor = ''

  function read(): void {
    const { drawer } = store.state()
    if (drawer === null) return
    const { opened } = drawer
    reading.abort()
    reading = new AbortController()
    const { signal } = reading
    void settled(readAttempts(opened, signal)).then((attempts) => signal.aborted || store.dispatch({ type: 'attempts', opened, attempts }))
    if (drawer.element.kind === 'loaded') return
    void settled(readElement(opened, signal)).then((element) => signal.aborted || store.dispatch({ type: 'element', opened, element }))
  }

  function changed(before: PageState | null): void {
    const { drawer } = store.state()
    const about = aboutDrawer(store.state())
    const isBack = before !== null && before.link !== 'open' && store.state().link === 'open'
    if (about === readFor && !isBack) return
    readFor = about
    window.clearTimeout(timer)
    if (drawer === null) return
    timer = window.setTimeout(read, sameOpened(before?.drawer?.opened, drawer.opened) ? SOON_MS : SETTLES_MS)
  }

  store.subscribe(changed)
  changed(null)
}

async function settled<Value>(promise: Promise<Value>): Promise<Loading<Value>> {
  try {
    return { kind: 'loaded', value: await promise }
  } catch (error) {
    return { kind: 'failed', message: messageOf(error) }
  }
}

/** What the drawer's records are about: the step or element, and the cells that tell when it went on. */
function aboutDrawer({ drawer, tree }: PageState): string {
  if (drawer === null) return ''
  const { run, element, site } = drawer.opened
  const band = tree?.bands.get(run)
  const position = band?.names.indexOf(element) ?? -1
  const sites = band === undefined ? [] : site === null ? band.columns.map(([number]) => number) : [site]
  return JSON.stringify([run, element, site, band === undefined ? [] : sites.map((one) => cellAt(band, position, one))])
}

export interface EventReader {
  /** The first events, and those that came since. */
  readonly follow: () => void
  readonly earlier: () => void
  readonly later: () => void
}

export function makeEventReader(store: Store): EventReader {
  const { root } = store.state().data

  function load(after: number, limit = EVENTS_AT_ONCE): void {
    store.dispatch({ type: 'events asked' })
    readEvents(root, after, limit).then(
      (answer) => store.dispatch({ type: 'events', rows: answer.events, lastSeq: answer.last_seq }),
      (error: unknown) => store.dispatch({ type: 'events failed', message: messageOf(error) }),
    )
  }

  return {
    follow() {
      const { events, tree, tab } = store.state()
      const newest = events.rows.at(-1)?.seq
      if (tab !== 'events' || events.isLoading || tree === null || newest === tree.seq) return
      load(newest ?? Math.max(0, tree.seq - EVENTS_AT_ONCE))
    },
    earlier() {
      const first = store.state().events.rows[0]?.seq ?? 1
      const after = Math.max(0, first - 1 - EVENTS_AT_ONCE)
      load(after, first - 1 - after)
    },
    later: () => load(store.state().events.rows.at(-1)?.seq ?? 0),
  }
}
