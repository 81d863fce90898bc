/** What became of the draft meanwhile: who did what to it. Pure. */
import type { Draft } from './documents'

/** "demo saved this draft"; `since` is null where nobody can tell when. */
export function toldConflict(stored: Draft, theirs: Draft): { readonly words: string; readonly since: string | null } {
  const who = theirs.written_by || 'Somebody'
  const version = theirs.published_version
  if (theirs.is_draft) return { words: `${who} saved this draft`, since: theirs.written_at }
  if (version !== null && version !== stored.published_version)
    return { words: `${who} published this draft as version ${version}`, since: theirs.written_at }
  return { words: 'Somebody discarded this draft', since: null }
}
