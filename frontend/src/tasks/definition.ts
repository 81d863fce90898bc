/** The task as it stands in the form, as the keys of its document: what a try runs. Pure; the server checks it. */
import { keysOf, type Declared } from './preview'

/** The texts of the form's fields by their names. */
export type Fields = Readonly<Record<string, string>>

const NUMBERS = ['timeout', 'retries', 'retry_delay', 'retry_backoff', 'retry_jitter'] as const

/** What is empty is left out, so that it gets its default; what is no number goes as it is, and the server says so. */
export function definitionOf(fields: Fields, declared: readonly Declared[]): Readonly<Record<string, unknown>> {
  const numbers = NUMBERS.map((name) => [name, (fields[name] ?? '').trim()] as const).filter(([, text]) => text !== '')
  const save = saveOf(fields['save'] ?? '')
  return {
    command: fields['command'] ?? '',
    ...Object.fromEntries(numbers.map(([name, text]) => [name, Number.isFinite(Number(text)) ? Number(text) : text])),
    ...(fields['on_interrupt'] ? { on_interrupt: fields['on_interrupt'] } : {}),
    ...(fields['parse'] && fields['parse'] !== 'none' ? { parse: fields['parse'] } : {}),
    ...(save === null ? {} : { save }),
    inputs: declared.filter((input) => input.name !== '').map(keysOf),
  }
}

/** Setting keys with their paths; a text that is no such list is sent as it is. */
export function saveOf(text: string): Readonly<Record<string, string>> | string | null {
  const lines = text.split('\n').map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'))
  if (lines.length === 0) return null
  const pairs = lines.map((line) => /^([^:]+):\s+(\S.*)$/.exec(line))
  if (pairs.some((pair) => pair === null)) return text
  return Object.fromEntries(pairs.map((pair) => [plain(pair?.[1] ?? ''), plain(pair?.[2] ?? '')]))
}

/** YAML lets a text stand in quotes. */
function plain(text: string): string {
  return text.trim().replace(/^(['"])(.*)\1$/, '$2')
}
