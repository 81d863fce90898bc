/** What an icon on a block is drawn with: a path of the canvas's own. The sprite would be copied for each block, twice. Pure. */

const FILES: Readonly<Record<string, string>> = import.meta.glob(
  '/node_modules/@tabler/icons/icons/outline/{bolt,circle-x,code,database,filter,flag,git-branch,hand-stop,hourglass,message,player-play,quote,repeat,server-2,shield,sitemap,sort-ascending,user-question,variable}.svg',
  { query: '?raw', import: 'default', eager: true },
)

/** The side of the square that it is drawn in. */
export const SHAPE_SIDE = 24

const SHAPES: ReadonlyMap<string, string> = new Map(
  Object.entries(FILES).map(([file, svg]) => [/([^/]+)\.svg$/.exec(file)?.[1] ?? file, shapeIn(svg)]),
)

/** The `d` of a path. */
export function shapeOf(sign: string): string {
  const shape = SHAPES.get(sign)
  if (shape === undefined) throw new Error(`No shape is named ${sign}: add it to the list in sign_shapes.ts.`)
  return shape
}

/** The first path of each file is an empty square. */
function shapeIn(svg: string): string {
  return [...svg.matchAll(/<path d="([^"]+)"/g)].map(([, path]) => path).join(' ')
}
