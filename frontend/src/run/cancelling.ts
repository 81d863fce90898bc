/** The dialog that asks whether to cancel: it says what becomes of what runs, of what has not begun, and of child runs (R34). */
import { make } from '../lib/dom'
import { bandOf, type Band, type Tree } from './tree'
import { elementsText } from './words'

export function cancelView(tree: Tree | null): readonly HTMLElement[] {
  const again = tree !== null && isCancelling(tree)
  const effects = tree === null ? [] : cancelEffects(tree)
  return [
    make('h2', { id: 'run-cancel-title', class: 'h3' }, again ? 'Cancel now, without finally?' : 'Cancel this run?'),
    make('ul', {}, ...effects.map((effect) => make('li', {}, effect))),
    make(
      'form', { method: 'dialog', class: 'd-flex flex-wrap gap-2' },
      make('button', { class: 'btn btn-danger', value: 'cancel' }, again ? 'End finally too' : 'Cancel the run'),
      make('button', { class: 'btn', value: 'keep', autofocus: true }, again ? 'Let finally end' : 'Let it run'),
    ),
  ]
}

/** What a cancel does to this run as it stands, a sentence each; a second one ends what the first one let run. */
export function cancelEffects(tree: Tree): readonly string[] {
  const band = bandOf(tree)
  if (band === undefined) return []
  if (isCancelling(tree)) return ['The finally steps that are running are ended too, and no other one starts.', 'What they should have put right stays as it is.']
  const queued = band.counts.queued ?? 0
  return [
    ...begunEffects(band),
    ...(queued === 0 ? [] : [`${elementsText(queued)} will not be started.`]),
    ...(callsFlows(tree, band) ? ['Child runs are cancelled with it, in the same way.'] : []),
    `A cancelled run cannot be resumed.${band.state === 'paused' ? '' : ' Pause lets running steps finish instead.'}`,
  ]
}

function isCancelling(tree: Tree): boolean {
  return bandOf(tree)?.asked?.[0] === 'cancel'
}

function begunEffects({ counts }: Band): readonly string[] {
  const begun = (counts.running ?? 0) + (counts.waiting ?? 0)
  if (begun === 0) return ['No step is running now.']
  return [
    `${elementsText(begun)} ${begun === 1 ? 'has' : 'have'} begun: running steps are ended there and not waited for, waits and questions too.`,
    'After that only steps under a “finally” run there.',
  ]
}

function callsFlows(tree: Tree, band: Band): boolean {
  return tree.bands.size > 1 || band.columns.some(([, step]) => step === 'run_flow')
}
