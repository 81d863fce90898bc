/** A WebSocket that comes back by itself: with a growing pause, and at once when the network or the page returns. */

export type Link = 'connecting' | 'open' | 'lost'

export interface SocketOptions<Frame> {
  /** Asked for each connection, so that it can say how far the page has read. */
  readonly address: () => string
  readonly onFrame: (frame: Frame) => void
  readonly onLink: (link: Link, detail: string) => void
  /** After each opening: ask anew for what this connection shall send. */
  readonly onOpen?: () => void
}

export interface LiveSocket {
  /** Sends a message, or drops it when there is no connection: `onOpen` asks again. */
  send(message: unknown): void
  close(): void
}

const FIRST_PAUSE_MS = 300
const LONGEST_PAUSE_MS = 5_000
/** Refusals that trying again does not mend. */
const FINAL_CODES = new Set([4400, 4401, 4403])

export function openSocket<Frame>(options: SocketOptions<Frame>): LiveSocket {
  let socket: WebSocket | null = null
  let pauseMs = FIRST_PAUSE_MS
  let timer: number | undefined
  let parts = ''
  let closed = false
  let refusal = ''

  function connect(): void {
    window.clearTimeout(timer)
    if (closed || (socket !== null && socket.readyState <= WebSocket.OPEN)) return
    options.onLink('connecting', '')
    parts = ''
    const opened = new WebSocket(absolute(options.address()))
    socket = opened
    opened.onopen = () => {
      pauseMs = FIRST_PAUSE_MS
      refusal = ''
      options.onLink('open', '')
      options.onOpen?.()
    }
    opened.onmessage = (event: MessageEvent<string>) => {
      if (socket === opened) take(event.data)
    }
    opened.onclose = (event) => {
      if (socket === opened) lost(event.code)
    }
  }

  function take(text: string): void {
    const frame = JSON.parse(text) as unknown
    if (isPart(frame)) {
      parts += frame.text
      if (!frame.last) return
      const whole = parts
      parts = ''
      take(whole)
      return
    }
    if (isError(frame)) refusal = frame.message
    options.onFrame(frame as Frame)
  }

  function lost(code: number): void {
    socket = null
    if (closed) return
    options.onLink('lost', refusal)
    if (FINAL_CODES.has(code)) {
      end()
      return
    }
    timer = window.setTimeout(connect, pauseMs * (0.75 + Math.random() / 2))
    pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)
  }

  function back(): void {
    if (document.visibilityState === 'visible') connect()
  }

  function end(): void {
    closed = true
    window.clearTimeout(timer)
    window.removeEventListener('online', connect)
    document.removeEventListener('visibilitychange', back)
  }

  window.addEventListener('online', connect)
  document.addEventListener('visibilitychange', back)
  connect()
  return {
    send(message) {
      if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message))
    },
    close() {
      end()
      socket?.close()
    },
  }
}

function absolute(path: string): string {
  return `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}${path}`
}

function isPart(frame: unknown): frame is { type: 'part'; text: string; last: boolean } {
  return typeof frame === 'object' && frame !== null && 'type' in frame && frame.type === 'part'
}

function isError(frame: unknown): frame is { type: 'error'; message: string } {
  return typeof frame === 'object' && frame !== null && 'type' in frame && frame.type === 'error'
}
