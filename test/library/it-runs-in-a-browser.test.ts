import { readFileSync } from 'node:fs'
import { dirname, relative, resolve } from 'node:path'
import { expect, test } from 'vitest'

const source = resolve(import.meta.dirname, '../../src')
const specifiers = /(?:^|\n)\s*(?:import|export)\s+(type\s+)?(?:[\s\S]*?\sfrom\s+)?'([^']+)'/g

/** Every file that the library's face loads, and what it loads from outside. */
function reach(file: string, files: Set<string>, outside: Map<string, string>): void {
  if (files.has(file)) return
  files.add(file)
  for (const [, type, specifier = ''] of readFileSync(file, 'utf8').matchAll(specifiers)) {
    if (type !== undefined) continue
    if (specifier.startsWith('.')) reach(resolve(dirname(file), specifier), files, outside)
    else outside.set(specifier, relative(source, file))
  }
}

test('what the library loads needs nothing but the XML parser, and nothing of Node', () => {
  const files = new Set<string>()
  const outside = new Map<string, string>()
  reach(resolve(source, 'index.ts'), files, outside)
  expect(files.size).toBeGreaterThan(20)
  expect([...outside]).toEqual([['@rgrove/parse-xml', 'dialects/xml.ts']])
})

test('and it uses no global of Node alone', () => {
  const files = new Set<string>()
  reach(resolve(source, 'index.ts'), files, new Map())
  for (const file of files) {
    const code = readFileSync(file, 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, '')
    expect([
      relative(source, file),
      /\b(?:Buffer|process|require|__dirname|setImmediate)\b[.(]/.exec(code)?.[0],
    ]).toEqual([relative(source, file), undefined])
  }
})
