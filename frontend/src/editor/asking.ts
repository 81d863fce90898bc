/** The dialog of the page: somebody else saved the draft, or a draft is to be discarded. */
import { make, need } from '../lib/dom'
import { icon } from '../lib/icons'
import { SCRIPTS } from './documents'
import { keysOf, type Conflict, type State } from './state'

/** Shows both versions, so that whichever is taken the other can be copied. */
export function askAboutConflict(state: State, conflict: Conflict, answer: (whose: 'theirs' | 'mine') => void): void {
  const mine = keysOf(state)
  const { theirs } = conflict
  const rows = SCRIPTS.filter((script) => theirs[`${script}_script`] !== mine[`${script}_script`]).map((script) =>
    make(
      'div',
      { class: 'ed-both' },
      copyable(`Theirs: ${script} script`, theirs[`${script}_script`]),
      copyable(`Mine: ${script} script`, mine[`${script}_script`]),
    ),
  )
  ask(
    `${theirs.written_by || 'Somebody'} saved this draft`,
    [make('p', {}, `${conflict.message}.`), ...rows],
    [
      ['Take theirs', 'btn', () => answer('theirs')],
      ['Keep mine', 'btn btn-primary', () => answer('mine')],
    ],
  )
}

export function askAboutDiscarding(wasPublished: boolean, discard: () => void): void {
  const what = wasPublished
    ? 'Your changes are forgotten; the published version stays as it is.'
    : 'This flow was never published: it is deleted with its draft.'
  ask(
    'Discard the draft?',
    [make('p', {}, what)],
    [
      ['Keep it', 'btn', () => undefined],
      ['Discard draft', 'btn btn-danger', discard],
    ],
  )
}

type Answer = readonly [label: string, css: string, act: () => void]

function ask(title: string, content: readonly Node[], answers: readonly Answer[]): void {
  const dialog = need('#ask', HTMLDialogElement)
  const buttons = answers.map(([label, css, act]) => {
    const button = make('button', { type: 'button', class: css }, label)
    button.addEventListener('click', () => {
      dialog.close()
      act()
    })
    return button
  })
  dialog.replaceChildren(
    make('h2', { class: 'h3', id: 'ask-title' }, title),
    ...content,
    make('div', { class: 'ed-answers' }, ...buttons),
  )
  if (!dialog.open) dialog.showModal()
}

function copyable(label: string, text: string): Node {
  const area = make('textarea', { class: 'form-control code', rows: 10, readonly: true, 'aria-label': label }, text)
  const copy = make('button', { type: 'button', class: 'btn btn-sm' }, icon('copy'), 'Copy')
  copy.addEventListener('click', () => {
    area.select()
    void navigator.clipboard.writeText(text)
  })
  return make('div', {}, make('div', { class: 'ed-both-head' }, make('strong', {}, label), copy), area)
}
