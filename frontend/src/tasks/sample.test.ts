import { describe, expect, it } from 'vitest'

import { keysToRemember, sampleFor } from './sample'

describe('the element that a preview begins with', () => {
  const memory = (kept: Readonly<Record<string, string>>) => (key: string): string | null => kept[key] ?? null

  it('is the one chosen last for this task, then one that it is used with, then the one chosen last', () => {
    const kept = { 'flowsite-sample:Stop': 'db3', 'flowsite-sample:': 'web1' }
    expect(sampleFor('Stop', memory(kept), 'db1')).toBe('db3')
    expect(sampleFor('Start', memory(kept), 'db1')).toBe('db1')
    expect(sampleFor('', memory(kept), null)).toBe('web1')
    expect(sampleFor('', memory({}), null)).toBe('')
  })

  it('is kept for its task and for tasks that nothing is known of', () => {
    expect(keysToRemember('Stop')).toEqual(['flowsite-sample:Stop', 'flowsite-sample:'])
    expect(keysToRemember('')).toEqual(['flowsite-sample:'])
  })
})
