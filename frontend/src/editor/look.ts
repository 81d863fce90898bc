/** The canvas's colours in both themes, from tints.ts: Blockly's theme, and variables for canvas.css and the toolbox; and what
 * of Blockly's own style sheet does not stay. */
import * as Blockly from 'blockly/core'

import { need } from '../lib/dom'
import { INKS, TINTS, type ThemeName } from './tints'

const CANVAS = {
  light: { panel: '#ffffff', text: '#1d273b', scroll: '#8894a4', glow: '#0a5bb5' },
  dark: { panel: '#242629', text: '#dce3ec', scroll: '#7d8897', glow: '#7db8ff' },
} as const

export function shownTheme(): ThemeName {
  return document.documentElement.dataset['bsTheme'] === 'dark' ? 'dark' : 'light'
}

/** Makes the colours known to the style sheets: `--tint-do-mark`, `--ink-quiet` and so on. */
export function paintVariables(theme: ThemeName): void {
  const { style } = document.documentElement
  for (const [category, tint] of Object.entries(TINTS[theme])) {
    style.setProperty(`--tint-${category}-ground`, tint.ground)
    style.setProperty(`--tint-${category}-border`, tint.border)
    style.setProperty(`--tint-${category}-mark`, tint.mark)
  }
  for (const [name, colour] of Object.entries<string>({ ...INKS[theme] })) style.setProperty(`--ink-${name}`, colour)
}

/** The page has the same rule for everything. Blockly's is matched for each element up through all the blocks around it, and
 * the blocks of a script stand one in the other. */
export function dropBoxRule(): void {
  const { sheet } = need('#blockly-common-style', HTMLStyleElement)
  const at = [...(sheet?.cssRules ?? [])].findIndex((rule) => rule instanceof CSSStyleRule && rule.selectorText.endsWith(' *'))
  if (at >= 0) sheet?.deleteRule(at)
}

export function canvasTheme(theme: ThemeName): Blockly.Theme {
  const { panel, text, scroll, glow } = CANVAS[theme]
  const tints = Object.entries(TINTS[theme])
  return new Blockly.Theme(
    `flowsite-${theme}`,
    Object.fromEntries(
      tints.map(([category, { ground, shadow, border }]) => [
        `tint-${category}`,
        { colourPrimary: ground, colourSecondary: shadow, colourTertiary: border, hat: '' },
      ]),
    ),
    {},
    {
      workspaceBackgroundColour: INKS[theme].canvas,
      toolboxBackgroundColour: panel,
      toolboxForegroundColour: text,
      flyoutBackgroundColour: panel,
      flyoutForegroundColour: text,
      flyoutOpacity: 1,
      scrollbarColour: scroll,
      insertionMarkerColour: glow,
      insertionMarkerOpacity: 0.35,
      selectedGlowColour: glow,
      cursorColour: glow,
      markerColour: glow,
    },
  )
}
