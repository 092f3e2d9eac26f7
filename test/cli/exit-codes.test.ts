import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { allTokens, tokens } from '../http/faces.ts'
import { fakeServer, terminal } from './terminal-io.ts'

let server: Awaited<ReturnType<typeof fakeServer>>
let guarded: typeof server
beforeAll(async () => {
  server = await fakeServer()
  guarded = await fakeServer({ tokens: allTokens })
})
afterAll(async () => {
  await server.stop()
  await guarded.stop()
})

describe('2: wrong usage', () => {
  it.each([
    ['nonsense', 'there is no command "nonsense"'],
    ['hangpu', 'did you mean "hangup"?'],
    ['help hangpu', 'did you mean "hangup"?'],
    ['calls --limt 3', 'did you mean --limit?'],
    ['calls --limit many', '--limit must be a whole number'],
    ['calls --limit 0', '--limit must be a whole number'],
    ['calls a b', 'unexpected argument "b"'],
    ['calls --url', 'argument missing'],
    ['hangup', 'say which'],
    ['hangup --all x', 'exclude each other'],
    ['hangup --all --to 1', 'exclude each other'],
    ['hangup x --cause bussy', 'did you mean "busy"?'],
    ['records --cause bussy', 'did you mean "busy"?'],
    ['hangup a b --leg c', '--leg goes with exactly one ID'],
    ['replay', 'an argument is missing'],
    ['call', 'an argument is missing'],
    ['call 1 --place --phone', 'exclude each other'],
    ['call 1 --route 2 --answer-url http://x', 'exclude each other'],
    ['lint', 'an argument is missing'],
    ['lint --vendor twilio x', '--vendor is vobiz or plivo'],
    ['dev', 'which app?'],
    ['dev --bandwidth x', 'not in this version'],
    ['dev --chime x --vobiz http://x', 'one app'],
    ['dev --chime x --hangup-url http://x', '--hangup-url goes with --vobiz'],
    ['dev --vobiz http://x --bucket a=b', '--bucket goes with --chime'],
    ['dev --chime x --bucket a', 'NAME=FOLDER'],
    ['dev --chime x --env =b', 'NAME=VALUE'],
    ['dev --vobiz http://x --user alice', 'NAME:PASSWORD'],
    ['dev --vobiz http://x --sip-port 70000', 'from 0 to 65535'],
    ['version now', 'unexpected argument'],
  ])('onhook %s', async (line, message) => {
    const { onhook, out, err } = terminal()
    expect(await onhook(...line.split(' '))).toBe(2)
    expect(out()).toBe('')
    expect(err()).toContain(message)
    expect(err()).toContain('See: onhook help')
  })
})

describe('2: a token or an address that can be none, said without it', () => {
  const tokens = ['schlüssel-€-secret', 'secret token', 'secret\nX-Admin: 1', 'secret\r\n', '']
  const at = { ONHOOK_URL: 'http://127.0.0.1:9' }

  it.each(tokens)('--token %j', async (token) => {
    const { onhook, out, err } = terminal({ env: at })
    expect(await onhook('calls', '--token', token)).toBe(2)
    expect(out()).toBe('')
    expect(err()).toMatch(/the token in --token .*printable ASCII.*"http\.tokens"/)
    expect(err()).not.toContain('secret')
  })

  it.each(tokens.filter((token) => token !== ''))('ONHOOK_TOKEN=%j', async (token) => {
    const { onhook, err } = terminal({ env: { ...at, ONHOOK_TOKEN: token } })
    expect(await onhook('records')).toBe(2)
    expect(err()).toMatch(/the token in ONHOOK_TOKEN .*printable ASCII.*"http\.tokens"/)
    expect(err()).not.toContain('secret')
  })

  it.each([
    ['--url', ['--url', 'http://alice:secret@127.0.0.1:9'], {}],
    ['ONHOOK_URL', [], { ONHOOK_URL: 'http://alice:secret@127.0.0.1:9' }],
  ])('a password in %s', async (place, more, env) => {
    const { onhook, err } = terminal({ env })
    expect(await onhook('calls', ...more)).toBe(2)
    expect(err()).toMatch(new RegExp(`no user and password in ${place}: .*--token`))
    expect(err()).not.toContain('secret')
  })
})

describe('1: it did not work', () => {
  it('no server answers', async () => {
    const { onhook, err } = terminal({ env: { ONHOOK_URL: 'http://127.0.0.1:9' } })
    expect(await onhook('calls')).toBe(1)
    expect(err()).toMatch(/no server answers at http:\/\/127\.0\.0\.1:9 .*onhook serve/)
  })

  it('the address of the server is none', async () => {
    const { onhook, err } = terminal()
    expect(await onhook('calls', '--url', 'localhost:8060')).toBe(1)
    expect(err()).toContain('is no http address')
  })

  it.each([
    ['without a token', [], 'auth.missing', 'ONHOOK_TOKEN'],
    ['with a wrong one', ['--token', 'wrong'], 'auth.invalid', '--token'],
    ['with one that may not', ['--token', tokens.read], 'auth.scope', 'has not the scope "end"'],
  ])('the server refuses: %s', async (_, more, code, remedy) => {
    const { onhook, err } = terminal()
    expect(await onhook('hangup', '--all', '--url', guarded.url, ...more)).toBe(1)
    expect(err()).toContain(code)
    expect(err()).toContain(remedy)
    expect(err()).not.toContain(tokens.read)
  })

  it('there is no such thing', async () => {
    for (const line of [
      ['calls', 'none'],
      ['records', 'none'],
      ['deliveries', 'none'],
      ['replay', 'none'],
      ['hangup', 'none'],
    ]) {
      expect([line, await terminal().onhook(...line, '--url', server.url)]).toEqual([line, 1])
    }
  })

  it('a value that the server knows better than we', async () => {
    const { onhook, err } = terminal()
    expect(await onhook('calls', '--phase', 'dancing', '--url', server.url)).toBe(1)
    expect(err()).toMatch(/http\.bad-request.*phase/)
  })
})

describe('0: done', () => {
  it.each(['calls', 'records', 'deliveries', 'hangup --all', 'version'])('onhook %s', async (line) => {
    const { onhook } = terminal({ env: { ONHOOK_URL: server.url } })
    expect(await onhook(...line.split(' '))).toBe(0)
  })

  it('with a token, from the flag or the environment', async () => {
    expect(await terminal().onhook('calls', '--url', guarded.url, '--token', tokens.read)).toBe(0)
    expect(await terminal({ env: { ONHOOK_TOKEN: tokens.read, ONHOOK_URL: guarded.url } }).onhook('calls')).toBe(0)
  })
})
