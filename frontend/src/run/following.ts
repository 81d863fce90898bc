/** The run's socket: frames become actions; asks for the rows that are looked at and for the log that is open. */
import { openSocket } from '../wire/socket'
import type { MatrixFrame, MatrixMessage } from '../wire/types'
import type { Window } from './layout'
import { placed, recorded } from './places'
import { sameStep, shownStep } from './state'
import type { Store } from './store'

export interface Following {
  /** From now on the server shall tell of the cells in these windows. */
  readonly lookAt: (windows: readonly Window[]) => void
}

export function follow(store: Store): Following {
  const { run } = store.state().data
  /** What this connection was asked for. */
  let windows: readonly Window[] = []

  function take(frame: MatrixFrame): void {
    if (frame.type === 'error') store.dispatch({ type: 'refused', message: frame.message })
    else if (frame.type === 'log') store.dispatch({ type: 'log', frame: { ...frame, step: placed(frame.step) } })
    else store.dispatch({ type: 'frame', frame })
  }

  /** A new connection knows nothing of what the one before was asked for. */
  function askAnew(): void {
    windows = []
    const log = store.state().drawer?.log ?? null
    if (log !== null) send({ type: 'log', step: recorded(log.step), offset: log.end })
  }

  function askLog(): void {
    const { drawer } = store.state()
    if (drawer !== null && drawer.attempts.kind !== 'loaded') return
    const step = shownStep(store.state())
    if (sameStep(drawer?.log?.step ?? null, step)) return
    store.dispatch({ type: 'read log', step })
    send({ type: 'log', step: step === null ? null : recorded(step), offset: 0 })
  }

  store.subscribe((before) => {
    const { drawer } = store.state()
    if (before.drawer !== null && drawer === null && before.drawer.log !== null) send({ type: 'log', step: null, offset: 0 })
    if (drawer !== null) askLog()
  })
  const socket = openSocket<MatrixFrame>({
    address: () => `/ws/runs/${run}/?view=matrix&seq=${store.state().tree?.seq ?? 0}`,
    onFrame: take,
    onLink: (link, refusal) => store.dispatch({ type: 'link', link, refusal }),
    onOpen: askAnew,
  })

  function send(message: MatrixMessage): void {
    socket.send(message)
  }

  return {
    lookAt(wanted) {
      const { tree, link } = store.state()
      if (tree === null || link !== 'open') return
      for (const message of differences(windows, wanted)) send(message)
      windows = wanted
    },
  }
}

/** First what is given back, so that the number of windows stays within its bounds. */
function differences(had: readonly Window[], wanted: readonly Window[]): readonly MatrixMessage[] {
  const before = new Map(had.map((window) => [window.run, JSON.stringify(window)]))
  const gone = had.filter(({ run }) => !wanted.some((window) => window.run === run))
  const changed = wanted.filter((window) => before.get(window.run) !== JSON.stringify(window))
  return [
    ...gone.map(({ run }) => ({ type: 'rows' as const, run, from: 0, to: 0 })),
    ...changed.map(({ run, from, to, also }) => ({ type: 'rows' as const, run, from, to, ...(also.length === 0 ? {} : { also }) })),
  ]
}
