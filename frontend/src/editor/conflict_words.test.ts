import { describe, expect, test } from 'vitest'

import { toldConflict } from './conflict_words'
import { aDraft } from './fixtures'

describe('a conflict', () => {
  const stored = aDraft({ revision: 2, is_draft: true })

  test('says who saved the draft, and when', () => {
    const theirs = aDraft({ revision: 3, is_draft: true, written_by: 'demo', written_at: '2026-01-02T04:05:06Z' })
    expect(toldConflict(stored, theirs)).toEqual({ words: 'demo saved this draft', since: '2026-01-02T04:05:06Z' })
  })

  test('says as which version it was published', () => {
    const theirs = aDraft({ written_by: 'demo', published_version: 4, base_version: 4 })
    expect(toldConflict(stored, theirs).words).toBe('demo published this draft as version 4')
  })

  test('says that it was discarded, and not who published the version that was there before', () => {
    expect(toldConflict(stored, aDraft({ written_by: 'bob' }))).toEqual({ words: 'Somebody discarded this draft', since: null })
  })
})
