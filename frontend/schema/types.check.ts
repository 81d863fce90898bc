/** Holds `wire/types.ts` against what the site says of itself: does not compile when one of them has changed alone. */
import type * as wire from '../src/wire/types'
import type { components } from '../node_modules/.schema/openapi'

type Schemas = components['schemas']

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : never
type Holds<Claim extends true> = Claim

export type Claims = [
  Holds<Same<wire.RunState, Schemas['RunState']>>,
  Holds<Same<wire.ElementState, Schemas['ElementState']>>,
  Holds<Same<wire.StepState, Schemas['StatusEnum']>>,
  Holds<Same<Required<Schemas['Problem']>['code'], wire.Problem['code']>>,
  Holds<Same<keyof Schemas['Problem'], keyof wire.Problem>>,
  Holds<Same<keyof Schemas['Input'], keyof wire.InputSpec>>,
  Holds<Same<Schemas['TargetEffect'], wire.TargetEffect>>,
  Holds<Same<keyof Schemas['Tested'], keyof wire.Tried>>,
]
