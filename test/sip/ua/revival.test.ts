/** What a restarted process can still do with what it stored. */
import { describe, expect, test } from 'vitest'
import { cseq, to, via } from '../../../src/sip/message/accessors.ts'
import { type SessionSnapshot, sinceAnswered } from '../../../src/sip/ua/snapshot.ts'
import type { InviteOptions } from './raw-peer.ts'
import { answer, first, Heard, offer, order, Stage } from './stage.ts'

/** The process dies, and another one takes its place on the same network: only the snapshot goes over, as JSON. */
function crash(stage: Stage, snapshot: SessionSnapshot) {
  stage.agent.layer.clear()
  void stage.transport.close()
  const next = stage.restarted()
  const heard = new Heard()
  const revived = next.agent.revive(JSON.parse(JSON.stringify(snapshot)) as SessionSnapshot, {
    told: heard.told,
    peerEnded: heard.byeReceived,
  })
  return { next, revived, heard, peer: stage.peer }
}

describe('an answered call', () => {
  test.each(['incoming', 'outgoing'])('%s: BYE, from where the dialog stood', (side) => {
    const stage = new Stage()
    const call =
      side === 'incoming' ? stage.answeredIncoming({ recordRoutes: ['<sip:10.0.0.2;lr>'] }) : stage.answeredOutgoing()
    if (side === 'outgoing') call.session.info('text/plain', 'one more CSeq')
    stage.pass()
    const { next, revived, heard } = crash(stage, call.session.snapshot() as SessionSnapshot)
    expect(revived.end(order)).toEqual({ message: 'BYE', queued: false, reason: 'Q.850;cause=16' })
    next.pass()
    const bye = stage.latest('BYE')
    // Ours so far: none as callee; as caller the INVITE and an INFO.
    expect(cseq(bye)?.seq).toBe(side === 'incoming' ? 1 : 3)
    expect(bye.headers.all('route')).toEqual(side === 'incoming' ? ['<sip:10.0.0.2;lr>'] : [])
    expect(bye.headers.get('from')).toContain(call.session.localTag)
    expect(heard.facts).toEqual([['told', 'delivered']])
    next.pass(40_000)
    expect(next.agent.counts).toEqual({ sessions: 0, clients: 0, servers: 0, alarms: 0 })
  })

  test('a second end sends nothing more', () => {
    const stage = new Stage()
    const { session } = stage.answeredIncoming()
    const { next, revived } = crash(stage, session.snapshot())
    const sent = revived.end(order)
    expect(revived.end({ ...order, bye: [] })).toBe(sent)
    next.pass()
    expect(stage.peer.requests('BYE')).toHaveLength(1)
  })

  test('nobody answers the BYE: unconfirmed', () => {
    const stage = new Stage()
    const { session } = stage.answeredIncoming()
    stage.peer.autoReply = null
    const { next, revived, heard } = crash(stage, session.snapshot())
    revived.end(order)
    next.pass(32_000)
    expect(heard.facts).toEqual([['told', 'unconfirmed']])
  })

  test('no transport to it any more: local-only', async () => {
    const stage = new Stage()
    const { session } = stage.answeredIncoming()
    const { next, heard } = crash(stage, session.snapshot())
    const lone = next.without().revive(session.snapshot(), { told: heard.told })
    lone.end(order)
    await next.clock.pass(1)
    expect(heard.facts).toEqual([['told', 'local-only']])
  })

  test.each(['INVITE', 'UPDATE', 'INFO'])('%s before the end is answered 481, BYE 200', (method) => {
    const stage = new Stage()
    const { session, invite, ok } = stage.answeredIncoming()
    const { next, revived, heard } = crash(stage, session.snapshot())
    stage.peer.send(stage.peer.within(invite, ok, method, { sdp: offer }))
    next.pass()
    expect(stage.peer.responses(method).at(-1)?.status).toBe(481)
    stage.peer.send(stage.peer.within(invite, ok, 'BYE', { seq: 3 }))
    next.pass()
    expect(stage.peer.responses('BYE').at(-1)?.status).toBe(200)
    expect(heard.names).toEqual(['byeReceived'])
    expect(revived.end(order)).toEqual({ message: null, queued: false })
  })
})

