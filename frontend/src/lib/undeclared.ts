/** Names that a template reads and its task does not declare: offered to be declared, as a flow may have them (R43). */
import { make } from './dom'
import { icon } from './icons'

export interface Undeclared {
  readonly name: string
  /** True for `inputs.service`; false for a bare name that no element's context has. */
  readonly is_input: boolean
}

/** `known` are the flow's own inputs, which the template reads as well; a name of no Python word can be given by no call. */
export function offered(undeclared: readonly Undeclared[], known: readonly string[]): readonly Undeclared[] {
  return undeclared.filter(({ name, is_input }) => !(is_input && known.includes(name)) && /^[A-Za-z_]\w*$/.test(name))
}

/** The template with the bare name read as an input; what stands in quotes, behind a dot or a bar, or names an argument stays. */
export function readAsInput(template: string, name: string): string {
  const word = new RegExp(`"(?:\\\\.|[^"\\\\])*"|'(?:\\\\.|[^'\\\\])*'|(?<![\\w.]|\\|\\s*)${name}(?!\\w|\\s*=(?!=))`, 'g')
  return template.replace(/\{\{[^]*?\}\}|\{%[^]*?%\}/g, (tag) => tag.replace(word, (found) => (found === name ? `inputs.${name}` : found)))
}

/** Each with a button that declares it; `where` says who else could give an input. */
export function offerViews(found: readonly Undeclared[], where: string, declare: (one: Undeclared) => void): readonly HTMLElement[] {
  return found.map((one) => {
    const button = make('button', { type: 'button', class: 'btn btn-sm', title: titleOf(one) }, icon('plus'), `Declare ${one.name}`)
    button.addEventListener('click', () => declare(one))
    const told = one.is_input ? ` is used in the template and is no input yet${where}.` : ' is used in the template; it is no input yet, and no context key.'
    return make('p', { class: 'undeclared', 'data-key': one.name }, make('span', {}, make('code', {}, one.name), told), button)
  })
}

function titleOf({ name, is_input }: Undeclared): string {
  return is_input ? 'As a required text input' : `As a required text input, which the template then reads as inputs.${name}`
}
