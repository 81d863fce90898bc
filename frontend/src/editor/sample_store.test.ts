import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'

import { aTask } from './fixtures'
import { SampleStore } from './sample_store'

describe('what the page asks for', () => {
  const task = aTask('Restart')
  let answer: () => Response
  let asked: string[]

  beforeEach(() => {
    vi.useFakeTimers()
    asked = []
    vi.stubGlobal('window', globalThis)
    vi.stubGlobal('localStorage', { getItem: () => null })
    vi.stubGlobal('fetch', (address: string) => {
      asked.push(address)
      return Promise.resolve(answer())
    })
  })

  afterEach(() => {
    vi.useRealTimers()
    vi.unstubAllGlobals()
  })

  /** Draws as the page does: whenever something changed. */
  function drawing(draw: (store: SampleStore) => unknown): SampleStore {
    const store = new SampleStore(1, () => draw(store))
    draw(store)
    return store
  }

  test('is asked again a while after no answer came', async () => {
    answer = () => new Response('', { status: 500 })
    const store = drawing((one) => [one.definition(task), one.element('db1'), one.names([])])
    await vi.advanceTimersByTimeAsync(4900)
    expect(asked).toHaveLength(3)
    expect(store.definition(task)).toBeNull()
    answer = () => Response.json({ id: 1, command: 'a', results: [] })
    await vi.advanceTimersByTimeAsync(20000)
    expect(asked).toHaveLength(6)
    expect(store.definition(task)).toMatchObject({ command: 'a' })
    expect(store.isMissing('db1')).toBe(true)
  })

  test('is not asked again where there is no such thing', async () => {
    answer = () => new Response('', { status: 404 })
    const store = drawing((one) => [one.definition(task), one.element('db1')])
    await vi.advanceTimersByTimeAsync(20000)
    expect(asked).toHaveLength(2)
    expect(store.definition(task)).toBeNull()
    expect(store.isMissing('db1')).toBe(true)
  })
})
