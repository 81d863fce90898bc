/** What the bar says of the draft. Pure. */
import { heldBack, isDirty, type NotSaved, type State } from './state'

/** "Draft, saved 3 s ago". */
export function statusOf(state: State, now: number): string {
  const { stored, notSaved, publishing, saving, savedAt } = state
  const version = stored.published_version
  const live = version === null ? 'never published' : `version ${version} is live`
  if (publishing.step === 'waiting' || publishing.step === 'asking') return 'Publishing…'
  if (!state.canWrite)
    return stored.is_draft
      ? `Draft of ${stored.written_by}, read only · ${live}`
      : `Published version ${version ?? 0}, read only`
  const unread = Object.values(state.sides).find((side) => side.edited === 'blocks' && side.noAnswer !== null)
  if (unread !== undefined) return `Not saved: ${unread.noAnswer ?? ''} Will try again.`
  const held = heldBack(state, 'saved')
  if (held !== null) return held
  if (notSaved !== null) return toldNotSaved(notSaved)
  if (saving === 'busy' || isDirty(state)) return `Saving… · ${live}`
  if (!stored.is_draft) return `Published version ${version ?? 0}`
  return `Draft, saved ${agoOf(savedAt ?? Date.parse(stored.written_at), now)} · ${live}`
}

export function toldNotSaved({ message, needsAnswer }: NotSaved): string {
  return `Not saved: ${message} ${needsAnswer ? 'Ctrl S asks again.' : 'Will try again.'}`
}

export function agoOf(at: number, now: number): string {
  const seconds = Math.max(0, Math.round((now - at) / 1000))
  if (seconds < 60) return `${seconds} s ago`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min ago`
  return minutes < 48 * 60 ? `${Math.floor(minutes / 60)} h ago` : `${Math.floor(minutes / 1440)} days ago`
}
