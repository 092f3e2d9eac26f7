import { describe, expect, it } from 'vitest'
import { dialectNames } from '../../src/call/ending.ts'
import * as matrix from '../../src/dialects/matrix/index.ts'
import * as whatsapp from '../../src/dialects/whatsapp/index.ts'
import { textOf } from './source.ts'

/** Rows of the table under a head, as the code spans of each cell. */
function rowsOf(page: string, head: string): readonly (readonly (readonly string[])[])[] {
  const table = textOf(page).split(`${head}\n`)[1] ?? ''
  const rows = table.slice(0, table.indexOf('\n\n')).split('\n').slice(1)
  return rows.map((row) => row.split(' | ').map((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, code]) => code!)))
}

/** The causes that a reading stands for: before the answer, and of an answered call. */
const byPhase = { 'by-phase': ['hangup', 'cancelled', 'declined'], withdrawn: ['cancelled', 'hangup'] } as const
const causesOf = (cause: string | undefined) => byPhase[cause as keyof typeof byPhase] ?? [cause]

describe('docs/dialects/matrix.md', () => {
  const rows = rowsOf('docs/dialects/matrix.md', '| `reason` | cause | actor |')

  it('reads each reason of the specification as the code does', () => {
    expect(rows.map(([reasons]) => reasons![0]).sort()).toEqual([...matrix.hangupReasons].sort())
    for (const [reasons, causes] of rows) {
      expect([reasons![0], [...causes!].sort()]).toEqual([
        reasons![0],
        [...causesOf(matrix.readingOf(reasons![0])?.cause)].sort(),
      ])
    }
  })

  it('tells of each vocabulary', () => {
    expect(rowsOf('docs/dialects/matrix.md', '| vocabulary | for |').map(([name]) => name![0])).toEqual([
      ...matrix.vocabularies,
    ])
  })
})

describe('docs/dialects/whatsapp.md', () => {
  const rows = rowsOf('docs/dialects/whatsapp.md', '| tokens, for example | cause | actor |')

  it('reads each token that it shows as the code does', () => {
    const tokens = rows.flatMap(([shown, causes]) =>
      shown!.filter((one) => !one.startsWith('<')).map((token) => ({ token, causes })),
    )
    expect(tokens.length).toBeGreaterThan(20)
    for (const { token, causes } of tokens) {
      expect([token, [...causes!].sort()]).toEqual([token, [...causesOf(whatsapp.readingOf(token)?.cause)].sort()])
    }
  })

  it('shows a token of every meaning', () => {
    const shown = new Set(rows.flatMap(([tokens]) => tokens!))
    const silent = whatsapp.meanings.filter(({ tokens }) => !tokens.some((token) => shown.has(token)))
    expect(silent.map(({ reading }) => reading.cause)).toEqual(['unknown'])
  })

  it('tells of each vocabulary', () => {
    const told = rowsOf('docs/dialects/whatsapp.md', '| vocabulary | says |')
    expect(told.map(([name]) => name![0])).toEqual([...whatsapp.vocabularies])
    expect(told[0]![1]!.toSorted()).toEqual([...whatsapp.documentedReasons].sort())
  })

  it('counts the actions', () => {
    expect(textOf('docs/dialects/whatsapp.md')).toContain(`any of ${whatsapp.actionNames.length} actions`)
  })
})

it('the index of dialects names each of them', () => {
  const page = textOf('docs/dialects/README.md')
  expect(dialectNames.filter((name) => !page.includes(`\`${name}\``))).toEqual([])
})
