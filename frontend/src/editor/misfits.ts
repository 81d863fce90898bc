/** What schedules and callers of a flow give, and its next version would not take, in words. */

export interface Misfit {
  readonly missing: readonly string[]
  readonly unknown: readonly string[]
  readonly wrong: readonly { readonly name: string; readonly expected: string }[]
}

/** "Gives no value for speed: it cannot start until it does." */
export function scheduleWords(misfit: Misfit): string {
  return sentences(misfit, 'Gives', 'it cannot start')
}

/** "Line 3 gives no value for speed: the call fails until it does." */
export function callWords(line: number, misfit: Misfit): string {
  return sentences(misfit, `Line ${line} gives`, 'the call fails')
}

function sentences({ missing, unknown, wrong }: Misfit, gives: string, fails: string): string {
  const found = [
    missing.length === 0 ? null : `no value for ${listed(missing)}`,
    unknown.length === 0 ? null : `${listed(unknown)}, which the flow does not take`,
    ...wrong.map(({ name, expected }) => `a value for ${name} that is not ${expected}`),
  ].filter((part) => part !== null)
  const until = unknown.length + wrong.length === 0 ? 'until it does' : 'until that is changed'
  return `${gives} ${found.join('; ')}: ${fails} ${until}.`
}

function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`
}
