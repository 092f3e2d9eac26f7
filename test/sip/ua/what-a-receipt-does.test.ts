import { describe, expect, test } from 'vitest'
import { to } from '../../../src/sip/message/accessors.ts'
import { answer, first, nothingLeft, offer, order, Stage } from './stage.ts'

describe('CANCEL', () => {
  test('matches, no final sent: 200, and 487 to the INVITE, with one To tag', () => {
    const stage = new Stage()
    const { invite, heard, session } = stage.incoming()
    session.progress(180)
    stage.peer.send(stage.peer.cancel(invite, [['Reason', 'SIP;cause=200;text="Call completed elsewhere"']]))
    stage.pass()
    const ok = first(stage.peer.responses('CANCEL', 200))
    const terminated = first(stage.peer.responses('INVITE', 487))
    expect(to(ok)?.tag).toBe(session.localTag)
    expect(to(terminated)?.tag).toBe(session.localTag)
    expect(heard.facts).toEqual([['cancelled', ['SIP;cause=200;text="Call completed elsewhere"']]])
    stage.peer.send(stage.peer.within(invite, terminated, 'ACK', { branch: 'z9hG4bKpeer1' }))
    stage.pass(40_000)
    expect(stage.peer.responses('INVITE', 487)).toHaveLength(1)
    expect(stage.left).toEqual(nothingLeft)
  })

  test('before any 1xx with a tag: still one To tag in both', () => {
    const stage = new Stage()
    const { invite } = stage.incoming()
    stage.peer.send(stage.peer.cancel(invite))
    stage.pass()
    expect(to(first(stage.peer.responses('CANCEL', 200)))?.tag).toBe(
      to(first(stage.peer.responses('INVITE', 487)))?.tag,
    )
  })

  test.each([
    ['accepted', (stage: Stage) => stage.calls[0]?.session.accept(answer)],
    ['refused', (stage: Stage) => stage.calls[0]?.session.end(order)],
  ])('matches, already %s: 200 and no other effect', (how, act) => {
    const stage = new Stage()
    const { invite, heard } = stage.incoming()
    act(stage)
    stage.peer.send(stage.peer.cancel(invite))
    stage.pass()
    expect(stage.peer.responses('CANCEL').map(({ status }) => status)).toEqual([200])
    expect(stage.peer.responses('INVITE', 487)).toEqual([])
    expect(heard.names).not.toContain('cancelled')
    if (how === 'refused') return
    // The call stays up until the caller's own BYE.
    const ok = first(stage.peer.responses('INVITE', 200))
    stage.peer.send(stage.peer.within(invite, ok, 'ACK'))
    stage.peer.send(stage.peer.within(invite, ok, 'BYE'))
    stage.pass()
    expect(heard.names).toEqual(['acknowledged', 'byeReceived'])
  })

  test('after our 200, and no BYE or ACK ever comes: the 64·T1 guard reports it and ends it', () => {
    const stage = new Stage()
    const { invite, heard, session } = stage.incoming()
    session.accept(answer)
    stage.peer.send(stage.peer.cancel(invite))
    stage.pass(32_000)
    expect(heard.names).toEqual(['lost', 'told'])
    expect(stage.peer.requests('BYE')).toHaveLength(1)
  })

  test('matches nothing: 481, and another call is untouched', () => {
    const stage = new Stage()
    const { heard } = stage.incoming()
    stage.peer.send(stage.peer.cancel(stage.peer.invite({ branch: 'z9hG4bKother' })))
    stage.pass()
    expect(stage.peer.responses('CANCEL').map(({ status }) => status)).toEqual([481])
    expect(heard.facts).toEqual([])
    expect(stage.peer.responses('INVITE', 487)).toEqual([])
  })

  test('repeated: the same 200 again, one report', () => {
    const stage = new Stage()
    const { invite, heard } = stage.incoming()
    const cancel = stage.peer.cancel(invite)
    stage.peer.send(cancel)
    stage.peer.send(cancel)
    stage.pass()
    expect(stage.peer.responses('CANCEL', 200)).toHaveLength(2)
    expect(heard.names).toEqual(['cancelled'])
  })

  test('of a re-INVITE: 487 to it, and the call lives', () => {
    const stage = new Stage()
    const { invite, ok, heard, session } = stage.answeredIncoming()
    heard.reoffered = () => {}
    const reinvite = stage.peer.within(invite, ok, 'INVITE', { seq: 2, sdp: offer })
    stage.peer.send(reinvite)
    stage.pass()
    stage.peer.send(stage.peer.cancel(reinvite))
    stage.pass()
    expect(stage.peer.heard.slice(-3)).toEqual(['100 INVITE', '200 CANCEL', '487 INVITE'])
    expect(heard.names).toEqual(['acknowledged'])
    expect(session.answered).toBe(true)
  })
})

