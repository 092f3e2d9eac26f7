import { describe, expect, test } from 'vitest'
import { cseq, from, to, via } from '../../../src/sip/message/accessors.ts'
import type { Resolver } from '../../../src/sip/transport/resolve.ts'
import type { Refusal } from '../../../src/sip/ua/facts.ts'
import { answer, first, nothingLeft, offer, order, Stage } from './stage.ts'

test('the INVITE has what RFC 3261 §8.1.1 asks, and what was asked of it', () => {
  const stage = new Stage({ product: 'test/1', user: 'desk' })
  const { invite } = stage.outgoing({
    from: { uri: 'sip:us@example.org', display: 'Us "and" them' },
    to: { uri: 'sip:bob@example.net' },
    expires: 45,
    headers: [['X-Thing', 'ü']],
  })
  expect(invite.uri).toBe('sip:bob@10.0.0.2')
  expect(via(invite)?.raw).toMatch(
    /^SIP\/2\.0\/UDP 10\.0\.0\.1:5060;branch=z9hG4bK[0-9a-f]{32};received=10\.0\.0\.1;rport=5060$/,
  )
  expect(from(invite)).toMatchObject({ uri: 'sip:us@example.org', display: 'Us "and" them' })
  expect(from(invite)?.tag).toMatch(/^[0-9a-f]{32}$/)
  expect(invite.headers.get('to')).toBe('<sip:bob@example.net>')
  expect(invite.headers.get('call-id')).toMatch(/^[0-9a-f]{32}$/)
  expect(cseq(invite)).toEqual({ seq: 1, method: 'INVITE' })
  expect(invite.headers.get('max-forwards')).toBe('70')
  expect(invite.headers.get('contact')).toBe('<sip:desk@10.0.0.1:5060>')
  expect(invite.headers.get('user-agent')).toBe('test/1')
  expect(invite.headers.get('expires')).toBe('45')
  expect(invite.headers.get('x-thing')).toBe('ü')
  expect(Buffer.from(invite.body).toString()).toBe(offer)
})

test('nothing is sent before `send`, and nothing twice', () => {
  const stage = new Stage()
  const { session, heard } = stage.place()
  const second = stage.agent.invite({ target: 'sip:b@10.0.0.2', from: { uri: 'sip:a@b' }, sdp: offer }, heard)
  stage.pass(100)
  expect(stage.peer.requests('INVITE')).toHaveLength(1)
  second.send()
  second.send()
  stage.pass()
  expect(stage.peer.requests('INVITE')).toHaveLength(2)
  second.end(order)
  session.end(order)
})

test('retransmissions of the INVITE follow timer A, and stop at the first 1xx', () => {
  const stage = new Stage()
  const { invite } = stage.outgoing()
  stage.pass(3_500)
  expect(stage.peer.times('INVITE').map((at) => at - stage.start)).toEqual([0, 500, 1500, 3500])
  stage.peer.respond(invite, 100)
  stage.pass(60_000)
  expect(stage.peer.requests('INVITE')).toHaveLength(4)
})

