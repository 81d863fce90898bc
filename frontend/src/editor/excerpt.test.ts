import { describe, expect, test } from 'vitest'

import { textOfBlock } from './excerpt'
import { SCRIPT } from './fixtures'

const TEXT = "# why\nif current == first:\n    log('a')\nelse:\n    pass\nsleep(5)\n"
const moved = {
  ...SCRIPT,
  blocks: SCRIPT.blocks.map((block) => ({
    ...block,
    extra: {
      ...block.extra,
      ...(block.extra.spans
        ? { spans: block.extra.spans.map((span) => (span === null ? null : ([span[0] + 1, span[1] + 1, span[2]] as const))) }
        : {}),
    },
  })),
}

describe('the Python of one block', () => {
  test('has what the block holds, not what stands above or below', () => {
    expect(textOfBlock(moved, TEXT, 'b1')).toBe("if current == first:\n    log('a')\nelse:\n    pass\n")
  })

  test('stands at the left edge', () => {
    expect(textOfBlock(moved, TEXT, 's1')).toBe("log('a')\n")
  })

  test('of a value alone is none', () => {
    expect(textOfBlock(moved, TEXT, 'b3')).toBe('')
  })
})