describe('BYE', () => {
  test('matches: 200, and 487 to every pending request of the dialog', () => {
    const stage = new Stage()
    const { invite, ok, heard } = stage.answeredIncoming()
    heard.reoffered = () => {}
    stage.peer.send(stage.peer.within(invite, ok, 'INVITE', { seq: 2, sdp: offer }))
    stage.pass()
    stage.peer.send(stage.peer.within(invite, ok, 'BYE', { seq: 3, lines: [['Reason', 'Q.850;cause=16']] }))
    stage.pass()
    expect(stage.peer.heard.slice(-2).sort()).toEqual(['200 BYE', '487 INVITE'])
    expect(heard.facts.at(-1)).toEqual(['byeReceived', ['Q.850;cause=16']])
    stage.pass(40_000)
    expect(stage.left).toEqual(nothingLeft)
  })

  test.each([
    ['no such dialog', { to: '<sip:1000@10.0.0.1>;tag=none' }],
    ['no tag at all', { to: '<sip:1000@10.0.0.1>' }],
  ])('%s: 481', (_what, { to: target }) => {
    const stage = new Stage()
    const { invite, ok, heard } = stage.answeredIncoming()
    const bye = stage.peer.within(invite, ok, 'BYE')
    bye.headers.set('To', target)
    stage.peer.send(bye)
    stage.pass()
    expect(stage.peer.responses('BYE').map(({ status }) => status)).toEqual([481])
    expect(heard.names).toEqual(['acknowledged'])
  })

  test.each([
    ["another peer's tag", 'From', '<sip:alice@10.0.0.2>;tag=mallory'],
    ['another Call-ID', 'Call-ID', 'call-2'],
  ])('our tag but %s: 481, and the call lives', (_what, name, value) => {
    const stage = new Stage()
    const { invite, ok, session } = stage.answeredIncoming()
    const bye = stage.peer.within(invite, ok, 'BYE')
    bye.headers.set(name, value)
    stage.peer.send(bye)
    stage.pass()
    expect(stage.peer.responses('BYE').map(({ status }) => status)).toEqual([481])
    expect(session.answered).toBe(true)
  })

  test('in the early dialog: 200, and 487 to the INVITE', () => {
    const stage = new Stage()
    const { invite, heard, session } = stage.incoming()
    session.progress(180)
    stage.pass()
    const ringing = first(stage.peer.responses('INVITE', 180))
    stage.peer.send(stage.peer.within(invite, ringing, 'BYE'))
    stage.pass()
    expect(stage.peer.responses('BYE').map(({ status }) => status)).toEqual([200])
    expect(stage.peer.responses('INVITE').map(({ status }) => status)).toEqual([100, 180, 487])
    expect(heard.names).toEqual(['byeReceived'])
    expect(session.accept(answer)).toBe(false)
  })

  test('before the ACK of our 2xx: 200, no more 2xx; a late ACK with an answer starts nothing', () => {
    const stage = new Stage()
    const { invite, heard, session } = stage.incoming({ sdp: null })
    session.accept(answer)
    stage.pass()
    const ok = first(stage.peer.responses('INVITE', 200))
    stage.peer.send(stage.peer.within(invite, ok, 'BYE'))
    stage.pass()
    stage.peer.send(stage.peer.within(invite, ok, 'ACK', { sdp: offer }))
    stage.pass(40_000)
    expect(stage.peer.heard).toEqual(['100 INVITE', '200 INVITE', '200 BYE'])
    expect(heard.names).toEqual(['byeReceived'])
    expect(stage.left).toEqual(nothingLeft)
  })

  test('before the ACK, while a BYE of ours is queued: nothing of ours goes out', () => {
    const stage = new Stage()
    const { invite, heard, session } = stage.incoming()
    session.accept(answer)
    session.end(order)
    stage.pass()
    const ok = first(stage.peer.responses('INVITE', 200))
    stage.peer.send(stage.peer.within(invite, ok, 'BYE'))
    stage.pass()
    stage.peer.send(stage.peer.within(invite, ok, 'ACK'))
    stage.pass(40_000)
    expect(stage.peer.requests('BYE')).toEqual([])
    expect(heard.names).toEqual(['told', 'byeReceived'])
    expect(heard.fact('told')).toEqual(['delivered'])
  })

  test('crossing ours: 200, and one end', () => {
    const stage = new Stage()
    stage.peer.autoReply = null
    const { invite, ok, heard, session } = stage.answeredIncoming()
    session.end(order)
    stage.peer.send(stage.peer.within(invite, ok, 'BYE'))
    stage.pass()
    expect(stage.peer.responses('BYE').map(({ status }) => status)).toEqual([200])
    stage.peer.respond(stage.latest('BYE'), 200)
    stage.pass(40_000)
    expect(heard.names).toEqual(['acknowledged', 'byeReceived', 'told'])
    expect(stage.left).toEqual(nothingLeft)
  })

  test('retransmitted after the end: the same 200, for 32 s; after that 481', () => {
    const stage = new Stage()
    const { invite, ok, heard } = stage.answeredIncoming()
    const bye = stage.peer.within(invite, ok, 'BYE')
    stage.peer.send(bye)
    stage.pass(31_999)
    stage.peer.send(bye)
    stage.pass(1)
    expect(stage.peer.responses('BYE').map(({ status }) => status)).toEqual([200, 200])
    stage.pass(1_000)
    stage.peer.send(bye)
    stage.pass()
    expect(stage.peer.responses('BYE').map(({ status }) => status)).toEqual([200, 200, 481])
    expect(heard.names).toEqual(['acknowledged', 'byeReceived'])
  })
})