describe('progress', () => {
  test('each kind of provisional response is told apart', () => {
    const stage = new Stage()
    const { invite, heard } = stage.outgoing()
    stage.peer.respond(invite, 100)
    stage.peer.respond(invite, 181, { tag: 'b' })
    stage.peer.respond(invite, 180, { tag: 'b' })
    stage.peer.respond(invite, 183, { tag: 'b', sdp: answer })
    stage.peer.respond(invite, 180, { tag: 'b', sdp: answer })
    stage.pass()
    expect(heard.facts).toEqual([
      ['progressed', 181],
      ['ringing', 'b'],
      ['early', 'b'],
      ['ringing', 'b'],
      ['early', 'b'],
    ])
  })

  test('199 ends its own fork only', () => {
    const stage = new Stage()
    const { invite, heard } = stage.outgoing()
    stage.peer.respond(invite, 180, { tag: 'b1' })
    stage.peer.respond(invite, 180, { tag: 'b2' })
    stage.peer.respond(invite, 199, { tag: 'b1', lines: [['Reason', 'SIP;cause=486']] })
    stage.peer.respond(invite, 200, { tag: 'b2', sdp: answer })
    stage.pass()
    expect(heard.facts).toEqual([
      ['ringing', 'b1'],
      ['ringing', 'b2'],
      ['forkEnded', 'b1'],
      ['answered', 'b2'],
      ['changed'],
    ])
  })

  test('a flood of forks neither breaks nor leaks', () => {
    const stage = new Stage()
    const { invite, session } = stage.outgoing()
    for (let n = 0; n < 500; n++) stage.peer.respond(invite, 183, { tag: `b${n}`, sdp: answer })
    stage.pass()
    session.end(order)
    stage.peer.respond(invite, 487, { tag: 'b0' })
    stage.pass(40_000)
    expect(stage.peer.heard).toEqual(['INVITE', 'CANCEL', 'ACK'])
    expect(stage.left).toEqual(nothingLeft)
  })

  test.each([
    ['OPTIONS', undefined, 200],
    ['INFO', undefined, 200],
    ['UPDATE', undefined, 200],
    ['UPDATE', offer, 491],
    ['INVITE', offer, 491],
    ['NOTIFY', undefined, 481],
  ])('%s of the callee in its early dialog (offer: %s): %i', (method, sdp, status) => {
    const stage = new Stage()
    const { invite, heard } = stage.outgoing()
    stage.peer.respond(invite, 180, { tag: 'b1' })
    stage.pass()
    stage.peer.send(stage.peer.asCallee(invite, 'b1', method, 5, sdp === undefined ? {} : { sdp }))
    stage.peer.send(stage.peer.asCallee(invite, 'b2', method, 5, sdp === undefined ? {} : { sdp }))
    stage.pass()
    expect(stage.peer.responses(method).map((each) => each.status)).toEqual([status, 481])
    // What it said counts when its answer comes: its next request must go on from there.
    stage.peer.respond(invite, 200, { tag: 'b1', sdp: answer })
    stage.peer.send(stage.peer.asCallee(invite, 'b1', 'OPTIONS', 4))
    stage.pass()
    expect(stage.peer.responses('OPTIONS').at(-1)?.status).toBe(500)
    expect(heard.names).toContain('answered')
  })

  test('nothing of the progress is reported once the end was ordered', () => {
    const stage = new Stage()
    const { invite, session, heard } = stage.outgoing()
    session.end(order)
    stage.peer.respond(invite, 180, { tag: 'b' })
    stage.peer.respond(invite, 183, { tag: 'b', sdp: answer })
    stage.pass()
    expect(heard.facts).toEqual([])
  })
})

describe('refusals', () => {
  const refusalOf = (status: number, lines: [string, string][]) => {
    const stage = new Stage()
    const { invite, heard } = stage.outgoing()
    let got: Refusal | undefined
    heard.refused = (refusal) => {
      got = refusal
    }
    stage.peer.respond(invite, status, { tag: 'bob', contact: null, lines })
    stage.pass(40_000)
    expect(stage.left).toEqual(nothingLeft)
    return got as Refusal
  }

  test('a 3xx surfaces its contacts, best first', () => {
    const refusal = refusalOf(302, [
      ['Contact', '<sip:c1@h>;q=0.2, <sip:c2@h>'],
      ['Contact', 'sip:c3@h;q=0.9'],
    ])
    expect(refusal.contacts).toEqual(['sip:c2@h', 'sip:c3@h', 'sip:c1@h'])
  })

  test.each([
    ['120', 120],
    ['18000;duration=3600', 18000],
    ['soon', undefined],
  ])('Retry-After: %s', (value, seconds) => {
    expect(refusalOf(503, [['Retry-After', value]]).retryAfter).toBe(seconds)
  })

  test.each([300, 400, 404, 408, 480, 486, 488, 500, 503, 600, 603, 607, 608])(
    '%i is acknowledged and reported',
    (status) => {
      expect(refusalOf(status, []).status).toBe(status)
    },
  )
})

