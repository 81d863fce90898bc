/** Puts the icons that the pages use into one file of symbols, `icons.svg`, so that a page may name any of them. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import type { Plugin } from 'vite'

import names from '../src/lib/icons.json' with { type: 'json' }

/** `outline` is the folder of the icons. */
export function iconSprite(outline: string): Plugin {
  return {
    name: 'icon-sprite',
    apply: 'build',
    generateBundle() {
      this.emitFile({ type: 'asset', fileName: 'icons.svg', source: sprite(names, outline) })
    },
  }
}

function sprite(wanted: readonly string[], outline: string): string {
  const symbols = wanted.map((name) => symbol(name, readFileSync(join(outline, `${name}.svg`), 'utf8')))
  return `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join('')}</svg>\n`
}

function symbol(name: string, svg: string): string {
  const inside = svg.replace(/^[\s\S]*?<svg[^>]*>/, '').replace(/<\/svg>\s*$/, '').replace(/\s*\n\s*/g, '')
  return `<symbol id="${name}" viewBox="0 0 24 24">${inside}</symbol>`
}
