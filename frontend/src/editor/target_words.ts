/** A target as one of three kinds, and what its filters do, in words. Pure. */
import type { FilterEffect, Target, TargetEffect } from '../wire/types'

export type TargetKind = 'chosen' | 'all' | 'none'

export function kindOf(target: Target | null): TargetKind {
  if (target === null) return 'none'
  return target.all === true ? 'all' : 'chosen'
}

/** The target of another kind; `chosen` is what had been chosen before. */
export function targetOfKind(kind: TargetKind, chosen: Target): Target | null {
  if (kind === 'none') return null
  return kind === 'all' ? { all: true } : chosen
}

/** True where something is chosen: a profile, a group or a filter. */
export function choosesSomething({ profile, groups, filters }: Target): boolean {
  return Boolean(profile) || (groups ?? []).length > 0 || (filters ?? []).length > 0
}

/** "42 → 17", or what is wrong and where; nothing of a filter that is still empty or not told yet. */
export function effectWords(text: string, effect: FilterEffect | undefined, before: number | null): string {
  if (text.trim() === '') return 'write it, or take it out'
  if (effect === undefined) return ''
  if (effect.problem !== '') return effect.position === null ? effect.problem : `character ${effect.position + 1}: ${effect.problem}`
  if (effect.left === null) return ''
  return before === null || before === effect.left ? `${effect.left} left` : `${before} → ${effect.left}`
}

/** How many elements come to this filter: those that the last readable one before it left. */
export function leftBefore(answer: TargetEffect | null, index: number): number | null {
  const told = (answer?.filters ?? []).slice(0, index).findLast(({ left }) => left !== null)
  return told?.left ?? answer?.base ?? null
}

/** True where more has to be typed, and nothing of what stands there is wrong. */
export function isUnfinished(effect: FilterEffect | undefined): boolean {
  return effect?.problem.startsWith('found the end') === true
}

/** Somebody is about to choose: nothing is wrong yet. */
export function isUnchosen(target: Target | null): boolean {
  return target !== null && kindOf(target) === 'chosen' && !choosesSomething(target)
}
