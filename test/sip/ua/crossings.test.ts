/** RFC 5407: what crosses on the way. One test for each case of its list. */
import { describe, expect, test } from 'vitest'
import { to } from '../../../src/sip/message/accessors.ts'
import { answer, first, nothingLeft, offer, order, Stage } from './stage.ts'

const statuses = (stage: Stage, method: string) => stage.peer.responses(method).map(({ status }) => status)

describe('§3.1 before and while the call is set up', () => {
  test('§3.1.1 a retransmitted INVITE after our 2xx is recognised, and starts no second call', () => {
    const stage = new Stage()
    const { invite, session } = stage.incoming()
    session.accept(answer)
    stage.peer.send(invite)
    stage.pass()
    expect(stage.calls).toHaveLength(1)
    expect(statuses(stage, 'INVITE')).toEqual([100, 200])
    const ok = first(stage.peer.responses('INVITE', 200))
    stage.peer.send(stage.peer.within(invite, ok, 'ACK'))
    stage.pass()
    stage.peer.send(invite)
    stage.pass(1_000)
    expect([stage.calls.length, ...statuses(stage, 'INVITE')]).toEqual([1, 100, 200])
  })

  test('§3.1.2 CANCEL crosses 200, as callee: 200 to the CANCEL, and the call waits for the caller', () => {
    const stage = new Stage()
    const { invite, session, heard } = stage.incoming()
    session.accept(answer)
    stage.peer.send(stage.peer.cancel(invite))
    stage.pass()
    expect(statuses(stage, 'CANCEL')).toEqual([200])
    expect(heard.facts).toEqual([])
    const ok = first(stage.peer.responses('INVITE', 200))
    stage.peer.send(stage.peer.within(invite, ok, 'ACK'))
    stage.peer.send(stage.peer.within(invite, ok, 'BYE'))
    stage.pass()
    expect(heard.names).toEqual(['acknowledged', 'byeReceived'])
  })

  test.each([200, 481])('§3.1.2 CANCEL crosses 200, as caller: ACK and BYE, though the CANCEL got %i', (status) => {
    const stage = new Stage()
    stage.peer.autoReply = null
    const { invite, session, heard } = stage.outgoing()
    stage.peer.respond(invite, 180, { tag: 'bob' })
    stage.pass()
    session.end(order)
    stage.peer.respond(invite, 200, { tag: 'bob', sdp: answer })
    stage.pass()
    stage.peer.respond(stage.latest('CANCEL'), status)
    stage.peer.respond(stage.latest('BYE'), 200)
    stage.pass()
    expect(stage.peer.heard).toEqual(['INVITE', 'CANCEL', 'ACK', 'BYE'])
    expect(heard.names).toEqual(['ringing', 'told'])
    stage.pass(40_000)
    expect(stage.left).toEqual(nothingLeft)
  })

  test('§3.1.3 an early BYE crosses our 200: 200 to it, 2xx no more repeated, an ACK revives nothing', () => {
    const stage = new Stage()
    const { invite, session, heard } = stage.incoming()
    session.progress(180)
    stage.pass()
    const ringing = first(stage.peer.responses('INVITE', 180))
    session.accept(answer)
    stage.peer.send(stage.peer.within(invite, ringing, 'BYE'))
    stage.pass()
    stage.peer.send(stage.peer.within(invite, first(stage.peer.responses('INVITE', 200)), 'ACK'))
    stage.pass(40_000)
    expect(stage.peer.heard).toEqual(['100 INVITE', '180 INVITE', '200 INVITE', '200 BYE'])
    expect(heard.names).toEqual(['byeReceived'])
    expect(stage.left).toEqual(nothingLeft)
  })

  test('§3.1.4 re-INVITE before the ACK, offer in the INVITE: 200; the late ACK with the old CSeq still counts', () => {
    const stage = new Stage()
    const { invite, session, heard } = stage.incoming()
    session.accept(answer)
    stage.pass()
    const ok = first(stage.peer.responses('INVITE', 200))
    stage.peer.send(stage.peer.within(invite, ok, 'INVITE', { seq: 2, sdp: offer }))
    stage.pass()
    expect(statuses(stage, 'INVITE')).toEqual([100, 200, 200])
    stage.peer.send(stage.peer.within(invite, ok, 'ACK', { seq: 1 }))
    stage.pass()
    stage.peer.send(stage.peer.within(invite, ok, 'ACK', { seq: 2 }))
    stage.pass(40_000)
    expect(heard.names).toEqual(['reoffered', 'acknowledged'])
    expect(statuses(stage, 'INVITE')).toEqual([100, 200, 200])
    expect(session.dialog.state).toBe('established')
  })

  test('§3.1.4 the ACK of the re-INVITE does not stand in for the first: a BYE still waits', () => {
    const stage = new Stage()
    const { invite, session } = stage.incoming()
    session.accept(answer)
    stage.pass()
    const ok = first(stage.peer.responses('INVITE', 200))
    stage.peer.send(stage.peer.within(invite, ok, 'INVITE', { seq: 2, sdp: offer }))
    stage.pass()
    session.end(order)
    stage.peer.send(stage.peer.within(invite, ok, 'ACK', { seq: 2 }))
    stage.pass()
    expect(stage.peer.requests('BYE')).toEqual([])
    stage.peer.send(stage.peer.within(invite, ok, 'ACK', { seq: 1 }))
    stage.pass()
    expect(stage.peer.requests('BYE')).toHaveLength(1)
  })

  test('§3.1.5 the same, but the offer was in our 200: 491', () => {
    const stage = new Stage()
    const { invite, session, heard } = stage.incoming({ sdp: null })
    session.accept(answer)
    stage.pass()
    const ok = first(stage.peer.responses('INVITE', 200))
    stage.peer.send(stage.peer.within(invite, ok, 'INVITE', { seq: 2, sdp: offer }))
    stage.pass()
    expect(statuses(stage, 'INVITE')).toEqual([100, 200, 491])
    stage.peer.send(stage.peer.within(invite, ok, 'ACK', { seq: 1, sdp: offer }))
    stage.pass()
    expect(heard.facts).toEqual([['acknowledged', offer]])
  })

  test('§3.1.6 BYE before the ACK: 200; neither 200s nor ACKs that still fly revive it', () => {
    const stage = new Stage()
    const { invite, session, heard } = stage.incoming()
    session.accept(answer)
    stage.pass(500)
    const ok = first(stage.peer.responses('INVITE', 200))
    stage.peer.send(stage.peer.within(invite, ok, 'BYE'))
    stage.peer.send(stage.peer.within(invite, ok, 'ACK'))
    stage.pass()
    stage.peer.send(stage.peer.within(invite, ok, 'ACK'))
    stage.pass(40_000)
    expect(stage.peer.heard).toEqual(['100 INVITE', '200 INVITE', '200 INVITE', '200 BYE'])
    expect(heard.names).toEqual(['byeReceived'])
    expect(stage.left).toEqual(nothingLeft)
  })
})

