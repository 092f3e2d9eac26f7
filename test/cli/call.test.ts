import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { phoneTarget } from '../../src/cli/phone.ts'
import { fakeServer, terminal, until } from './terminal-io.ts'

let server: Awaited<ReturnType<typeof fakeServer>>
beforeEach(async () => {
  server = await fakeServer()
})
afterEach(() => server.stop())

const ended = { cause: 'hangup', actor: 'party' } as const

function call(...args: string[]) {
  const made = terminal()
  return { ...made, done: made.onhook('call', ...args, '--url', server.url) }
}

/** The call that was placed, once somebody follows it. */
async function placed(err: () => string): Promise<string> {
  await until(() => server.control.clock.armed > 0 && err().includes('Ctrl-C'))
  return [...server.control.calls.keys()].at(-1)!
}

describe('a call that the server places', () => {
  it('is followed to its end, and its record is printed', async () => {
    const { done, out, err, listening } = call('alice')
    const id = await placed(err)
    server.control.answerLeg(id)
    server.control.clock.advance(3_000)
    server.control.step(id, {
      type: 'end',
      at: server.control.clock.now(),
      leg: `${id}-a`,
      reason: ended,
      heard: 'wire',
    })
    expect([await done, listening()]).toEqual([0, 0])
    expect(err()).toMatch(/leg-answered callee/)
    expect(out()).toContain('hangup by callee while answered')
  })

  it('is a failure if nobody answered', async () => {
    const { done, err } = call('alice')
    const id = await placed(err)
    server.control.step(id, {
      type: 'end',
      at: server.control.clock.now(),
      leg: `${id}-a`,
      reason: { cause: 'busy', actor: 'party' },
      heard: 'wire',
    })
    expect(await done).toBe(1)
  })

  it('that is over at once is told all the same', async () => {
    const { place } = server.control
    server.control.place = async (request) => {
      const result = await place.call(server.control, request)
      if (result.ok) await server.control.end(result.call, { cause: 'not-found', actor: 'network' })
      return result
    }
    const { done, out } = call('alice')
    expect(await done).toBe(1)
    expect(out()).toContain('not-found by network')
  })

  it('ends with Ctrl-C', async () => {
    const { done, err, signal, out } = call('alice')
    const id = await placed(err)
    server.control.answerLeg(id)
    signal('SIGINT')
    expect(await done).toBe(0)
    expect(out()).toContain('hangup by api while answered')
  })

  it('is asked for as the options say', async () => {
    const { done, out } = call(
      '+44',
      '--from',
      '+1',
      '--trunk',
      'carrier',
      '--route',
      '100',
      '--ring',
      '20',
      '--limit',
      '60',
      '--detach',
    )
    expect(await done).toBe(0)
    expect(server.control.placed).toEqual([
      { to: '+44', from: '+1', trunk: 'carrier', route: '100', ringSeconds: 20, durationSeconds: 60 },
    ])
    expect(out().trim()).toBe([...server.control.calls.keys()][0])
    await call('alice', '--answer-url', 'https://app.example/', '--detach', '--json').done
    expect(server.control.placed[1]).toEqual({
      to: 'alice',
      app: { platform: 'vobiz', answerUrl: 'https://app.example/' },
    })
  })

  it('prints its record as JSON', async () => {
    const { done, err, out } = call('alice', '--json')
    const id = await placed(err)
    await server.control.end(id, { cause: 'busy', actor: 'api' })
    expect(await done).toBe(1)
    expect(JSON.parse(out())).toMatchObject({ id, ending: { cause: 'busy' } })
  })

  it('that is refused for another reason than its address is refused', async () => {
    server.control.answer = { ok: false, code: 'dial.unknown-trunk', message: 'there is no trunk "x"' }
    const { done, err } = call('+44', '--trunk', 'x')
    expect(await done).toBe(1)
    expect(err()).toContain('there is no trunk "x"')
  })
})

describe('a number that the server does not place', () => {
  it('is one for the built-in phone, unless --place says no', async () => {
    server.control.answer = { ok: false, code: 'dial.no-rule', message: 'no rule lets this address be called' }
    const { done, err } = call('100', '--place')
    expect(await done).toBe(1)
    expect(err()).toContain('no rule lets this address be called')
  })

  const none = {
    json: false,
    config: undefined,
    sip: undefined,
    from: undefined,
    digits: undefined,
    ringSeconds: undefined,
    hangupSeconds: undefined,
  }

  it.each([
    [{ target: '100' }, 'sip:100@127.0.0.1:5060'],
    [{ target: '100', sip: '192.0.2.1:5070' }, 'sip:100@192.0.2.1:5070'],
    [{ target: 'sip:bob@host:5090' }, 'sip:bob@host:5090'],
  ])('%j is called at %s', (given, uri) => {
    expect(phoneTarget({ ...none, ...given }, terminal().io)).toBe(uri)
  })

  it('is called where the configuration listens', () => {
    const env = { ONHOOK_SIP_LISTEN: 'tcp:127.0.0.1:1,udp:127.0.0.2:5099' }
    expect(phoneTarget({ ...none, target: '100' }, terminal({ env }).io)).toBe('sip:100@127.0.0.2:5099')
  })
})
