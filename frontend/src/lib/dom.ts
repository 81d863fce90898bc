/** Small, typed ways to make and find elements. Text is always text: no markup is ever parsed. */

type Child = Node | string | null
type Attributes = Readonly<Record<string, string | number | boolean | null>>

/** `make('td', { class: 'cell', title: 'x' }, 'text')`; a null or false attribute is left out, true is an empty one. */
export function make<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag)
  setAttributes(element, attributes)
  element.append(...children.filter((child) => child !== null))
  return element
}

export function setAttributes(element: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === false) element.removeAttribute(name)
    else element.setAttribute(name, value === true ? '' : String(value))
  }
}

/** The element that the page's template promises; raises when it is not there or of another kind. */
export function need<Kind extends Element>(selector: string, kind: new () => Kind, within: ParentNode = document): Kind {
  const found = within.querySelector(selector)
  if (!(found instanceof kind)) throw new Error(`the page has no ${selector}`)
  return found
}

/** What the server wrote into the page with `json_script`. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the template fixes the shape
export function pageData<Data>(id = 'page-data'): Data {
  return JSON.parse(need(`#${id}`, HTMLScriptElement).textContent) as Data
}

/** Whether the person signed in may do this, e.g. `flow.run`. The server asks again. */
export function may(permission: string): boolean {
  return (document.body.dataset['may'] ?? '').split(' ').includes(permission)
}

/** Calls `draw` once in the next frame, however often it is asked for. */
export function oncePerFrame(draw: () => void): () => void {
  let asked = false
  return () => {
    if (asked) return
    asked = true
    requestAnimationFrame(() => {
      asked = false
      draw()
    })
  }
}
