/** What a screen reader says of a field that is pressed: Blockly tells of its own kinds of fields alone. */

export function tellField(group: SVGElement | null, label: string): void {
  group?.setAttribute('role', 'button')
  group?.setAttribute('aria-label', label)
}
