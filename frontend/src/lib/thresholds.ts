/** How many failures a run bears, in the words of the editor's rules and of the run page. Pure. */

/** R30: the run stops once more than this many have failed. */
export function thresholdWords(threshold: number | string | null, isCalledOnly: boolean): string {
  if (threshold === null) return isCalledOnly ? 'stop at the first failure, or as its caller does' : 'stop at the first failure'
  if (threshold === 0 || threshold === '0%') return 'stop at the first failure'
  if (threshold === '100%') return 'go on whatever fails'
  if (typeof threshold === 'number') return `stop at the ${ordinal(threshold + 1)} failure`
  return `stop when more than ${sizeWords(threshold)} fail`
}

/** A run's reason without the server's count at its end, where the pages count failures beside it. */
export function withoutCount(reason: string): string {
  return reason.replace(/; \d+ failed, \d+ allowed$/, '')
}

/** "20 %" of "20%". */
export function sizeWords(size: number | string): string {
  return typeof size === 'number' ? String(size) : size.replace(/\s*%/, '\u00a0%')
}

/** "1st", "12th". */
export function ordinal(number: number): string {
  const tens = number % 100
  const ending = tens >= 11 && tens <= 13 ? undefined : ['st', 'nd', 'rd'][(number % 10) - 1]
  return `${number}${ending ?? 'th'}`
}