describe('an incoming call that is known to have been about to be answered', () => {
  test('P2: the 2xx had not left, and the caller takes the BYE for its early dialog: its INVITE is refused too', () => {
    const stage = new Stage()
    const { session, invite } = stage.incoming()
    session.progress(180)
    stage.pass()
    const { next, revived, heard } = crash(stage, sinceAnswered(session.snapshot('answering'), 'awaited'))
    revived.end(order)
    next.pass()
    expect(stage.peer.requests('BYE')).toHaveLength(1)
    expect(heard.facts).toEqual([['told', 'delivered']])
    // The session is of no more use to anybody; the response is repeated all the same.
    revived.release()
    next.pass(500)
    const [refusal, again] = stage.peer.responses('INVITE', 486)
    expect(again).toEqual(refusal)
    stage.peer.send(stage.peer.within(invite, refusal!, 'ACK', { branch: via(invite)?.branch ?? '' }))
    next.pass(40_000)
    expect(stage.peer.responses('INVITE', 486)).toHaveLength(2)
    expect(next.agent.counts).toEqual({ sessions: 0, clients: 0, servers: 0, alarms: 0 })
  })
})

describe('an incoming call that is known to have been about to be answered, and may wait all the same', () => {
  const marked = (options: ConstructorParameters<typeof Stage>[0] = {}, invite: InviteOptions = {}) => {
    const stage = new Stage(options)
    const call = stage.incoming(invite)
    call.session.progress(180)
    stage.pass()
    return { stage, ...call, snapshot: sinceAnswered(call.session.snapshot('answering'), 'awaited') }
  }
  const refusals = ({ peer }: Stage) => peer.responses('INVITE').filter(({ status }) => status >= 300)
  const quiet = { sessions: 0, clients: 0, servers: 0, alarms: 0 }

  test('P2: it does not answer the BYE: it is refused after T1, and what became of that counts', () => {
    const { stage, invite, snapshot } = marked()
    stage.peer.autoReply = null
    const { next, revived, heard } = crash(stage, snapshot)
    expect(revived.end(order)).toMatchObject({ message: 'BYE' })
    next.pass(499)
    expect(refusals(stage)).toEqual([])
    next.pass(2)
    const [refusal] = refusals(stage)
    stage.peer.send(stage.peer.within(invite, refusal!, 'ACK', { branch: via(invite)?.branch ?? '' }))
    next.pass()
    expect(heard.facts).toEqual([['told', 'delivered']])
    next.pass(80_000)
    expect(next.agent.counts).toEqual(quiet)
  })

  test('P2: it knows no dialog: nothing is taken for heard before the final response is acknowledged', () => {
    const { stage, invite, snapshot } = marked()
    stage.peer.autoReply = 481
    const { next, revived, heard } = crash(stage, snapshot)
    revived.end(order)
    next.pass(10)
    expect(heard.facts).toEqual([])
    const [refusal] = refusals(stage)
    stage.peer.send(stage.peer.within(invite, refusal!, 'ACK', { branch: via(invite)?.branch ?? '' }))
    next.pass(80_000)
    expect(heard.facts).toEqual([['told', 'delivered']])
    expect(next.agent.counts).toEqual(quiet)
  })

  test('P2: the BYE has no way, the INVITE has its own: refused at once', () => {
    const contact = '<sip:alice@10.0.0.77:5060;transport=tcp>'
    const vias = ['SIP/2.0/TCP 10.9.9.9;branch=z9hG4bKfar']
    const { stage, snapshot } = marked({ transport: 'TCP' }, { contact, vias })
    const { next, revived, heard } = crash(stage, snapshot)
    revived.end(order)
    next.pass(33_000)
    expect(refusals(stage).length).toBeGreaterThan(0)
    expect(heard.facts).toEqual([['told', 'unconfirmed']])
  })

  test.each(['talking', 'in its early dialog'])('it hangs up itself, %s, while our BYE is under way: told', (where) => {
    const { stage, session, invite, snapshot } = marked()
    if (where === 'talking') session.accept(answer)
    stage.pass()
    stage.peer.autoReply = null
    const { next, revived, heard } = crash(stage, snapshot)
    revived.end(order)
    next.pass(10)
    const [response] = stage.peer.responses('INVITE', where === 'talking' ? 200 : 180)
    stage.peer.send(stage.peer.within(invite, response!, 'BYE', { seq: 5 }))
    next.pass(10)
    expect(stage.peer.responses('BYE', 200)).toHaveLength(1)
    expect(heard.facts.filter(([fact]) => fact === 'told')).toEqual([['told', 'delivered']])
    expect(refusals(stage).length, 'its INVITE is answered').toBeGreaterThan(0)
    next.pass(80_000)
    expect(next.agent.counts).toEqual(quiet)
  })

  test('nobody is there any more: unconfirmed, once', () => {
    const { stage, snapshot } = marked()
    stage.peer.autoReply = null
    const { next, revived, heard } = crash(stage, snapshot)
    revived.end(order)
    next.pass(80_000)
    expect(heard.facts).toEqual([['told', 'unconfirmed']])
    expect(next.agent.counts).toEqual(quiet)
  })

  test('it gives up while the BYE is under way: 487, and told', () => {
    const { stage, invite, snapshot } = marked()
    stage.peer.autoReply = null
    const { next, revived, heard } = crash(stage, snapshot)
    revived.end(order)
    next.pass(10)
    stage.peer.send(stage.peer.cancel(invite))
    next.pass(10)
    const [refusal] = refusals(stage)
    expect(refusal?.status).toBe(487)
    stage.peer.send(stage.peer.within(invite, refusal!, 'ACK', { branch: via(invite)?.branch ?? '' }))
    next.pass(80_000)
    expect(heard.facts.filter(([fact]) => fact === 'told')).toEqual([['told', 'delivered']])
    expect(next.agent.counts).toEqual(quiet)
  })

  test('released before the BYE is answered: nothing is said any more', () => {
    const { stage, snapshot } = marked()
    stage.peer.autoReply = null
    const { next, revived } = crash(stage, snapshot)
    revived.end(order)
    next.pass(10)
    revived.release()
    stage.peer.respond(stage.latest('BYE'), 200)
    next.pass(80_000)
    expect(refusals(stage)).toEqual([])
    expect(next.agent.counts).toEqual(quiet)
  })
})

