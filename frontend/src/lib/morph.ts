/** Makes what stands on the page equal to what a view gave, changing as little as possible: focus and scroll places stay.
 *
 * Views give fresh elements without listeners; the page listens in one place and reads `data-act`. Children are matched by
 * `data-key`, else by their place and kind. What a person does to an element is left: whether `<details>` is open, what a
 * field holds.
 */

export function morph(old: Element, fresh: Element): void {
  const isPersons = old instanceof HTMLDetailsElement || old instanceof HTMLDialogElement
  for (const { name } of [...old.attributes]) {
    if (!fresh.hasAttribute(name) && !(isPersons && name === 'open')) old.removeAttribute(name)
  }
  for (const { name, value } of [...fresh.attributes]) {
    if (old.getAttribute(name) !== value) setAttribute(old, name, value)
  }
  morphChildren(old, [...fresh.childNodes])
}

/** The page's policy lets scripts set single styles, but no style attribute. */
function setAttribute(element: Element, name: string, value: string): void {
  if (name === 'style' && element instanceof HTMLElement) element.style.cssText = value
  else element.setAttribute(name, value)
}

export function morphChildren(parent: Element, fresh: readonly Node[]): void {
  const byKey = new Map<string, Element>()
  for (const child of parent.children) {
    const key = keyOf(child)
    if (key !== null) byKey.set(key, child)
  }
  let place: ChildNode | null = parent.firstChild
  for (const node of fresh) {
    const key = keyOf(node)
    const match: Node | null = key === null ? place : (byKey.get(key) ?? null)
    if (match !== null && isAlike(match, node)) {
      if (match === place) place = place.nextSibling
      else parent.insertBefore(match, place)
      become(match, node)
    } else parent.insertBefore(node, place)
  }
  while (place !== null) {
    const next: ChildNode | null = place.nextSibling
    place.remove()
    place = next
  }
}

function become(old: Node, fresh: Node): void {
  if (old instanceof Element && fresh instanceof Element) morph(old, fresh)
  else if (old.nodeValue !== fresh.nodeValue) old.nodeValue = fresh.nodeValue
}

function isAlike(one: Node, other: Node): boolean {
  return one.nodeType === other.nodeType && one.nodeName === other.nodeName && keyOf(one) === keyOf(other)
}

function keyOf(node: Node): string | null {
  return node instanceof Element ? node.getAttribute('data-key') : null
}