describe('§3.2 while the call lives', () => {
  test('§3.2.1 BYE crosses BYE: 200 to both, one end', () => {
    const stage = new Stage()
    stage.peer.autoReply = null
    const { invite, ok, session, heard } = stage.answeredIncoming()
    session.end(order)
    stage.peer.send(stage.peer.within(invite, ok, 'BYE'))
    stage.pass()
    stage.peer.respond(stage.latest('BYE'), 200)
    stage.pass()
    expect(statuses(stage, 'BYE')).toEqual([200])
    expect(heard.names).toEqual(['acknowledged', 'byeReceived', 'told'])
    stage.pass(40_000)
    expect(stage.left).toEqual(nothingLeft)
  })

  test('§3.2.2 their re-INVITE crosses our BYE: 481', () => {
    const stage = new Stage()
    const { invite, ok, session, heard } = stage.answeredIncoming()
    session.end(order)
    stage.peer.send(stage.peer.within(invite, ok, 'INVITE', { seq: 2, sdp: offer }))
    stage.pass()
    expect(statuses(stage, 'INVITE')).toEqual([100, 200, 481])
    expect(heard.names).not.toContain('reoffered')
  })

  test('§3.2.3 our re-INVITE, then our BYE; the 200 to the re-INVITE gets its ACK, every time', () => {
    const stage = new Stage()
    const { session, heard } = stage.answeredIncoming()
    session.reinvite(answer)
    stage.pass()
    session.end(order)
    stage.pass()
    const reinvite = stage.latest('INVITE')
    stage.peer.respond(reinvite, 200, { sdp: offer })
    stage.pass()
    stage.peer.respond(reinvite, 200, { sdp: offer })
    stage.pass()
    expect(stage.peer.heard.slice(-4)).toEqual(['INVITE', 'BYE', 'ACK', 'ACK'])
    expect(new Set(stage.peer.requests('ACK').map(({ headers }) => headers.get('cseq')))).toEqual(new Set(['1 ACK']))
    expect(heard.names).toEqual(['acknowledged', 'told'])
    stage.pass(40_000)
    expect(stage.left).toEqual(nothingLeft)
  })

  test('§3.2.4 an ACK with the answer crosses our BYE: the answer is ignored', () => {
    const stage = new Stage()
    const { invite, session, heard } = stage.incoming({ sdp: null })
    session.accept(answer)
    stage.pass(31_990)
    session.end(order)
    stage.pass(10)
    const ok = first(stage.peer.responses('INVITE', 200))
    expect(stage.peer.requests('BYE')).toHaveLength(1)
    stage.peer.send(stage.peer.within(invite, ok, 'ACK', { sdp: offer }))
    stage.pass(40_000)
    expect(heard.names).toEqual(['told'])
    expect(stage.left).toEqual(nothingLeft)
  })
})

