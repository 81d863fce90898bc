/** The icon of each block, by its row of the catalog; a row that is not named here has that of its category. Pure. */
import type { Category, Row } from './catalog'

const BY_TYPE: Readonly<Record<string, string>> = {
  run_task: 'player-play',
  run_named_task: 'player-play',
  run_task_result: 'player-play',
  run_named_task_result: 'player-play',
  run_flow: 'sitemap',
  run_named_flow: 'sitemap',
  run_flow_result: 'sitemap',
  run_named_flow_result: 'sitemap',
  approve: 'user-question',
  approve_result: 'user-question',
  set_context: 'database',
  log: 'message',
  fail: 'circle-x',
  finish: 'flag',
  finish_with: 'flag',
  abort: 'hand-stop',
  repeat: 'repeat',
  for: 'repeat',
  while: 'repeat',
  try: 'shield',
  comment: 'quote',
}
const BY_CATEGORY: Readonly<Record<Category, string>> = {
  do: 'bolt',
  wait: 'hourglass',
  decide: 'git-branch',
  elements: 'server-2',
  data: 'variable',
  raw: 'code',
}

export function signOf(row: Pick<Row, 'type' | 'category'>): string {
  if (row.type.startsWith('filter')) return 'filter'
  if (row.type.startsWith('sort')) return 'sort-ascending'
  return BY_TYPE[row.type] ?? BY_CATEGORY[row.category]
}
