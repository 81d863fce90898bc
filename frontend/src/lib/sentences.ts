/** Words of the server as sentences of a page. Pure. */

/** With a capital, unless it tells of an element: its name is written as it is. */
export function capital(text: string): string {
  return /^\S+ fail(s|ed)\b/.test(text) ? text : text.charAt(0).toUpperCase() + text.slice(1)
}
