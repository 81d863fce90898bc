import { describe, expect, it } from 'vitest'

import { completionOf, isKeyBegun, taken, type Known } from './filter_text'

const KNOWN: Known = {
  keys: ['env', 'net.0.hostname', 'patroni_leader', 'version'],
  values: { env: ['prod', 'stage', 'a, b'], version: [15, 9.6], tags: [['web', 'db'], true, null, { a: 1 }] },
}

/** The labels offered where `|` stands. */
function offered(text: string): readonly string[] {
  return at(text)?.offers.map(({ label }) => label) ?? []
}

function at(text: string): ReturnType<typeof completionOf> {
  return completionOf(text.replace('|', ''), text.indexOf('|'), KNOWN)
}

/** The text after the first offer was taken, `|` where the caret stands. */
function afterFirst(text: string): string {
  const completion = at(text)
  const [first] = completion?.offers ?? []
  if (completion === null || first === undefined) return ''
  const now = taken(text.replace('|', ''), completion, first)
  return `${now.text.slice(0, now.caret)}|${now.text.slice(now.caret)}`
}

describe('completion of a filter', () => {
  it('begins with the keys of contexts and of the element', () => {
    expect(offered('|')).toEqual(['name', 'address', 'env', 'net.0.hostname', 'patroni_leader', 'version', 'not'])
    expect(offered('le|')).toEqual(['patroni_leader'])
    expect(offered('NET|')).toEqual(['net.0.hostname'])
  })

  it.each([
    ['pat|', true],
    ['not PAT|', true],
    ['net.0|', true],
    ['na|', true],
    ['|', false],
    ['env|', false],
    ['e|nv == prod', false],
    ['leader|', false],
    ['env |', false],
    ['env == pr|', false],
    ['env == prod|', false],
  ])('knows whether a key is begun and not whole: %s', (text, isBegun) => {
    const completion = at(text)
    expect(completion !== null && isKeyBegun(text.replace('|', ''), completion, KNOWN)).toBe(isBegun)
  })

  it('goes on with operators, then with known values', () => {
    expect(afterFirst('en|')).toBe('env |')
    expect(offered('env |').slice(0, 3)).toEqual(['==', '!=', '<'])
    expect(offered('env !|')).toEqual(['!='])
    expect(afterFirst('env =|')).toBe('env == |')
    expect(offered('env == |')).toEqual(['prod', 'stage', 'a, b'])
    expect(afterFirst('env == st|')).toBe('env == stage|')
  })

  it('reads an operator that could go on only when it is whole', () => {
    expect(at('version >|')?.what).toBe('operator')
    expect(offered('version >|')).toEqual(['>', '>='])
    expect(offered('version > |')).toEqual(['15', '9.6'])
    expect(offered('version>=|')).toEqual(['15', '9.6'])
  })

  it('offers for a list what is not in it yet, quoted where it holds a comma', () => {
    expect(offered('env in prod, |')).toEqual(['stage', 'a, b'])
    expect(afterFirst('env in prod, a|')).toBe("env in prod, 'a, b'|")
    expect(afterFirst('env in st|, prod')).toBe('env in stage|, prod')
  })

  it('offers items of lists and plain words, nothing of mappings', () => {
    expect(offered('tags contains |')).toEqual(['web', 'db', 'true', 'null'])
  })

  it('knows that not stands only before a key that exists', () => {
    expect(offered('not |')).toEqual(['env', 'net.0.hostname', 'patroni_leader', 'version'])
    expect(offered('not env |')).toEqual(['exists'])
    expect(afterFirst('not env ex|')).toBe('not env exists|')
  })

  it('replaces the whole key where the caret stands within it, and offers nothing where nothing is known', () => {
    expect(afterFirst('ver|sion >= 15')).toBe('version| >= 15')
    expect(offered('other == |')).toEqual([])
    expect(at("'what|")).toBe(null)
    expect(at('env exists |')).toBe(null)
  })
})
