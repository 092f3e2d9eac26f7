import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { terminal } from './terminal-io.ts'

let cwd: string
const env = { AS: 'token-of-the-service', HS: 'token-of-the-homeserver' }
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'onhook-cli-'))
  const matrix = { homeserver: 'http://127.0.0.1:8008', serverName: 'example.org', asTokenEnv: 'AS', hsTokenEnv: 'HS' }
  writeFileSync(join(cwd, 'onhook.config.json'), JSON.stringify({ matrix, routes: [{ to: '*', refuse: 'busy' }] }))
  writeFileSync(join(cwd, 'without.json'), '{}')
})
afterAll(() => rmSync(cwd, { recursive: true }))

it('prints the registration as YAML, with both tokens', async () => {
  const { onhook, out } = terminal({ cwd, env })
  expect(await onhook('matrix', 'registration')).toBe(0)
  expect(out()).toMatchInlineSnapshot(`
    "id: "onhook"
    url: "http://127.0.0.1:8069"
    as_token: "token-of-the-service"
    hs_token: "token-of-the-homeserver"
    sender_localpart: "onhook"
    rate_limited: false
    namespaces:
      users:
        - exclusive: true
          regex: "^@tel_.+:example\\\\.org$"
      rooms: []
      aliases: []
    "
  `)
})

it('prints it as JSON', async () => {
  const { onhook, out } = terminal({ cwd, env })
  expect(await onhook('matrix', 'registration', '--json')).toBe(0)
  const { namespaces, ...rest } = JSON.parse(out())
  expect(rest).toEqual({
    id: 'onhook',
    url: 'http://127.0.0.1:8069',
    as_token: env.AS,
    hs_token: env.HS,
    sender_localpart: 'onhook',
    rate_limited: false,
  })
  const pattern = new RegExp(namespaces.users[0].regex)
  expect(pattern.test('@tel_+15550100:example.org')).toBe(true)
  expect(pattern.test('@alice:example.org') || pattern.test('@tel_1:exampleXorg')).toBe(false)
})

it('writes it for its owner alone', async () => {
  const { onhook, out, err } = terminal({ cwd, env })
  expect(await onhook('matrix', 'registration', '--out', 'onhook.yaml')).toBe(0)
  expect([out(), err()]).toEqual(['', 'written to onhook.yaml\n'])
  expect(statSync(join(cwd, 'onhook.yaml')).mode & 0o777).toBe(0o600)
  expect(readFileSync(join(cwd, 'onhook.yaml'), 'utf8')).toContain('as_token: "token-of-the-service"')
})

it.each([
  [['registration', '--config', 'without.json'], 1, 'no section "matrix"'],
  [['registration', '--config', 'nowhere.json'], 1, 'no such file'],
  [['registration', '--out', 'no/such/folder'], 1, 'cannot be written'],
  [['unregister'], 2, 'expected "registration"'],
  [[], 2, 'missing'],
])('%j fails with %i', async (args, code, text) => {
  const { onhook, err } = terminal({ cwd, env })
  expect(await onhook('matrix', ...args)).toBe(code)
  expect(err()).toContain(text)
})
