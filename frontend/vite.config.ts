/** One entry for each page; the result goes where Django finds static files. */
import { resolve } from 'node:path'

import { defineConfig } from 'vite'

import { blocklyMedia } from './build/media'
import { iconSprite } from './build/sprite'

const pages = ['frame', 'home', 'runs', 'run', 'start', 'plan', 'editor', 'forms', 'tasks', 'schedules', 'docs']
const entries = pages.map((page) => `src/${page}/main.ts`)

function inModules(path: string): string {
  return resolve(import.meta.dirname, 'node_modules', path)
}

export default defineConfig({
  root: import.meta.dirname,
  base: '/static/dist/',
  plugins: [iconSprite(inModules('@tabler/icons/icons/outline')), blocklyMedia(inModules('blockly/media'))],
  build: {
    outDir: '../static/dist',
    emptyOutDir: true,
    manifest: true,
    target: 'es2022',
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1500,
    rolldownOptions: { input: entries },
  },
})