describe('§3.3 offers and others', () => {
  test('§3.3.1 re-INVITE crosses re-INVITE: 491 both; the owner of the Call-ID waits 2.1 to 4 s', () => {
    const waits = new Set<number>()
    for (let run = 0; run < 20; run++) {
      const stage = new Stage({ fillRandom: (view) => view.fill(run * 13) })
      const { invite, session, heard } = stage.answeredOutgoing()
      session.reinvite(offer)
      stage.peer.send(stage.peer.asCallee(invite, 'bob', 'INVITE', 1, { sdp: answer }))
      stage.pass()
      expect(statuses(stage, 'INVITE')).toEqual([491])
      const before = stage.now
      stage.peer.respond(stage.latest('INVITE'), 491)
      stage.pass(5_000)
      const again = stage.peer.received.filter(
        ({ message }) => message.kind === 'request' && message.headers.get('cseq') === '3 INVITE',
      )
      waits.add((again[0]?.at ?? 0) - stage.start - before)
      stage.peer.respond(stage.latest('INVITE'), 200, { sdp: answer })
      stage.pass()
      expect(heard.facts.at(-1)).toEqual(['reofferSettled', { kind: 'accepted', sdp: answer }])
    }
    expect(waits.size).toBeGreaterThan(10)
    for (const wait of waits) {
      expect(wait).toBeGreaterThanOrEqual(2_100)
      expect(wait).toBeLessThanOrEqual(4_000)
      expect(wait % 10).toBe(0)
    }
  })

  test('§3.3.1 the other side waits 0 to 2 s', () => {
    for (let run = 0; run < 20; run++) {
      const stage = new Stage({ fillRandom: (view) => view.fill(run * 13) })
      const { session } = stage.answeredIncoming()
      session.reinvite(answer)
      stage.pass()
      const before = stage.now
      stage.peer.respond(stage.latest('INVITE'), 491)
      stage.pass(2_000)
      const second = stage.peer.received.find(
        ({ message }) => message.kind === 'request' && message.headers.get('cseq') === '2 INVITE',
      )
      const wait = (second?.at ?? Number.NaN) - stage.start - before
      expect(wait).toBeGreaterThanOrEqual(0)
      expect(wait).toBeLessThanOrEqual(2_000)
    }
  })

  test('§3.3.1 the retry is dropped when the call has ended', () => {
    const stage = new Stage()
    const { session } = stage.answeredIncoming()
    session.reinvite(answer)
    stage.pass()
    stage.peer.respond(stage.latest('INVITE'), 491)
    stage.pass()
    session.end(order)
    stage.pass(40_000)
    expect(stage.peer.requests('INVITE')).toHaveLength(1)
    expect(stage.left).toEqual(nothingLeft)
  })

  test('§3.3.2 UPDATE with an offer crosses our re-INVITE: 491; without one: 200', () => {
    const stage = new Stage()
    const { invite, ok, session } = stage.answeredIncoming()
    session.reinvite(answer)
    stage.peer.send(stage.peer.within(invite, ok, 'UPDATE', { seq: 2, sdp: offer }))
    stage.peer.send(stage.peer.within(invite, ok, 'UPDATE', { seq: 3 }))
    stage.pass()
    expect(statuses(stage, 'UPDATE')).toEqual([491, 200])
  })

  test('§3.3.2 our re-INVITE, answered 491 for their UPDATE, is tried again', () => {
    const stage = new Stage()
    const { session } = stage.answeredIncoming()
    session.reinvite(answer)
    stage.pass()
    stage.peer.respond(stage.latest('INVITE'), 491)
    stage.pass(2_000)
    expect(stage.peer.requests('INVITE')).toHaveLength(2)
  })

  test('§3.3.3 REFER crosses our BYE: 481', () => {
    const stage = new Stage()
    const { invite, ok, session, heard } = stage.answeredIncoming()
    session.end(order)
    stage.peer.send(stage.peer.within(invite, ok, 'REFER', { lines: [['Refer-To', '<sip:c@10.0.0.9>']] }))
    stage.pass()
    expect(statuses(stage, 'REFER')).toEqual([481])
    expect(heard.names).not.toContain('referred')
  })

  test('§3.3.3 a REFER that we accepted may outlive the call', () => {
    const stage = new Stage()
    const { invite, ok, session, heard } = stage.answeredIncoming()
    let referral: Parameters<typeof heard.referred>[0] | undefined
    heard.referred = (each) => {
      referral = each
      each.accept()
    }
    stage.peer.send(stage.peer.within(invite, ok, 'REFER', { lines: [['Refer-To', '<sip:c@10.0.0.9>']] }))
    stage.pass()
    session.end(order)
    stage.pass()
    referral?.notify(200)
    stage.pass()
    expect(stage.peer.requests('NOTIFY')).toHaveLength(2)
    expect(Buffer.from(stage.latest('NOTIFY').body).toString()).toBe('SIP/2.0 200 OK\r\n')
  })
})