test('an incoming call that is known to have acknowledged our 2xx hears a BYE, and nothing of its INVITE', () => {
  const stage = new Stage()
  const { session } = stage.incoming()
  session.progress(180)
  const stored = session.snapshot('answering')
  session.accept(answer)
  stage.pass()
  for (const snapshot of [stored, session.snapshot('answering')]) {
    const { next, revived, heard } = crash(stage, sinceAnswered(snapshot, 'seen'))
    const finals = stage.peer.responses('INVITE').length
    const byes = stage.peer.requests('BYE').length
    revived.end(order)
    next.pass()
    revived.release()
    next.pass(40_000)
    expect(heard.facts).toEqual([['told', 'delivered']])
    expect(stage.peer.requests('BYE')).toHaveLength(byes + 1)
    expect(stage.peer.responses('INVITE')).toHaveLength(finals)
    expect(next.agent.counts).toEqual({ sessions: 0, clients: 0, servers: 0, alarms: 0 })
  }
})

describe('an incoming call that may have been answered', () => {
  test('the 2xx had arrived: the refusal is not heard, and the BYE follows without waiting for an ACK', () => {
    const stage = new Stage()
    const { session } = stage.incoming()
    const stored = session.snapshot('answering')
    session.accept(answer)
    stage.pass()
    const { next, revived, heard } = crash(stage, stored)
    expect(revived.end(order)).toMatchObject({ message: '486' })
    next.pass(499)
    expect(stage.peer.requests('BYE')).toEqual([])
    next.pass(2)
    expect(stage.peer.requests('BYE')).toHaveLength(1)
    expect(stage.latest('BYE').headers.get('from')).toContain(session.localTag)
    expect(heard.facts).toEqual([['told', 'delivered']])
    next.pass(80_000)
    expect(heard.facts).toHaveLength(1)
    expect(next.agent.counts).toEqual({ sessions: 0, clients: 0, servers: 0, alarms: 0 })
  })

  test('it had never left: the INVITE is refused, and no BYE goes out', () => {
    const stage = new Stage()
    const { session, invite } = stage.incoming()
    const { next, revived, heard } = crash(stage, session.snapshot('answering'))
    revived.end(order)
    next.pass()
    const refusal = first(stage.peer.responses('INVITE', 486))
    expect(to(refusal)?.tag).toBe(session.localTag)
    stage.peer.send(stage.peer.within(invite, refusal, 'ACK', { branch: via(invite)?.branch ?? '' }))
    next.pass(40_000)
    expect(stage.peer.requests('BYE')).toEqual([])
    expect(heard.facts).toEqual([['told', 'delivered']])
    expect(next.agent.counts).toEqual({ sessions: 0, clients: 0, servers: 0, alarms: 0 })
  })

  test('it had never left, and the ACK is slow: the BYE finds no dialog, and the refusal counts', () => {
    const stage = new Stage()
    const { session, invite } = stage.incoming()
    const { next, revived, heard } = crash(stage, session.snapshot('answering'))
    stage.peer.autoReply = 481
    revived.end(order)
    next.pass(1_000)
    expect(stage.peer.requests('BYE')).toHaveLength(1)
    expect(heard.facts).toEqual([])
    const refusal = first(stage.peer.responses('INVITE', 486))
    stage.peer.send(stage.peer.within(invite, refusal, 'ACK', { branch: via(invite)?.branch ?? '' }))
    next.pass(40_000)
    expect(heard.facts).toEqual([['told', 'delivered']])
    expect(next.agent.counts).toEqual({ sessions: 0, clients: 0, servers: 0, alarms: 0 })
  })

  test('nobody is there any more: unconfirmed, once', () => {
    const stage = new Stage()
    const { session } = stage.incoming()
    stage.peer.autoReply = null
    const { next, revived, heard } = crash(stage, session.snapshot('answering'))
    revived.end(order)
    next.pass(80_000)
    expect(heard.facts).toEqual([['told', 'unconfirmed']])
    expect(next.agent.counts).toEqual({ sessions: 0, clients: 0, servers: 0, alarms: 0 })
  })

  test('it takes the BYE for its early dialog, and both final responses were lost: that is repeated though the session is released', () => {
    const stage = new Stage()
    const { session } = stage.incoming()
    session.progress(180)
    stage.pass()
    const { next, revived, heard } = crash(stage, session.snapshot('answering'))
    revived.end(order)
    next.pass(600)
    expect(heard.facts).toEqual([['told', 'delivered']])
    revived.release()
    const before = stage.peer.responses('INVITE', 486).length
    next.pass(5_000)
    expect(stage.peer.responses('INVITE', 486).length).toBeGreaterThan(before)
    next.pass(80_000)
    expect(next.agent.counts).toEqual({ sessions: 0, clients: 0, servers: 0, alarms: 0 })
  })

  test('it gives up before it is told: its 487 is repeated though the session is released', () => {
    const stage = new Stage()
    const { session, invite } = stage.incoming()
    const { next, heard } = crash(stage, session.snapshot('answering'))
    stage.peer.send(stage.peer.cancel(invite))
    next.pass()
    expect(heard.names).toEqual(['byeReceived'])
    next.pass(600)
    expect(stage.peer.responses('INVITE', 487)).toHaveLength(2)
    next.pass(80_000)
    expect(next.agent.counts).toEqual({ sessions: 0, clients: 0, servers: 0, alarms: 0 })
  })

  test('an ACK that comes late says that it has our answer: BYE, and no final response', () => {
    const stage = new Stage()
    const { session, invite } = stage.incoming()
    const stored = session.snapshot('answering')
    session.accept(answer)
    stage.pass()
    for (const snapshot of [stored, sinceAnswered(stored, 'awaited')]) {
      const { next, revived, heard } = crash(stage, snapshot)
      stage.peer.send(stage.peer.within(invite, first(stage.peer.responses('INVITE', 200)), 'ACK'))
      next.pass(1_000)
      expect(next.calls).toEqual([])
      expect(next.faults).toEqual([])
      expect(revived.end(order)).toMatchObject({ message: 'BYE' })
      next.pass(80_000)
      expect(heard.facts).toEqual([['told', 'delivered']])
      expect(stage.peer.responses('INVITE', 486)).toEqual([])
      expect(next.agent.counts).toEqual({ sessions: 0, clients: 0, servers: 0, alarms: 0 })
    }
  })

  test('an ACK of our answer that crosses the final response: BYE at once', () => {
    const stage = new Stage()
    const { session, invite } = stage.incoming()
    const stored = session.snapshot('answering')
    session.accept(answer)
    stage.pass()
    const { next, revived, heard } = crash(stage, stored)
    revived.end(order)
    stage.peer.send(stage.peer.within(invite, first(stage.peer.responses('INVITE', 200)), 'ACK'))
    next.pass(10)
    expect(stage.peer.requests('BYE')).toHaveLength(1)
    next.pass(80_000)
    expect(stage.peer.requests('BYE')).toHaveLength(1)
    expect(stage.peer.responses('INVITE', 486)).toHaveLength(1)
    expect(heard.facts).toEqual([['told', 'delivered']])
    expect(next.agent.counts).toEqual({ sessions: 0, clients: 0, servers: 0, alarms: 0 })
  })
})

