/** Copies the pictures of Blockly's canvas beside our files: its own default would fetch them from another host. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import type { Plugin } from 'vite'

export function blocklyMedia(media: string): Plugin {
  return {
    name: 'blockly-media',
    apply: 'build',
    generateBundle() {
      for (const name of readdirSync(media)) {
        this.emitFile({ type: 'asset', fileName: `blockly/${name}`, source: readFileSync(join(media, name)) })
      }
    },
  }
}