describe('a request in a dialog that ended', () => {
  test.each(['INVITE', 'UPDATE', 'REFER', 'INFO', 'OPTIONS', 'NOTIFY'])('%s after our BYE: 481', (method) => {
    const stage = new Stage()
    stage.peer.autoReply = null
    const { invite, ok, session } = stage.answeredIncoming()
    session.end(order)
    stage.peer.send(stage.peer.within(invite, ok, method, { lines: [['Refer-To', '<sip:c@10.0.0.9>']] }))
    stage.pass()
    expect(stage.peer.responses(method).at(-1)?.status).toBe(481)
  })

  test.each(['INVITE', 'UPDATE', 'REFER', 'INFO', 'OPTIONS', 'NOTIFY'])('%s after their BYE: 481', (method) => {
    const stage = new Stage()
    const { invite, ok } = stage.answeredIncoming()
    stage.peer.send(stage.peer.within(invite, ok, 'BYE'))
    stage.pass()
    stage.peer.send(stage.peer.within(invite, ok, method, { seq: 3, lines: [['Refer-To', '<sip:c@10.0.0.9>']] }))
    stage.pass()
    expect(stage.peer.responses(method).at(-1)?.status).toBe(481)
    expect(stage.calls).toHaveLength(1)
  })
})

test.each(['BYE', 'INVITE', 'INFO', 'UPDATE'])('%s with a lower CSeq than the highest seen: 500', (method) => {
  const stage = new Stage()
  const { invite, ok, session } = stage.answeredIncoming({ seq: 10 })
  stage.peer.send(stage.peer.within(invite, ok, method, { seq: 9 }))
  stage.pass()
  expect(stage.peer.responses(method).map(({ status }) => status)).toContain(500)
  expect(session.answered).toBe(true)
})

test('an ACK is never answered, whatever it belongs to', () => {
  const stage = new Stage()
  const { invite, ok } = stage.answeredIncoming()
  stage.peer.send(stage.peer.within(invite, ok, 'ACK', { seq: 77 }))
  const lost = stage.peer.within(invite, ok, 'ACK')
  lost.headers.set('To', '<sip:1000@10.0.0.1>;tag=none')
  stage.peer.send(lost)
  stage.pass(1_000)
  expect(stage.peer.responses('ACK')).toEqual([])
})

test('a second 2xx with another To tag: its own ACK, its own BYE; the first lives', () => {
  const stage = new Stage()
  const { invite, session, heard } = stage.answeredOutgoing({ tag: 'b1' })
  stage.peer.respond(invite, 200, { tag: 'b2', sdp: answer })
  stage.peer.respond(invite, 200, { tag: 'b3', sdp: answer })
  stage.pass()
  expect(stage.peer.requests('ACK').map((ack) => to(ack)?.tag)).toEqual(['b1', 'b2', 'b3'])
  expect(stage.peer.requests('BYE').map((bye) => to(bye)?.tag)).toEqual(['b2', 'b3'])
  expect(session.answered).toBe(true)
  expect(heard.names).toEqual(['answered', 'changed'])
})

