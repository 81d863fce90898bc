/** What a step is called, the same on every page; the table is shared with the server's templates. Pure. */
import table from './steps.json'

interface Words {
  /** Of the kind of step. */
  readonly title: string
  /** With `{}` for the name, the question, the key or the message. */
  readonly named: string
  readonly unnamed: string
}

const words: Readonly<Record<string, Words>> = table

/** "Approval": what kind of step it is. */
export function stepTitle(step: string): string {
  return words[step]?.title ?? step
}

/** "Approval: Go on?", "Wait"; a task or a flow by its name. */
export function stepPhrase(step: string, name: string | null): string {
  const known = words[step]
  if (known === undefined) return name ?? step
  return name === null || name === '' ? known.unnamed : known.named.replace('{}', () => name)
}
