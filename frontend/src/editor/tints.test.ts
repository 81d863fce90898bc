import { describe, expect, test } from 'vitest'

import { INKS, TINTS } from './tints'

const THEMES = ['light', 'dark'] as const
const READABLE = 4.5

describe.each(THEMES)('in the %s theme', (theme) => {
  const ink = INKS[theme]
  const grounds = Object.entries(TINTS[theme]).flatMap(([category, { ground, shadow, mark }]) => [
    [category, ground, mark] as const,
    [`${category} that gives way`, shadow, mark] as const,
  ])

  test.each(grounds)('names, quiet words, icons and badges can be read on %s', (_, ground, mark) => {
    for (const colour of [ink.strong, ink.quiet, ink.missing, mark])
      expect(contrast(colour, ground), `${colour} on ${ground}`).toBeGreaterThanOrEqual(READABLE)
  })

  test('what is typed can be read in its field, missing or not', () => {
    for (const colour of [ink.fieldText, ink.missing, ink.quiet])
      expect(contrast(colour, ink.field), colour).toBeGreaterThanOrEqual(READABLE)
  })

  test.each(Object.entries(TINTS[theme]))('a badge of %s can be read on its own mark', (_, { mark }) => {
    expect(contrast(ink.field, mark)).toBeGreaterThanOrEqual(READABLE)
  })

  test.each(Object.entries(TINTS[theme]))('the edge of %s can be seen on the canvas', (_, { border }) => {
    expect(contrast(border, ink.canvas)).toBeGreaterThanOrEqual(1.8)
  })
})

/** WCAG 2.2, relative luminance. */
function contrast(one: string, other: string): number {
  const [lighter = 0, darker = 0] = [luminance(one), luminance(other)].toSorted((a, b) => b - a)
  return (lighter + 0.05) / (darker + 0.05)
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5]
    .map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}
