import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readJson } from '../../src/config/json.ts'
import { loadConfig } from '../../src/config/load.ts'

let cwd: string
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'onhook-config-'))
})
afterAll(() => rmSync(cwd, { recursive: true }))

function put(name: string, text: string): void {
  writeFileSync(join(cwd, name), text)
}

describe('which file', () => {
  it('none: the defaults', () => {
    expect(loadConfig({ cwd, environment: {} })).toMatchObject({
      ok: true,
      file: null,
      config: { http: { port: 8060 } },
    })
  })

  it('onhook.config.json, then ONHOOK_CONFIG, then --config', () => {
    put('onhook.config.json', '{"http":{"port":1}}')
    put('two.json', '{"http":{"port":2}}')
    put('three.json', '\uFEFF{"http":{"port":3}}')
    const port = (options: object) => loadConfig({ cwd, environment: {}, ...options })
    expect(port({})).toMatchObject({ config: { http: { port: 1 } } })
    expect(port({ environment: { ONHOOK_CONFIG: 'two.json' } })).toMatchObject({ config: { http: { port: 2 } } })
    expect(port({ environment: { ONHOOK_CONFIG: 'two.json' }, file: 'three.json' })).toMatchObject({
      config: { http: { port: 3 } },
      file: join(cwd, 'three.json'),
    })
  })

  it('one that was named must be there', () => {
    expect(loadConfig({ cwd, environment: {}, file: 'gone.json' })).toMatchObject({
      ok: false,
      faults: [{ code: 'config.unreadable', place: join(cwd, 'gone.json') }],
    })
  })
})

describe('text that is not JSON', () => {
  it.each([
    ['{\n  "http": {\n    "port": 80,\n  }\n}', 'line 4, column 3: a comma before "}"'],
    ['{\n  // the port\n}', 'line 2, column 3: JSON has no comments'],
    ['{"a": [1,]}', 'line 1, column 10: a comma before "]"'],
    ['{"a": tru}', 'line 1, column 7: expected a value'],
    ["{'a': 1}", 'line 1, column 2: expected a key in double quotes'],
    ['{"a" 1}', 'line 1, column 6: expected ":"'],
    ['{"a": 1 "b": 2}', 'line 1, column 9: expected "," or "}"'],
    ['{"a": "x\n"}', 'line 1, column 7: a string that does not end, or holds a wrong escape'],
    ['{"a": 1', 'line 1, column 8: the file ends too early'],
    ['', 'line 1, column 1: the file ends too early'],
    ['{} {}', 'line 1, column 4: expected the end of the file'],
    ['{"a": 1, "a": 2}', 'line 1, column 10: the key "a" is there twice'],
    [`${'['.repeat(100)}`, 'line 1, column 65: nested too deeply'],
  ])('%j', (text, message) => {
    expect(readJson(text)).toMatchObject({ ok: false, message })
  })

  it('is exactly what the engine refuses, but for keys given twice and depth', () => {
    const texts = fc.oneof(
      fc.json({ maxDepth: 4 }),
      fc
        .tuple(fc.json({ maxDepth: 3 }), fc.nat(60), fc.string({ maxLength: 2 }))
        .map(([text, at, junk]) => text.slice(0, at) + junk + text.slice(at + 1)),
      fc.string({
        unit: fc.constantFrom('{', '}', '[', ']', ',', ':', '"a"', '1', '-', '0', 'e', '.', ' ', 'null', '\\'),
      }),
    )
    fc.assert(
      fc.property(texts, (text) => {
        const read = readJson(text)
        let engine: unknown
        try {
          engine = { ok: true, value: JSON.parse(text) }
        } catch {
          engine = { ok: false }
        }
        if (!read.ok && /twice|deeply/.test(read.message)) return
        expect(read).toMatchObject(engine as object)
      }),
      { numRuns: process.env.ONHOOK_LONG ? 100_000 : 1000 },
    )
  })

  it('is not quoted: it may hold a secret', () => {
    put('bad.json', '{"http":{"tokens":[{"token":"hunter2-hunter2" oops')
    expect(JSON.stringify(loadConfig({ cwd, environment: {}, file: 'bad.json' }))).not.toContain('hunter2')
  })
})
