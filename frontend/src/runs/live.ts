/** The socket that tells of all runs, and the line that says how it is. */
import { make } from '../lib/dom'
import { icon } from '../lib/icons'
import { type Link, openSocket } from '../wire/socket'
import type { RunsFrame, RunSummary } from '../wire/types'

interface Listener {
  /** `whole` with each opening: the newest runs and all that are not over. Else those that changed. */
  readonly onRuns: (runs: readonly RunSummary[], whole: boolean) => void
  readonly onLink: (link: Link, detail: string) => void
}

export function listenToRuns(listener: Listener): void {
  openSocket<RunsFrame>({
    address: () => '/ws/runs/',
    onLink: listener.onLink,
    onFrame: (frame) => {
      if (frame.type !== 'error') listener.onRuns(frame.runs, frame.type === 'snapshot')
    },
  })
}

/** `detail` is why the server refuses: trying again does not mend that. */
export function drawLink(place: HTMLElement, link: Link, detail: string): void {
  const key = `${link} ${detail}`
  if (place.dataset['drawn'] === key) return
  place.dataset['drawn'] = key
  place.replaceChildren(...linkNote(link, detail))
}

function linkNote(link: Link, detail: string): Node[] {
  switch (link) {
    case 'open':
      return [make('span', { class: 'tone-good' }, icon('plug-connected'), 'Live')]
    case 'connecting':
      return [make('span', { class: 'tone-idle' }, icon('loader-2'), 'Connecting…')]
    case 'lost':
      return [make('span', { class: 'tone-bad' }, icon('plug-connected-x'), detail === '' ? 'Not live: connecting again…' : `Not live: ${detail}`)]
    default:
      return link satisfies never
  }
}
