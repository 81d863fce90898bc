import { describe, expect, it } from 'vitest'

import { offered, readAsInput } from './undeclared'

describe('names that a template reads undeclared', () => {
  it('are offered unless the flow has the input, or no call could give it', () => {
    const found = [
      { name: 'service', is_input: true },
      { name: 'port', is_input: true },
      { name: 'disk-use', is_input: true },
      { name: 'zonne', is_input: false },
    ]
    expect(offered(found, ['port', 'zonne']).map(({ name }) => name)).toEqual(['service', 'zonne'])
  })

  it('are read as inputs where they stand bare, and nowhere else', () => {
    expect(readAsInput('service {{ service }} {{ service | quote }}', 'service')).toBe('service {{ inputs.service }} {{ inputs.service | quote }}')
    expect(readAsInput('{% if service == 1 and a.service %}{{ "service" ~ x | service(service=2) }}{% endif %}', 'service')).toBe(
      '{% if inputs.service == 1 and a.service %}{{ "service" ~ x | service(service=2) }}{% endif %}',
    )
    expect(readAsInput("{{ services }} {{ inputs.service }} {{ 'a\\' service' }}", 'service')).toBe("{{ services }} {{ inputs.service }} {{ 'a\\' service' }}")
    expect(readAsInput('{{\n  service\n}} {# service #}', 'service')).toBe('{{\n  inputs.service\n}} {# service #}')
  })
})