describe('appendices', () => {
  test('B: a BYE overtakes a lost re-INVITE: the late one is refused, and creates no call', () => {
    const stage = new Stage()
    const { invite, ok } = stage.answeredIncoming()
    const reinvite = stage.peer.within(invite, ok, 'INVITE', { seq: 2, sdp: offer })
    stage.peer.send(stage.peer.within(invite, ok, 'BYE', { seq: 3 }))
    stage.pass()
    stage.peer.send(reinvite)
    stage.pass()
    expect([481, 500]).toContain(stage.peer.responses('INVITE').at(-1)?.status)
    expect(stage.calls).toHaveLength(1)
  })

  test('C: a CANCEL has no effect on the dialog; the response to the INVITE has', () => {
    const stage = new Stage()
    const { invite, session } = stage.outgoing()
    stage.peer.respond(invite, 180, { tag: 'bob' })
    stage.pass()
    session.end(order)
    stage.pass()
    expect(session.dialog.state).toBe('early')
    stage.peer.respond(invite, 487, { tag: 'bob' })
    stage.pass()
    expect(session.dialog.state).toBe('morgue')
  })

  test('D: in Mortal an ACK to a 2xx and a BYE with credentials are still sent', () => {
    const stage = new Stage({ credentials: () => ({ username: 'us', secret: { password: 'p' } }) })
    stage.peer.autoReply = null
    const { invite, session } = stage.answeredOutgoing()
    session.end(order)
    stage.pass()
    stage.peer.respond(stage.latest('BYE'), 401, { lines: [['WWW-Authenticate', 'Digest realm="r", nonce="n"']] })
    stage.peer.respond(invite, 200, { tag: 'bob', sdp: answer })
    stage.pass()
    expect(session.dialog.state).toBe('mortal')
    expect(stage.peer.heard).toEqual(['INVITE', 'ACK', 'BYE', 'BYE', 'ACK'])
  })

  test('E: each fork has its own To tag, its own ACK and its own BYE', () => {
    const stage = new Stage()
    const { invite, session, heard } = stage.outgoing()
    for (const tag of ['b1', 'b2', 'b3']) stage.peer.respond(invite, 180, { tag })
    stage.pass()
    expect(heard.facts).toEqual([
      ['ringing', 'b1'],
      ['ringing', 'b2'],
      ['ringing', 'b3'],
    ])
    for (const tag of ['b2', 'b3', 'b1']) stage.peer.respond(invite, 200, { tag, sdp: answer })
    stage.pass()
    expect(stage.peer.requests('ACK').map((ack) => to(ack)?.tag)).toEqual(['b2', 'b3', 'b1'])
    expect(stage.peer.requests('BYE').map((bye) => to(bye)?.tag)).toEqual(['b3', 'b1'])
    expect(session.dialog.remoteTag).toBe('b2')
    session.end(order)
    stage.pass(40_000)
    expect(stage.left).toEqual(nothingLeft)
  })
})
