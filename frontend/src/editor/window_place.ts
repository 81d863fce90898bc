/** Puts a list next to what opened it, whole in the window: below, else above, else as far as there is room. */

const EDGE = 8
const GAP = 4

interface Sides {
  readonly left: number
  readonly top: number
  readonly bottom: number
}

export function placeInWindow(list: HTMLElement, opener: Element): void {
  list.classList.add('is-placed')
  const size = { width: list.offsetWidth, height: list.offsetHeight }
  const { left, top } = placeOf(opener.getBoundingClientRect(), size, { width: window.innerWidth, height: window.innerHeight })
  list.style.left = `${left}px`
  list.style.top = `${top}px`
}

interface Size {
  readonly width: number
  readonly height: number
}

/** Left and top of the list. Pure. */
export function placeOf(opener: Sides, list: Size, room: Size): { readonly left: number; readonly top: number } {
  const left = Math.max(EDGE, Math.min(opener.left, room.width - list.width - EDGE))
  const below = opener.bottom + GAP
  const lowest = room.height - list.height - EDGE
  if (below <= lowest) return { left, top: below }
  const above = opener.top - GAP - list.height
  return { left, top: above >= EDGE ? above : Math.max(EDGE, lowest) }
}