describe('P2: what was said before the crash, and not confirmed, is said again', () => {
  test('a refusal: the final response, and no BYE', () => {
    const stage = new Stage()
    const { session, invite } = stage.incoming()
    session.end(order)
    const { next, revived, heard } = crash(stage, session.snapshot())
    expect(revived.end(order)).toEqual({ message: '486', queued: false })
    next.pass()
    const refusal = stage.peer.responses('INVITE', 486).at(-1)!
    stage.peer.send(stage.peer.within(invite, refusal, 'ACK', { branch: via(invite)?.branch ?? '' }))
    next.pass(40_000)
    expect(heard.facts).toEqual([['told', 'delivered']])
    expect(stage.peer.requests('BYE')).toEqual([])
    expect(next.agent.counts).toEqual({ sessions: 0, clients: 0, servers: 0, alarms: 0 })
  })

  test('a BYE', () => {
    const stage = new Stage()
    const { session } = stage.answeredIncoming()
    stage.peer.autoReply = null
    session.end(order)
    stage.pass()
    const { next, revived, heard } = crash(stage, session.snapshot())
    stage.peer.autoReply = 200
    expect(revived.end(order)).toMatchObject({ message: 'BYE' })
    next.pass()
    expect(heard.facts).toEqual([['told', 'delivered']])
  })

  test('a CANCEL that waited for the first response', () => {
    const stage = new Stage()
    const { session } = stage.outgoing()
    session.end(order)
    stage.pass()
    expect(stage.peer.requests('CANCEL')).toEqual([])
    const { next, revived } = crash(stage, session.snapshot())
    expect(revived.end(order)).toMatchObject({ message: 'CANCEL' })
    next.pass()
    expect(stage.peer.requests('CANCEL')).toHaveLength(1)
  })
})

