/** The canvas's colours in both themes: white text on every block has a contrast of at least 4.5. */
import * as Blockly from 'blockly/core'

import { TINTS } from './tints'

const CANVAS = {
  light: { ground: '#f6f8fb', panel: '#ffffff', text: '#1d273b', scroll: '#8894a4', glow: '#0a5bb5' },
  dark: { ground: '#191a1c', panel: '#242629', text: '#dce3ec', scroll: '#7d8897', glow: '#7db8ff' },
} as const

export type Theme = 'light' | 'dark'

export function shownTheme(): Theme {
  return document.documentElement.dataset['bsTheme'] === 'dark' ? 'dark' : 'light'
}

export function canvasTheme(theme: Theme): Blockly.Theme {
  const { ground, panel, text, scroll, glow } = CANVAS[theme]
  const tints = Object.entries(TINTS[theme])
  return new Blockly.Theme(
    `flowsite-${theme}`,
    Object.fromEntries(
      tints.map(([category, [colourPrimary, colourSecondary, colourTertiary]]) => [
        `tint-${category}`,
        { colourPrimary, colourSecondary, colourTertiary, hat: '' },
      ]),
    ),
    Object.fromEntries(tints.map(([category, [colour]]) => [`tint-${category}`, { colour }])),
    {
      workspaceBackgroundColour: ground,
      toolboxBackgroundColour: panel,
      toolboxForegroundColour: text,
      flyoutBackgroundColour: panel,
      flyoutForegroundColour: text,
      flyoutOpacity: 1,
      scrollbarColour: scroll,
      insertionMarkerColour: text,
      insertionMarkerOpacity: 0.35,
      selectedGlowColour: glow,
      cursorColour: glow,
      markerColour: glow,
    },
  )
}
