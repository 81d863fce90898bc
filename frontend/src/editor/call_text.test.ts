import { describe, expect, test } from 'vitest'

import { argumentOf, removeArgument, setArgument, type Edited } from './call_text'
import type { Argument, CallRange } from './documents'

/** The call that stands in a text, as the server finds it: arguments between ‹ and ›, the keyword right before. */
function marked(script: string): { readonly text: string; readonly call: CallRange } {
  const args: Argument[] = []
  let text = ''
  for (const [at, part] of script.split(/([‹›])/).entries()) {
    if (part === '‹') args.push({ name: null, code: '', start: text.length, end: text.length })
    else if (part === '›') {
      const open = args.pop()
      if (open === undefined) throw new Error(`nothing opened before part ${at}`)
      const keyword = /(\w+) *= *\(*$/.exec(text.slice(0, open.start))
      const from = keyword?.index
      args.push({
        ...open,
        name: keyword?.[1] ?? null,
        end: text.length,
        code: text.slice(open.start),
        ...(from === undefined ? {} : { from }),
      })
    } else text += part
  }
  const start = text.indexOf('run_task')
  const close = text.lastIndexOf(')')
  return { text, call: { start, end: close + 1, close, args } }
}

/** What the call's spans say must be what stands there. */
function told({ text, call }: Edited): string {
  for (const one of call.args) {
    expect(text.slice(one.start, one.end)).toBe(one.code)
    if (one.from !== undefined) expect(text.slice(one.from)).toMatch(new RegExp(`^${one.name} *=`))
  }
  expect(text[call.close]).toBe(')')
  expect(text.slice(call.start, call.end)).toMatch(/^run_task\([^]*\)$/)
  return text
}

function set(script: string, name: string, code: string, place: number | null = null): string {
  const { text, call } = marked(script)
  return told(setArgument(text, call, name, code, place))
}

function remove(script: string, name: string, place: number | null = null): string {
  const { text, call } = marked(script)
  return told(removeArgument(text, call, name, place))
}

describe('a value that is given', () => {
  test('is replaced, and nothing else', () => {
    expect(set("x = run_task( ‹'A'› , timeout = ‹60› )  # why\nlog(1)", 'timeout', '90')).toBe(
      "x = run_task( 'A' , timeout = 90 )  # why\nlog(1)",
    )
  })

  test('keeps its parentheses and what stands before it', () => {
    expect(set("log('é𝄞'); run_task(‹'A'›, timeout=(‹60›))", 'timeout', '1 + 2')).toBe(
      "log('é𝄞'); run_task('A', timeout=(1 + 2))",
    )
  })

  test('may stand without its name', () => {
    expect(set("run_task(‹'A'›, a=‹1›)", 'name', "'B'", 0)).toBe("run_task('B', a=1)")
    expect(set('run_task(name=‹1›)', 'name', '2', 0)).toBe('run_task(name=2)')
  })
})

describe('a value that is not given yet', () => {
  test('comes behind the others', () => {
    expect(set("run_task(‹'A'›)", 'timeout', '5')).toBe("run_task('A', timeout=5)")
    expect(set('run_task()', 'timeout', '5')).toBe('run_task(timeout=5)')
    expect(set('run_task()', 'name', "'A'", 0)).toBe("run_task('A')")
  })

  test('comes behind the parentheses of the last one', () => {
    expect(set("run_task(‹'A'›, a=((‹1›) ))", 'b', '2')).toBe("run_task('A', a=((1) ), b=2)")
  })

  test('keeps a comma at the end', () => {
    expect(set("run_task(‹'A'›, )", 'b', '2')).toBe("run_task('A', b=2, )")
  })

  test('has a line of its own where the others have one, behind their comments', () => {
    expect(set("run_task(\n    ‹'A'›,\n    a=‹1›,  # one, and (\n)", 'b', '2')).toBe(
      "run_task(\n    'A',\n    a=1,  # one, and (\n    b=2,\n)",
    )
    expect(set("run_task(\n    ‹'A'›,\n    a=‹1›  # one, and )\n)", 'b', '2')).toBe(
      "run_task(\n    'A',\n    a=1,  # one, and )\n    b=2\n)",
    )
    expect(set("run_task(‹'A'›,\n         a=‹1›)", 'b', '2')).toBe("run_task('A',\n         a=1,\n         b=2)")
    expect(set("run_task(\n    ‹'A'›,)", 'b', '2')).toBe("run_task(\n    'A',\n    b=2,)")
  })

  test('ends its line as the others do', () => {
    expect(set("run_task(\r\n\t‹'A'›,\r\n)\r\n", 'b', '2')).toBe("run_task(\r\n\t'A',\r\n\tb=2,\r\n)\r\n")
  })
})

describe('a value that is taken out', () => {
  test('takes its comma along', () => {
    expect(remove("run_task(‹'A'›, a=‹1›, b=‹2›)", 'a')).toBe("run_task('A', b=2)")
    expect(remove("run_task(‹'A'›, a=‹1›, b=‹2›)", 'b')).toBe("run_task('A', a=1)")
    expect(remove("run_task(‹'A'›, a=(‹1›), )", 'a')).toBe("run_task('A', )")
    expect(remove('run_task(a=‹1›)', 'a')).toBe('run_task()')
    expect(remove("run_task((‹'A'›), a=‹1›)", 'name', 0)).toBe('run_task(a=1)')
  })

  test('takes its line along, but no comment', () => {
    expect(remove("run_task(\n    ‹'A'›,\n    a=‹1›,\n    b=‹2›,\n)", 'a')).toBe("run_task(\n    'A',\n    b=2,\n)")
    expect(remove("run_task(\n    ‹'A'›,\n    a=‹1›,  # why\n)", 'a')).toBe("run_task(\n    'A',\n    # why\n)")
    expect(remove("run_task(\n    ‹'A'›,  # which\n    a=‹1›\n)", 'a')).toBe("run_task(\n    'A'  # which\n)")
    expect(remove("run_task(\r\n    ‹'A'›,\r\n    a=‹1›\r\n)", 'a')).toBe("run_task(\r\n    'A'\r\n)")
  })

  test('that is not there changes nothing', () => {
    expect(remove("run_task(‹'A'›)", 'a')).toBe("run_task('A')")
  })
})

test('edits follow each other without asking the server', () => {
  let edited: Edited = marked("if x:\n    run_task(‹'A'›)\n")
  edited = setArgument(edited.text, edited.call, 'timeout', '60')
  edited = setArgument(edited.text, edited.call, 'retries', '3')
  edited = setArgument(edited.text, edited.call, 'timeout', '5')
  edited = removeArgument(edited.text, edited.call, 'retries')
  edited = setArgument(edited.text, edited.call, 'name', "'Longer'", 0)
  expect(told(edited)).toBe("if x:\n    run_task('Longer', timeout=5)\n")
})

test('what comes from a list has no place of its own', () => {
  const { call } = marked("run_task(‹*names›, ‹'B'›)")
  expect(argumentOf(call, 'name', 0)).toBeNull()
  expect(argumentOf(call, 'name', 1)).toBeNull()
})
