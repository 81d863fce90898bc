/** The canvas's colours in both themes: white text on every block has a contrast of at least 4.5. */
import * as Blockly from 'blockly/core'

import type { Category } from './catalog'

type Colours = readonly [primary: string, secondary: string, tertiary: string]

/** Four colours that mean something, and two that keep still. Secondary is a shadow block, tertiary a border. */
export const TINTS: Readonly<Record<'light' | 'dark', Readonly<Record<Category, Colours>>>> = {
  light: {
    do: ['#0a5bb5', '#1f6fc7', '#074689'],
    wait: ['#8a5300', '#96610f', '#693f00'],
    decide: ['#7a3e9d', '#8a50ac', '#5c2d78'],
    elements: ['#2f6460', '#3f736f', '#214a47'],
    data: ['#46586c', '#566a80', '#334252'],
    raw: ['#5b6066', '#6a7077', '#44484d'],
  },
  dark: {
    do: ['#1d66bb', '#2c73c6', '#5d9be3'],
    wait: ['#8a5a10', '#946419', '#d09a48'],
    decide: ['#80489f', '#8a54a8', '#bd8bd8'],
    elements: ['#356c68', '#417975', '#76aeaa'],
    data: ['#4d6178', '#5a6e86', '#8ea6c0'],
    raw: ['#5f656c', '#6c7279', '#a0a7af'],
  },
}

const CANVAS = {
  light: { ground: '#f6f8fb', panel: '#ffffff', text: '#1d273b', scroll: '#8894a4', glow: '#0a5bb5' },
  dark: { ground: '#151c28', panel: '#1d2635', text: '#dce3ec', scroll: '#7d8897', glow: '#7db8ff' },
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
    Object.fromEntries(tints.map(([category, [colourPrimary, colourSecondary, colourTertiary]]) => [`tint-${category}`, { colourPrimary, colourSecondary, colourTertiary, hat: '' }])),
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