describe('a challenge', () => {
  const credentials = (realm: string) =>
    realm === 'biloxi' ? { username: 'us', secret: { password: 'p' } } : undefined
  const digest = 'Digest realm="biloxi", nonce="n1", qop="auth"'

  test.each([
    [401, 'WWW-Authenticate', 'authorization'],
    [407, 'Proxy-Authenticate', 'proxy-authorization'],
  ])(
    '%i is answered once: same Call-ID and From tag, next CSeq, new branch; the ACK repeats the credentials',
    (status, ask, give) => {
      const stage = new Stage({ credentials })
      const { invite, heard, session } = stage.outgoing()
      stage.peer.respond(invite, status, { tag: 'x', lines: [[ask, digest]] })
      stage.pass()
      const second = stage.latest('INVITE')
      expect(second.headers.get('call-id')).toBe(invite.headers.get('call-id'))
      expect(from(second)?.raw).toBe(from(invite)?.raw)
      expect(to(second)?.tag).toBeUndefined()
      expect(cseq(second)?.seq).toBe(2)
      expect(via(second)?.branch).not.toBe(via(invite)?.branch)
      expect(second.headers.get(give)).toContain('nc=00000001')
      stage.peer.respond(second, 200, { tag: 'bob', sdp: answer })
      stage.pass()
      const ack = stage.latest('ACK')
      expect([ack.headers.get('cseq'), ack.headers.get(give)]).toEqual(['2 ACK', second.headers.get(give)])
      expect(heard.names).toEqual(['changed', 'answered', 'changed'])
      session.end(order)
      stage.pass()
      expect(cseq(stage.latest('BYE'))?.seq).toBe(3)
    },
  )

  test('a second challenge is a refusal', () => {
    const stage = new Stage({ credentials })
    const { invite, heard } = stage.outgoing()
    stage.peer.respond(invite, 401, { tag: 'x', lines: [['WWW-Authenticate', digest]] })
    stage.pass()
    stage.peer.respond(stage.latest('INVITE'), 401, { tag: 'y', lines: [['WWW-Authenticate', digest]] })
    stage.pass()
    expect(heard.facts.at(-1)).toEqual(['refused', 401, []])
    expect(stage.peer.requests('INVITE')).toHaveLength(2)
  })

  test('of a realm that we have no account for is a refusal', () => {
    const stage = new Stage({ credentials })
    const { invite, heard } = stage.outgoing()
    stage.peer.respond(invite, 401, { tag: 'x', lines: [['WWW-Authenticate', 'Digest realm="other", nonce="n"']] })
    stage.pass()
    expect(heard.facts).toEqual([['refused', 401, []]])
  })

  test('is not answered once the end was ordered', () => {
    const stage = new Stage({ credentials })
    const { invite, session, heard } = stage.outgoing()
    session.end(order)
    stage.peer.respond(invite, 401, { tag: 'x', lines: [['WWW-Authenticate', digest]] })
    stage.pass(40_000)
    expect(stage.peer.heard).toEqual(['INVITE', 'ACK'])
    expect(heard.facts).toEqual([['told', 'delivered']])
    expect(stage.left).toEqual(nothingLeft)
  })
})

