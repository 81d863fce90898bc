/** Lines to begin a processing script with, made of the context keys that the fleet really has. Pure. */
import type { Names } from './documents'

export interface Starter {
  readonly label: string
  readonly line: string
}

const LEADS = ['master', 'leader', 'primary', 'active']
const ROLE_KEY = /leader|role|primary|master/i
const MOST_VALUES = 6

export function starters(names: Names | null): readonly Starter[] {
  const keys = names?.context_keys ?? []
  const values = names?.values ?? {}
  return [
    ...leaderLast(keys, values),
    { label: 'Last name first', line: 'elements.reverse()' },
    ...byKey(keys, values),
    ...onlyWhere(keys, values),
    { label: 'Keep the first 5', line: 'elements = elements[:5]' },
  ]
}

/** The script with this line at its end. */
export function withLine(script: string, line: string): string {
  const text = script.trim() === '' ? '' : `${script.replace(/\n+$/, '')}\n`
  return `${text}${line}\n`
}

/** `x['context']['net']['0']['hostname']`: dotted keys are nested (R42). */
export function contextOf(key: string): string {
  return `x['context']${key.split('.').map((part) => `[${quoted(part)}]`).join('')}`
}

type Values = Names['values']

function leaderLast(keys: readonly string[], values: Values): readonly Starter[] {
  const found = keys
    .flatMap((key) => (values[key] ?? []).filter((value) => LEADS.includes(String(value).toLowerCase())).map((value) => ({ key, value })))
    .toSorted((one, other) => Number(ROLE_KEY.test(other.key)) - Number(ROLE_KEY.test(one.key)))[0]
  if (found === undefined) return []
  const { key, value } = found
  return [{ label: `${key} ${String(value)} last`, line: `order_flow_elements(elements, lambda x: 1 if ${contextOf(key)} == ${literal(value)} else 0)` }]
}

/** By a number, as a version: the biggest first is seldom meant. */
function byKey(keys: readonly string[], values: Values): readonly Starter[] {
  const key = keys.find((one) => (values[one] ?? []).length > 1 && (values[one] ?? []).every((value) => typeof value === 'number'))
  return key === undefined ? [] : [{ label: `Smallest ${key} first`, line: `order_flow_elements(elements, lambda x: ${contextOf(key)})` }]
}

function onlyWhere(keys: readonly string[], values: Values): readonly Starter[] {
  const key = keys.find((one) => {
    const count = (values[one] ?? []).length
    return count > 1 && count <= MOST_VALUES && (values[one] ?? []).every((value) => typeof value === 'string')
  })
  const [value] = key === undefined ? [] : (values[key] ?? [])
  if (key === undefined || value === undefined) return []
  return [{ label: `Only ${key} ${String(value)}`, line: `filter_flow_elements(elements, lambda x: ${contextOf(key)} == ${literal(value)})` }]
}

function literal(value: string | number | boolean): string {
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  return typeof value === 'number' ? String(value) : quoted(value)
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\n')}'`
}
