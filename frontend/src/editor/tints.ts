/** The colours of blocks: white text on every one, shadow or not, has a contrast of at least 4.5. Pure. */
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