describe('fail-over', () => {
  const targets = (...hosts: string[]) => ({
    addresses: async () => hosts,
    srv: async () => [],
  })

  test('an address that refuses is followed by the next, with a new branch', async () => {
    const stage = new Stage({ resolver: targets('10.0.0.66', '10.0.0.2') })
    stage.network.nobody = 'refused'
    const { heard } = stage.place({ target: 'sip:bob@biloxi.example' })
    await stage.clock.pass(10)
    expect(stage.peer.heard).toEqual(['INVITE'])
    const [dead, alive] = stage.network.packets.filter(({ startLine }) => startLine.startsWith('INVITE'))
    expect([dead?.to.host, alive?.to.host]).toEqual(['10.0.0.66', '10.0.0.2'])
    expect(/branch=([^;\r]+)/.exec(dead?.text ?? '')?.[1]).not.toBe(/branch=([^;\r]+)/.exec(alive?.text ?? '')?.[1])
    stage.peer.respond(stage.latest('INVITE'), 486, { tag: 'b' })
    await stage.clock.pass(10)
    expect(heard.names).toEqual(['changed', 'refused'])
  })

  test('so is one that answers 503', async () => {
    const stage = new Stage({ resolver: targets('10.0.0.3', '10.0.0.2') })
    const other = new (stage.peer.constructor as new (stage: Stage, host: string) => typeof stage.peer)(
      stage,
      '10.0.0.3',
    )
    stage.place({ target: 'sip:bob@biloxi.example' })
    await stage.clock.pass(10)
    other.respond(first(other.requests('INVITE')), 503, { tag: 'x' })
    await stage.clock.pass(10)
    expect(stage.peer.heard).toEqual(['INVITE'])
  })

  test('when all refuse, the call failed', async () => {
    const stage = new Stage({ resolver: targets('10.0.0.66', '10.0.0.67') })
    stage.network.nobody = 'refused'
    const { heard } = stage.place({ target: 'sip:bob@biloxi.example' })
    await stage.clock.pass(10)
    expect(heard.facts).toEqual([['changed'], ['failed', 'transport']])
    expect(stage.left).toEqual(nothingLeft)
  })

  test('an end while a name is looked up: no INVITE ever leaves', async () => {
    const stage = new Stage({ resolver: targets('10.0.0.2') })
    const { session, heard } = stage.place({ target: 'sip:bob@biloxi.example' })
    expect(session.end(order)).toEqual({ message: 'CANCEL', queued: true, reason: 'Q.850;cause=19' })
    await stage.clock.pass(10)
    expect(stage.network.packets).toEqual([])
    expect(heard.facts).toEqual([['told', 'local-only']])
    expect(stage.left).toEqual(nothingLeft)
  })

  test.each([
    ['a name without an address', 'sip:bob@nowhere.example'],
    ['no SIP URI at all', 'tel:+15551234'],
  ])('%s is unresolved', async (_what, target) => {
    const stage = new Stage({ resolver: targets() })
    const { heard } = stage.place({ target })
    await stage.clock.pass(10)
    expect(heard.facts).toEqual([['failed', 'unresolved']])
    expect(stage.left).toEqual(nothingLeft)
  })

  const dead: Resolver = {
    addresses: () => Promise.reject(new Error('no name server answers')),
    srv: () => Promise.reject(new Error('no name server answers')),
  }
  test.each([
    ['a name that nobody can be asked about', 'sip:bob@biloxi.example', dead],
    ['a transport that we do not have', 'sip:bob@10.0.0.2;transport=tcp', targets()],
  ])('P5: %s is no wrong number: the way there failed', async (_what, target, resolver) => {
    const stage = new Stage({ resolver })
    const { heard } = stage.place({ target })
    await stage.clock.pass(10)
    expect(heard.facts).toEqual([['failed', 'transport']])
    expect(stage.left).toEqual(nothingLeft)
  })
})

test('a call over the flow of a registration stays on it', () => {
  const stage = new Stage()
  const flow = stage.transport.flowTo({ host: '10.0.0.2', port: 5060 })
  const { invite, session } = stage.outgoing({ target: 'sip:bob@192.168.7.7:5060', flow })
  stage.peer.respond(invite, 200, { tag: 'bob', sdp: answer, contact: '<sip:bob@192.168.7.7:5060>' })
  stage.pass()
  session.end(order)
  stage.pass()
  expect(stage.peer.heard).toEqual(['INVITE', 'ACK', 'BYE'])
  expect(stage.latest('BYE').uri).toBe('sip:bob@192.168.7.7:5060')
})
