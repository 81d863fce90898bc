import { describe, expect, it } from 'vitest'

import { targetAddress } from './targets'

describe('the address of what a target selects', () => {
  it('names all that chooses, each group and filter for itself', () => {
    expect(targetAddress({ all: true })).toBe('/api/targets/?all=true')
    expect(targetAddress({ profile: 'linux', groups: ['a', 'b'], filters: ['env == prod'] })).toBe(
      '/api/targets/?profile=linux&groups=a&groups=b&filter=env+%3D%3D+prod',
    )
  })

  it('is null while nothing is chosen', () => {
    expect(targetAddress({ profile: null, groups: [] })).toBeNull()
  })
})