describe('an incoming call that was not answered', () => {
  test.each([undefined, 180])('is refused in the transaction of its INVITE (after %s)', (progress) => {
    const stage = new Stage()
    const { session, invite } = stage.incoming({ vias: ['SIP/2.0/UDP 10.9.9.9;branch=z9hG4bKfar'] })
    if (progress !== undefined) session.progress(progress)
    stage.pass()
    const { next, revived, heard } = crash(stage, session.snapshot())
    expect(revived.end(order)).toEqual({ message: '486', queued: false })
    next.pass()
    const refusal = first(stage.peer.responses('INVITE', 486))
    expect(to(refusal)?.tag).toBe(session.localTag)
    expect(refusal.headers.all('via')).toEqual(first(stage.peer.responses('INVITE', 100)).headers.all('via'))
    next.pass(1_500)
    expect(stage.peer.responses('INVITE', 486)).toHaveLength(3)
    stage.peer.send(stage.peer.within(invite, refusal, 'ACK', { branch: via(invite)?.branch ?? '' }))
    next.pass(40_000)
    expect(heard.facts).toEqual([['told', 'delivered']])
    expect(next.agent.counts).toEqual({ sessions: 0, clients: 0, servers: 0, alarms: 0 })
  })

  test('a retransmitted INVITE starts no second call, before the end and after', () => {
    const stage = new Stage()
    const { session, invite } = stage.incoming()
    const { next, revived } = crash(stage, session.snapshot())
    stage.peer.send(invite)
    next.pass()
    revived.end(order)
    next.pass()
    stage.peer.send(invite)
    next.pass()
    expect(next.calls).toEqual([])
    expect(stage.peer.responses('INVITE', 486)).toHaveLength(2)
  })

  test('its CANCEL gets 200 and 487', () => {
    const stage = new Stage()
    const { session, invite } = stage.incoming()
    const { next, revived, heard } = crash(stage, session.snapshot())
    stage.peer.send(stage.peer.cancel(invite, [['Reason', 'Q.850;cause=16']]))
    next.pass()
    expect(stage.peer.heard.slice(-2).sort()).toEqual(['200 CANCEL', '487 INVITE'])
    expect(heard.facts).toEqual([['byeReceived', ['Q.850;cause=16']]])
    expect(revived.end(order)).toEqual({ message: null, queued: false })
    next.pass(40_000)
    expect(next.agent.counts).toEqual({ sessions: 0, clients: 0, servers: 0, alarms: 0 })
  })
})

