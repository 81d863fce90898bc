/** Which element the preview begins with: the one chosen last for this task, else one that it is used with. Pure but
 * for the browser's memory, which may be shut. */

const MEMORY = 'flowsite-sample:'

export function sampleFor(task: string, remembered: (key: string) => string | null, usedWith: string | null): string {
  return remembered(MEMORY + task) ?? usedWith ?? remembered(MEMORY) ?? ''
}

/** Kept for this task, and for tasks that nothing is known of. */
export function keysToRemember(task: string): readonly string[] {
  return task === '' ? [MEMORY] : [MEMORY + task, MEMORY]
}

export function fromMemory(key: string): string | null {
  try {
    return window.localStorage.getItem(key)
  } catch {
    return null
  }
}

export function remember(task: string, element: string): void {
  try {
    for (const key of keysToRemember(task)) window.localStorage.setItem(key, element)
  } catch {
    // A browser that keeps nothing: the choice holds as long as the page.
  }
}
