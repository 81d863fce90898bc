import { describe, expect, test } from 'vitest'

import { indentOf, insertedBelow, lineOfPlace, unwrappedFromTry, wrappedInTry } from './statement_text'

function wrapped(text: string, statement: string): string | null {
  const start = text.indexOf(statement)
  return wrappedInTry(text, { start, end: start + statement.length })
}

describe('a statement in a try', () => {
  test('is indented, with the comment beside it', () => {
    expect(wrapped("log(1)\nrun_task('A')  # why\nlog(2)\n", "run_task('A')")).toBe(
      "log(1)\ntry:\n    run_task('A')  # why\nexcept StepFailed as error:\n    log(str(error))\nlog(2)\n",
    )
  })

  test('keeps its lines, its line ends and its tabs', () => {
    const call = "run_task(\r\n\t\t'A',\r\n\t)"
    expect(wrapped(`if x:\r\n\t${call}\r\n`, call)).toBe(
      "if x:\r\n\ttry:\r\n\t\trun_task(\r\n\t\t\t'A',\r\n\t\t)\r\n\texcept StepFailed as error:\r\n\t\tlog(str(error))\r\n",
    )
  })

  test('keeps what a text of several lines says', () => {
    const call = 'run_task("A", note="""it\'s\n  one # no comment\n""")'
    expect(wrapped(call, call)).toBe(
      'try:\n    run_task("A", note="""it\'s\n  one # no comment\n""")\nexcept StepFailed as error:\n    log(str(error))',
    )
  })

  test('is not made where another statement shares the line', () => {
    expect(wrapped("log(1); run_task('A')", "run_task('A')")).toBeNull()
    expect(wrapped("run_task('A'); log(1)", "run_task('A')")).toBeNull()
    expect(wrapped("if x: run_task('A')", "run_task('A')")).toBeNull()
  })

  test('comes out of it as it went in', () => {
    for (const [before, statement, head] of [
      ["log(1)\nrun_task('A')\nlog(2)\n", "run_task('A')", 2],
      ["if x:\r\n\trun_task(\r\n\t\t'A')\r\n", "run_task(\r\n\t\t'A')", 2],
      ["for y in z:\n    run_task('A', b='''\nc\n   d''')", "run_task('A', b='''\nc\n   d''')", 2],
    ] as const) {
      const text = wrapped(before, statement) ?? ''
      const lines = text.split(/\r\n|\n/)
      const handler = lines.findIndex((line) => line.includes('except StepFailed')) + 1
      expect(unwrappedFromTry(text, { head, handler, last: handler + 1 })).toBe(before.endsWith('\n') ? before : `${before}\n`)
    }
  })
})

describe('a statement below another', () => {
  test('has the same indentation', () => {
    const text = "if x:\n    log(1)\nlog(2)"
    expect(insertedBelow(text, 2, indentOf(text, 2), "run_task('A')")).toBe("if x:\n    log(1)\n    run_task('A')\nlog(2)")
    expect(insertedBelow(text, 3, '', "run_task('A')")).toBe("if x:\n    log(1)\nlog(2)\nrun_task('A')\n")
  })

  test('is the first of an empty script', () => {
    expect(insertedBelow('', 0, '', "run_task('A')")).toBe("run_task('A')\n")
    expect(insertedBelow('log(1)\r\n', 0, '', 'log(0)')).toBe('log(0)\r\nlog(1)\r\n')
  })
})

test('a place is on a line, whatever ends the lines', () => {
  expect([0, 1, 2, 3, 4].map((place) => lineOfPlace('a\r\nb\n', place))).toEqual([1, 1, 1, 2, 2])
})