describe('an outgoing call that was not answered', () => {
  test('the snapshot exists before the INVITE leaves, and is enough to cancel it', () => {
    const stage = new Stage()
    const heard = new Heard()
    const session = stage.agent.invite(
      { target: 'sip:bob@10.0.0.2', from: { uri: 'sip:us@10.0.0.1' }, sdp: offer },
      heard,
    )
    const stored = session.snapshot()
    session.send()
    stage.pass()
    const invite = stage.latest('INVITE')
    stage.peer.respond(invite, 180, { tag: 'bob' })
    stage.pass()
    const { next, revived, heard: after } = crash(stage, stored)
    expect(revived.end(order)).toEqual({ message: 'CANCEL', queued: false, reason: 'Q.850;cause=19' })
    next.pass()
    const cancel = stage.latest('CANCEL')
    expect(cancel.uri).toBe(invite.uri)
    for (const name of ['via', 'from', 'to', 'call-id'])
      expect(cancel.headers.all(name)).toEqual(invite.headers.all(name))
    expect(cseq(cancel)).toEqual({ seq: 1, method: 'CANCEL' })
    stage.peer.respond(invite, 487, { tag: 'bob' })
    next.pass()
    expect(stage.peer.heard).toEqual(['INVITE', 'CANCEL', 'ACK'])
    expect(after.facts).toEqual([['told', 'delivered']])
    next.pass(40_000)
    expect(next.agent.counts).toEqual({ sessions: 0, clients: 0, servers: 0, alarms: 0 })
  })

  test('a late 2xx gets ACK and BYE', () => {
    const stage = new Stage()
    const { session, invite } = stage.outgoing({ routes: ['sip:10.0.0.2;lr'], target: 'sip:bob@biloxi.example' })
    const { next, revived, heard } = crash(stage, session.snapshot())
    revived.end(order)
    stage.peer.respond(invite, 200, { tag: 'bob', sdp: answer, recordRoutes: ['<sip:10.0.0.2;lr>'] })
    next.pass()
    stage.peer.respond(invite, 200, { tag: 'bob', sdp: answer, recordRoutes: ['<sip:10.0.0.2;lr>'] })
    next.pass()
    expect(stage.peer.heard).toEqual(['INVITE', 'CANCEL', 'ACK', 'BYE', 'ACK'])
    expect(stage.latest('CANCEL').headers.all('route')).toEqual(['<sip:10.0.0.2;lr>'])
    expect(stage.latest('BYE').headers.get('reason')).toBe('Q.850;cause=16')
    expect(heard.facts).toEqual([['told', 'delivered']])
    next.pass(40_000)
    expect(next.agent.counts).toEqual({ sessions: 0, clients: 0, servers: 0, alarms: 0 })
  })

  test('the INVITE had gone out anew with credentials, and that was not stored: the second CANCEL finds it', () => {
    const stage = new Stage({ credentials: () => ({ username: 'us', secret: { password: 'p' } }) })
    const { session, invite } = stage.outgoing()
    const stored = session.snapshot()
    stage.peer.respond(invite, 401, { tag: 'x', lines: [['WWW-Authenticate', 'Digest realm="r", nonce="n"']] })
    stage.pass()
    const second = stage.latest('INVITE')
    stage.peer.autoReply = 481
    const { next, revived } = crash(stage, stored)
    revived.end(order)
    next.pass()
    const [stale, right] = stage.peer.requests('CANCEL')
    expect(via(stale as typeof invite)?.branch).toBe(via(invite)?.branch)
    expect([via(right as typeof invite)?.branch, cseq(right as typeof invite)?.seq]).toEqual([via(second)?.branch, 2])
    next.pass(40_000)
    expect(stage.peer.requests('CANCEL')).toHaveLength(2)
    expect(next.agent.counts).toEqual({ sessions: 0, clients: 0, servers: 0, alarms: 0 })
  })

  test('nobody knows of it any more: delivered once the wait is over', () => {
    const stage = new Stage()
    const { session } = stage.outgoing()
    stage.peer.autoReply = 481
    const { next, revived, heard } = crash(stage, session.snapshot())
    revived.end(order)
    next.pass(32_001)
    expect(heard.facts).toEqual([['told', 'delivered']])
    next.pass(10_000)
    expect(next.agent.counts).toEqual({ sessions: 0, clients: 0, servers: 0, alarms: 0 })
  })
})

test('a revived session that nobody ends can be released', () => {
  const stage = new Stage()
  const { session } = stage.incoming()
  const { next, revived } = crash(stage, session.snapshot())
  revived.release()
  next.pass(1_000)
  expect(next.agent.counts).toEqual({ sessions: 0, clients: 0, servers: 0, alarms: 0 })
})
