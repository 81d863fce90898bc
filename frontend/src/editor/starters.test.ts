import { describe, expect, it } from 'vitest'

import { contextOf, starters, withLine } from './starters'

const NAMES = {
  tasks: [],
  flows: [],
  steps: [],
  context_keys: ['env', 'lost', 'patroni_leader', 'version'],
  values: { env: ['prod', 'stage'], lost: ['leader'], patroni_leader: ['replica', 'master'], version: [15, 9] },
}

describe('starters of an order', () => {
  it('use the keys and values of the fleet, a key that sounds like a role first', () => {
    expect(starters(NAMES).map(({ label }) => label)).toEqual([
      'patroni_leader master last',
      'Last name first',
      'Smallest version first',
      'Only env prod',
      'Keep the first 5',
    ])
  })

  it('are the same lines as an author would write', () => {
    expect(starters(NAMES).map(({ line }) => line)).toEqual([
      "order_flow_elements(elements, lambda x: 1 if x['context']['patroni_leader'] == 'master' else 0)",
      'elements.reverse()',
      "order_flow_elements(elements, lambda x: x['context']['version'])",
      "filter_flow_elements(elements, lambda x: x['context']['env'] == 'prod')",
      'elements = elements[:5]',
    ])
  })

  it('need no facts, and quote whatever a value holds', () => {
    expect(starters(null).map(({ label }) => label)).toEqual(['Last name first', 'Keep the first 5'])
    const odd = { ...NAMES, context_keys: ['a'], values: { a: ["it's", 'b'] } }
    expect(starters(odd)[1]?.line).toBe("filter_flow_elements(elements, lambda x: x['context']['a'] == 'it\\'s')")
    expect(contextOf('net.0.hostname')).toBe("x['context']['net']['0']['hostname']")
  })

  it('come after what stands there', () => {
    expect(withLine('', 'elements.reverse()')).toBe('elements.reverse()\n')
    expect(withLine('# why\n\n', 'elements.reverse()')).toBe('# why\nelements.reverse()\n')
  })
})
