/** What is asked before a form is left, and which links leave it. Pure. */

/** So many fields are named; the others are counted. */
const MOST_NAMED = 4

/** "Not saved: Command, Priority and 2 more." Without a field that differs, the form is one that the server refused. */
export function leavingWords(fields: readonly string[]): string {
  if (fields.length === 0) return 'The form was not accepted: nothing of it is stored.'
  const more = fields.length - MOST_NAMED
  return `Not saved: ${fields.slice(0, MOST_NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''}.`
}

/** Whether a link from `here` loads another page of this site: not one to a place on the page, nor to another site. */
export function leadsAway(href: string, here: string): boolean {
  const [to, from] = [new URL(href, here), new URL(here)]
  const isPlaceHere = to.hash !== '' && to.pathname === from.pathname && to.search === from.search
  return to.origin === from.origin && !isPlaceHere
}
