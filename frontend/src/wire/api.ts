/** REST calls with the page's session. What is refused is thrown as `ApiRefused` with the server's own words. */
import type { Problem } from './types'

export class ApiRefused extends Error {
  readonly status: number
  readonly problem: Problem

  constructor(status: number, problem: Problem) {
    super(problem.message)
    this.name = 'ApiRefused'
    this.status = status
    this.problem = problem
  }
}

/** No answer came: the network, or a server that is just starting again. */
export class NoAnswer extends Error {
  constructor() {
    super('The server did not answer. Check the connection, then try again.')
    this.name = 'NoAnswer'
  }
}

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'

interface Options {
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
  /** The request goes on when the page is left. */
  readonly keepalive?: boolean
}

const SIGNED_OUT = 'You are signed out. Sign in again in another window: what stands here is kept.'

/** `Answer` is what the address is documented to give; raises `ApiRefused` and `NoAnswer`. */
export async function call<Answer>(method: Method, path: string, options: Options = {}): Promise<Answer> {
  const response = await send(method, path, options)
  const body = await bodyOf(response)
  if (!response.ok) throw new ApiRefused(response.status, problemOf(response, body))
  return body as Answer
}

async function send(method: Method, path: string, options: Options): Promise<Response> {
  const headers: Record<string, string> = { Accept: 'application/json', ...options.headers }
  if (options.body !== undefined) headers['Content-Type'] = 'application/json'
  if (method !== 'GET') headers['X-CSRFToken'] = cookie('csrftoken')
  try {
    return await fetch(path, {
      method,
      headers,
      credentials: 'same-origin',
      keepalive: options.keepalive ?? false,
      ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
      ...(options.signal ? { signal: options.signal } : {}),
    })
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error
    throw new NoAnswer()
  }
}

async function bodyOf(response: Response): Promise<unknown> {
  const text = await response.text()
  if (text === '') return null
  try {
    return JSON.parse(text) as unknown
  } catch {
    return null
  }
}

function problemOf(response: Response, body: unknown): Problem {
  if (response.status === 401) return { code: 'signed_out', message: SIGNED_OUT, fields: {} }
  if (isProblem(body)) return body
  return { code: 'refused', message: `The server answered ${response.status}.`, fields: {} }
}

function isProblem(body: unknown): body is Problem {
  return typeof body === 'object' && body !== null && 'code' in body && 'message' in body && 'fields' in body
}

function cookie(name: string): string {
  const found = document.cookie.split('; ').find((pair) => pair.startsWith(`${name}=`))
  return found === undefined ? '' : decodeURIComponent(found.slice(name.length + 1))
}
