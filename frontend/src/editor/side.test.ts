import { describe, expect, it } from 'vitest'

import { lineOfBlocks, lineOfText, shutWords, sideOf, type Side } from './side'

const READ: Side = { ...sideOf('a()\nb()\nc()\n'), edited: null, loads: 1 }
/** The second line was typed anew and cannot be read. */
const UNREAD: Side = { ...READ, text: 'a()\nb(\n(\nc()\n', behind: 'blocks' }

describe('lines of a text that cannot be read', () => {
  it.each([
    [1, 1],
    [2, null],
    [3, null],
    [4, 3],
  ])('line %i shows the blocks of line %j', (line, before) => {
    expect(lineOfBlocks(UNREAD, line)).toBe(before)
  })

  it('have the blocks of those before where they are the same', () => {
    expect([1, 2, 3].map((line) => lineOfText(UNREAD, line))).toEqual([1, null, 4])
  })

  it('are those of the blocks while the text is read', () => {
    expect([lineOfBlocks(READ, 2), lineOfText(READ, 2)]).toEqual([2, 2])
  })
})

describe('what is put in', () => {
  it('has its place where the blocks say what the text says, or are ahead of it', () => {
    expect([shutWords(READ), shutWords({ ...READ, edited: 'blocks' })]).toEqual([null, null])
  })

  it('is refused where it would be gone when the text is read', () => {
    expect(shutWords(UNREAD)).toContain('Mend the Python first.')
    expect(shutWords({ ...READ, edited: 'text' })).toContain('Try again.')
  })
})
