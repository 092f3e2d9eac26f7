import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, test } from 'vitest'

/**
 * Runs every `@example` of the library: a line `expression // value` says what the expression gives, lines before it
 * are its statements. The value may stand on the next line, and leave out what it marks with `…`.
 */
const source = resolve(import.meta.dirname, '../../src')

function* files(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) yield* files(path)
    else if (path.endsWith('.ts')) yield path
  }
}

type Example = Readonly<{ file: string; name: string; lines: readonly string[] }>

function examplesOf(file: string): readonly Example[] {
  const text = readFileSync(file, 'utf8')
  const blocks = [...text.matchAll(/\/\*\*([\s\S]*?)\*\//g)].map((match) => match[1] ?? '')
  return blocks.flatMap((block) =>
    block
      .split('@example')
      .slice(1)
      .map((part) => {
        const lines = part.split(/\n\s*\* ?@/)[0]?.split('\n') ?? []
        const code = lines.map((line) => line.replace(/^\s*\* ?/, '').trimEnd()).filter((line) => line !== '')
        return { file, name: code.at(-1) ?? '', lines: code }
      }),
  )
}

/** Statements, and the last expression with the value that stands behind it. */
function partsOf(lines: readonly string[]): { statements: string; expression: string; value: string } {
  const last = lines.at(-1) ?? ''
  if (!last.includes('// ')) return { statements: lines.slice(0, -1).join('\n'), expression: last, value: '' }
  const alone = /^\/\/ (.+)$/.exec(last)
  const at = alone === null ? lines.length - 1 : lines.length - 2
  const [, behind = '', value = ''] = /^(.+?) \/\/ (.+)$/.exec(last) ?? []
  const statements = lines.slice(0, at).join('\n')
  return alone === null
    ? { statements, expression: behind, value }
    : { statements, expression: lines[at] ?? '', value: alone[1] ?? '' }
}

/** An `…` in a documented value: there is more. */
const rest = Symbol('…')

function expectPart(found: unknown, expected: unknown): void {
  if (Array.isArray(expected)) {
    const told = expected.filter((entry) => entry !== rest)
    const list = found as unknown[]
    if (told.length === expected.length) expect(list).toHaveLength(told.length)
    for (const [index, entry] of told.entries()) expectPart(list[index], entry)
  } else if (typeof expected === 'object' && expected !== null) {
    if (!(rest in expected)) expect(Object.keys(found as object).sort()).toEqual(Object.keys(expected).sort())
    for (const [key, entry] of Object.entries(expected)) expectPart((found as Record<string, unknown>)[key], entry)
  } else expect(found).toEqual(expected)
}

const examples = [join(source, 'index.ts'), ...files(join(source, 'call')), ...files(join(source, 'dialects'))].flatMap(
  examplesOf,
)

describe('the example in', () => {
  test.each(examples)('$file: $name', async ({ file, lines }) => {
    const index = join(dirname(file), 'index.ts')
    const face = existsSync(index) ? await import(pathToFileURL(index).href) : {}
    const exported: Record<string, unknown> = { ...face, ...(await import(pathToFileURL(file).href)) }
    const { statements, expression, value } = partsOf(lines)
    expect(`${relative(source, file)}: ${expression}`).not.toMatch(/: $/)
    const stands = value === '' ? 'undefined' : value.replace(/…(?=\s*\])/g, 'rest').replace(/…(?=\s*\})/g, '[rest]: 0')
    const body = `${statements}\nreturn [(${expression}), (${stands})]`
    const [found, expected] = new Function('rest', ...Object.keys(exported), body)(rest, ...Object.values(exported))
    if (value === '') expect(found).not.toBeUndefined()
    else if (value.includes('…')) expectPart(found, expected)
    else expect(found).toEqual(expected)
  })

  test('every documented symbol stands', () => {
    expect(examples.length).toBeGreaterThan(20)
  })
})
