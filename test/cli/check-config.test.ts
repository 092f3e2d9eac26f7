import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { terminal } from './terminal-io.ts'

let cwd: string
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'onhook-cli-'))
  writeFileSync(
    join(cwd, 'good.json'),
    '{"routes":[{"to":"*","refuse":"busy"}],"accounts":[{"platform":"vobiz","authId":"MA","authToken":"very-secret-token"}]}',
  )
  writeFileSync(
    join(cwd, 'wrong.json'),
    '{"http":{"prot":1},"log":{"level":"loud"},"routes":[{"to":"*","refuse":"busy"}]}',
  )
})
afterAll(() => rmSync(cwd, { recursive: true }))

it('good is said, with exit code 0', async () => {
  const { onhook, out } = terminal({ cwd })
  expect(await onhook('check-config', '--config', 'good.json')).toBe(0)
  expect(out()).toBe(`good: ${join(cwd, 'good.json')}\n`)
})

it('every fault is a line with its place and its remedy, with exit code 1', async () => {
  const { onhook, out, err } = terminal({ cwd, env: { ONHOOK_CONFIG: 'wrong.json' } })
  expect(await onhook('check-config')).toBe(1)
  expect(out()).toBe(
    '$.http.prot: unknown key. Did you mean "port"?\n$.log.level: expected one of "fatal", "error", "warn", "info", "debug", "trace", "silent"\n',
  )
  expect(err()).toBe(`2 faults in ${join(cwd, 'wrong.json')}\n`)
})

it('--json has faults, warnings, and the configuration without its secrets', async () => {
  const good = terminal({ cwd })
  expect(await good.onhook('check-config', '--config', 'good.json', '--json')).toBe(0)
  expect(JSON.parse(good.out())).toMatchObject({
    ok: true,
    faults: [],
    warnings: [],
    config: { http: { port: 8060 }, accounts: [{ authToken: '[secret]' }] },
  })
  expect(good.out()).not.toContain('very-secret')
  const wrong = terminal({ cwd })
  expect(await wrong.onhook('check-config', '--config', 'wrong.json', '--json')).toBe(1)
  expect(JSON.parse(wrong.out())).toMatchObject({
    ok: false,
    faults: [{ code: 'config.unknown-key', place: '$.http.prot' }, {}],
  })
})

it('--schema prints the JSON Schema', async () => {
  const { onhook, out } = terminal({ cwd })
  expect(await onhook('check-config', '--schema')).toBe(0)
  expect(JSON.parse(out())).toMatchObject({ type: 'object', properties: { http: {}, routes: {} } })
})