test('a repeated 2xx that nobody wants is acknowledged each time, and ended once', () => {
  const stage = new Stage()
  const { invite } = stage.answeredOutgoing({ tag: 'b1' })
  for (const _ of [1, 2, 3]) {
    stage.peer.respond(invite, 200, { tag: 'b2', sdp: answer })
    stage.pass(500)
  }
  expect(stage.peer.heard).toEqual(['INVITE', 'ACK', 'ACK', 'BYE', 'ACK', 'ACK'])
})

test('a retransmitted 2xx is acknowledged every time for 32 s, also after our BYE', () => {
  const stage = new Stage()
  const { invite, session } = stage.answeredOutgoing()
  for (const _ of [1, 2]) {
    stage.peer.respond(invite, 200, { tag: 'bob', sdp: answer })
    stage.pass(1_000)
  }
  session.end(order)
  stage.pass(29_000)
  stage.peer.respond(invite, 200, { tag: 'bob', sdp: answer })
  stage.pass()
  const acks = stage.peer.requests('ACK')
  expect(acks).toHaveLength(4)
  expect(new Set(acks.map(({ headers }) => headers.get('cseq')))).toEqual(new Set(['1 ACK']))
  stage.pass(10_000)
  expect(stage.left).toEqual(nothingLeft)
})

describe('401 or 407 to our BYE', () => {
  const credentials = () => ({ username: 'us', secret: { password: 'secret' } })
  const challenge = 'Digest realm="r", nonce="n", qop="auth", algorithm=MD5'

  test.each([
    [401, 'WWW-Authenticate', 'authorization'],
    [407, 'Proxy-Authenticate', 'proxy-authorization'],
  ])('%i: once more with credentials, in Mortal', (status, ask, give) => {
    const stage = new Stage({ credentials })
    stage.peer.autoReply = null
    const { session, heard } = stage.answeredIncoming()
    session.end(order)
    stage.pass()
    stage.peer.respond(stage.latest('BYE'), status, { lines: [[ask, challenge]] })
    stage.pass()
    const [, second] = stage.peer.requests('BYE')
    expect(second?.headers.get(give)).toContain('username="us"')
    expect(second?.headers.get('cseq')).toBe('2 BYE')
    expect(second?.headers.get('reason')).toBe('Q.850;cause=16')
    stage.peer.respond(stage.latest('BYE'), status, { lines: [[ask, challenge]] })
    stage.pass(40_000)
    expect(stage.peer.requests('BYE')).toHaveLength(2)
    expect(heard.names).toEqual(['acknowledged', 'told'])
    expect(stage.left).toEqual(nothingLeft)
  })

  test('who may see them is asked with whom we called, or with the host that called us', () => {
    const asked: unknown[] = []
    const credentials = (realm: string, challenger: unknown) => {
      asked.push([realm, challenger])
      return undefined
    }
    for (const answered of ['answeredIncoming', 'answeredOutgoing'] as const) {
      const stage = new Stage({ credentials })
      stage.peer.autoReply = null
      stage[answered]().session.end(order)
      stage.pass()
      stage.peer.respond(stage.latest('BYE'), 401, { lines: [['WWW-Authenticate', challenge]] })
      stage.pass()
    }
    expect(asked).toEqual([
      ['r', { caller: '10.0.0.2' }],
      ['r', { called: 'sip:bob@10.0.0.2' }],
    ])
  })

  test('without credentials: that was the answer', () => {
    const stage = new Stage()
    stage.peer.autoReply = 401
    const { session, heard } = stage.answeredIncoming()
    session.end(order)
    stage.pass()
    expect(heard.fact('told')).toEqual(['delivered'])
  })
})

test('481 to a CANCEL concerns the CANCEL only', () => {
  const stage = new Stage()
  stage.peer.autoReply = 481
  const { invite, session, heard } = stage.outgoing()
  stage.peer.respond(invite, 180, { tag: 'bob' })
  stage.pass()
  session.end(order)
  stage.pass(100)
  expect(heard.names).toEqual(['ringing'])
  stage.peer.autoReply = 200
  stage.peer.respond(invite, 200, { tag: 'bob', sdp: answer })
  stage.pass()
  expect(stage.peer.heard).toEqual(['INVITE', 'CANCEL', 'ACK', 'BYE'])
  expect(heard.fact('told')).toEqual(['delivered'])
})

test.each([
  [499, 499],
  [450, 450],
  [599, 599],
  [699, 699],
])('an unknown final %i ends the INVITE, and is shown as it is', (status, shown) => {
  const stage = new Stage()
  const { invite, heard } = stage.outgoing()
  stage.peer.respond(invite, status, { tag: 'bob' })
  stage.pass()
  expect(heard.facts).toEqual([['refused', shown, []]])
})
