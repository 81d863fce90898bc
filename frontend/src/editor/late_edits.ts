/** Keeps the canvas from edits that would be lost. */

/** While blocks are about to be made anew of a text that was edited, what is changed of them until then would be gone. */
export function keepFromLateEdits(canvas: HTMLElement, isOvertaken: () => boolean): void {
  const keep = (event: UIEvent): void => {
    const isEdit = event instanceof KeyboardEvent ? !/^(Tab|Escape|Arrow)/.test(event.key) : isOnField(event.target)
    if (!isEdit || !isOvertaken()) return
    event.preventDefault()
    event.stopPropagation()
  }
  canvas.addEventListener('pointerdown', keep, { capture: true })
  canvas.addEventListener('keydown', keep, { capture: true })
}

/** A press there opens what changes the field. */
function isOnField(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('.blocklyEditableField') !== null
}
