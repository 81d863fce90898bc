/** The tasks of `refresh` are steps of site 0 in the journal, their turn the place in the list; on the page each is a site of its own. */

interface Place {
  readonly site: number
  readonly turn: number
}

export function isRefresh(site: number): boolean {
  return site < 0
}

/** From the journal's words to the page's: site -k is the k-th task. */
export function placed<Step extends Place>(step: Step): Step {
  return step.site === 0 ? { ...step, site: -step.turn, turn: 1 } : step
}

/** From the page's words to the journal's. */
export function recorded<Step extends Place>(step: Step): Step {
  return isRefresh(step.site) ? { ...step, site: 0, turn: -step.site } : step
}
