import { describe, expect, test } from 'vitest'
import { cseq, to, via } from '../../../src/sip/message/accessors.ts'
import { answer, first, nothingLeft, order, Stage } from './stage.ts'

const queuedCancel = { message: 'CANCEL', queued: true, reason: 'Q.850;cause=19' }
const cancelNow = { message: 'CANCEL', queued: false, reason: 'Q.850;cause=19' }
const byeNow = { message: 'BYE', queued: false, reason: 'Q.850;cause=16' }
const queuedBye = { message: 'BYE', queued: true, reason: 'Q.850;cause=16' }

describe('outgoing, no response at all', () => {
  test('nothing yet; a 1xx releases the CANCEL at once', () => {
    const stage = new Stage()
    const { session, invite, heard } = stage.outgoing()
    expect(session.end(order)).toEqual(queuedCancel)
    stage.pass(400)
    expect(stage.peer.heard).toEqual(['INVITE'])
    stage.peer.respond(invite, 100)
    stage.pass()
    expect(stage.peer.times('CANCEL')).toEqual([stage.start + 400])
    stage.peer.respond(invite, 487, { tag: 'bob' })
    stage.pass()
    expect(stage.peer.heard).toEqual(['INVITE', 'CANCEL', 'ACK'])
    expect(heard.facts).toEqual([['told', 'delivered']])
    stage.pass(40_000)
    expect(stage.left).toEqual(nothingLeft)
  })

  test('a 2xx instead: ACK, then BYE', () => {
    const stage = new Stage()
    const { session, invite, heard } = stage.outgoing()
    session.end(order)
    stage.peer.respond(invite, 200, { tag: 'bob', sdp: answer })
    stage.pass()
    expect(stage.peer.heard).toEqual(['INVITE', 'ACK', 'BYE'])
    expect(stage.peer.requests('BYE')[0]?.headers.get('reason')).toBe('Q.850;cause=16')
    expect(heard.facts).toEqual([['told', 'delivered']])
    stage.pass(40_000)
    expect(stage.left).toEqual(nothingLeft)
  })

  test('a refusal instead: its ACK, and done', () => {
    const stage = new Stage()
    const { session, invite, heard } = stage.outgoing()
    session.end(order)
    stage.peer.respond(invite, 486, { tag: 'bob' })
    stage.pass()
    expect(stage.peer.heard).toEqual(['INVITE', 'ACK'])
    expect(heard.facts).toEqual([['told', 'delivered']])
  })

  test('nothing ever: timer B, and no CANCEL', () => {
    const stage = new Stage()
    const { session, heard } = stage.outgoing()
    session.end(order)
    stage.pass(31_999)
    expect(heard.facts).toEqual([])
    stage.pass(1)
    expect(heard.facts).toEqual([['told', 'unconfirmed']])
    expect(new Set(stage.peer.heard)).toEqual(new Set(['INVITE']))
    stage.pass(1)
    expect(stage.left).toEqual(nothingLeft)
  })
})

describe('outgoing, a 1xx received', () => {
  test('CANCEL copies what it must, and nothing else', () => {
    const stage = new Stage()
    const { session, invite } = stage.outgoing({
      routes: ['sip:10.0.0.2;lr'],
      target: 'sip:bob@biloxi.example',
      headers: [['Require', 'timer']],
    })
    stage.peer.respond(invite, 180, { tag: 'bob' })
    stage.pass()
    expect(session.end(order)).toEqual(cancelNow)
    stage.pass()
    const cancel = stage.latest('CANCEL')
    expect(cancel.uri).toBe(invite.uri)
    for (const name of ['via', 'route', 'from', 'to', 'call-id']) {
      expect(cancel.headers.all(name)).toEqual(invite.headers.all(name))
    }
    expect(to(cancel)?.tag).toBeUndefined()
    expect(cseq(cancel)).toEqual({ seq: cseq(invite)?.seq, method: 'CANCEL' })
    expect(cancel.headers.has('require')).toBe(false)
    expect(cancel.headers.has('proxy-require')).toBe(false)
    expect(cancel.headers.all('via')).toHaveLength(1)
    expect(cancel.headers.get('reason')).toBe('Q.850;cause=19')
    expect(via(cancel)?.branch).toBe(via(invite)?.branch)
  })

  test('no final response within 64·T1: the INVITE is forgotten, and the 200 of the CANCEL was the answer', () => {
    const stage = new Stage()
    const { session, invite, heard } = stage.outgoing()
    stage.peer.respond(invite, 180, { tag: 'bob' })
    stage.pass()
    session.end(order)
    stage.pass(32_000)
    expect(heard.names).toEqual(['ringing', 'told'])
    expect(heard.fact('told')).toEqual(['delivered'])
    stage.pass(5_000)
    expect(stage.left).toEqual(nothingLeft)
  })

  test('nor any answer to the CANCEL: unconfirmed', () => {
    const stage = new Stage()
    stage.peer.autoReply = null
    const { session, invite, heard } = stage.outgoing()
    stage.peer.respond(invite, 180, { tag: 'bob' })
    stage.pass()
    session.end(order)
    stage.pass(32_001)
    expect(heard.fact('told')).toEqual(['unconfirmed'])
    stage.pass(5_000)
    expect(stage.left).toEqual(nothingLeft)
  })

  test('every 2xx that still comes gets ACK and BYE, by its own tag and route set', () => {
    const stage = new Stage()
    const { session, invite, heard } = stage.outgoing()
    stage.peer.respond(invite, 180, { tag: 'b1' })
    stage.pass()
    session.end(order)
    stage.pass()
    stage.peer.respond(invite, 200, { tag: 'b1', sdp: answer, recordRoutes: ['<sip:10.0.0.2:5060;lr;p=1>'] })
    stage.peer.respond(invite, 200, { tag: 'b2', sdp: answer })
    stage.pass()
    const acks = stage.peer.requests('ACK')
    const byes = stage.peer.requests('BYE')
    expect(acks.map((ack) => to(ack)?.tag)).toEqual(['b1', 'b2'])
    expect(byes.map((bye) => to(bye)?.tag)).toEqual(['b1', 'b2'])
    expect(byes.map((bye) => bye.headers.all('route'))).toEqual([['<sip:10.0.0.2:5060;lr;p=1>'], []])
    expect(acks.map((ack) => ack.headers.all('route'))).toEqual([['<sip:10.0.0.2:5060;lr;p=1>'], []])
    expect(heard.facts.at(-1)).toEqual(['told', 'delivered'])
    stage.pass(40_000)
    expect(stage.left).toEqual(nothingLeft)
  })
})

test('outgoing, 2xx received: the ACK is first, the BYE second', () => {
  const stage = new Stage()
  const { session, heard } = stage.answeredOutgoing()
  expect(session.end(order)).toEqual(byeNow)
  stage.pass()
  expect(stage.peer.heard).toEqual(['INVITE', 'ACK', 'BYE'])
  expect(heard.names).toEqual(['answered', 'changed', 'told'])
  stage.pass(40_000)
  expect(stage.left).toEqual(nothingLeft)
})

test('an end inside the callback that reports the answer still has the ACK before it', () => {
  const stage = new Stage()
  const { session, heard, invite } = stage.outgoing()
  heard.answered = () => void session.end(order)
  stage.peer.respond(invite, 200, { tag: 'bob', sdp: answer })
  stage.pass()
  expect(stage.peer.heard).toEqual(['INVITE', 'ACK', 'BYE'])
})

describe('incoming, no final response sent', () => {
  test.each([
    ['before any 1xx of ours', undefined],
    ['while it rings', 180],
    ['with early media', 183],
  ])('%s: a final response, and never BYE', (_when, status) => {
    const stage = new Stage()
    const { session, invite, heard } = stage.incoming()
    if (status !== undefined) session.progress(status, status === 183 ? answer : undefined)
    expect(session.end(order)).toEqual({ message: '486', queued: false, reason: 'Q.850;cause=17' })
    stage.pass()
    const refusal = first(stage.peer.responses('INVITE', 486))
    expect(refusal.headers.get('reason')).toBe('Q.850;cause=17')
    expect(to(refusal)?.tag).toBe(session.localTag)
    stage.peer.send(stage.peer.within(invite, refusal, 'ACK', { branch: via(invite)?.branch ?? '' }))
    stage.pass()
    expect(heard.facts).toEqual([['told', 'delivered']])
    expect(stage.peer.heard).not.toContain('BYE')
    stage.pass(40_000)
    expect(stage.left).toEqual(nothingLeft)
  })

  test('no ACK: timer G repeats it, timer H ends it', () => {
    const stage = new Stage()
    const { session, heard } = stage.incoming()
    session.end(order)
    stage.pass(32_000)
    const times = stage.peer.times('486 INVITE').map((at) => at - stage.start)
    expect(times).toEqual([0, 500, 1500, 3500, 7500, 11500, 15500, 19500, 23500, 27500, 31500])
    expect(heard.facts).toEqual([['told', 'unconfirmed']])
    expect(stage.left).toEqual(nothingLeft)
  })
})

describe('incoming, our 2xx not acknowledged', () => {
  test('the BYE waits for the ACK, and then goes once', () => {
    const stage = new Stage()
    const { session, invite, heard } = stage.incoming()
    session.accept(answer)
    stage.pass(300)
    expect(session.end(order)).toEqual(queuedBye)
    stage.pass(3_000)
    expect(stage.peer.heard).not.toContain('BYE')
    const ok = first(stage.peer.responses('INVITE', 200))
    stage.peer.send(stage.peer.within(invite, ok, 'ACK'))
    stage.peer.send(stage.peer.within(invite, ok, 'ACK'))
    stage.pass()
    expect(stage.peer.times('BYE')).toEqual([stage.start + 3_300])
    expect(heard.names).toEqual(['acknowledged', 'told'])
    stage.pass(40_000)
    expect(stage.peer.requests('BYE')).toHaveLength(1)
    expect(stage.left).toEqual(nothingLeft)
  })

  test('no ACK for 64·T1: BYE anyway, with the reason that was queued', () => {
    const stage = new Stage()
    const { session, heard } = stage.incoming()
    session.accept(answer)
    session.end(order)
    stage.pass(31_999)
    expect(stage.peer.heard).not.toContain('BYE')
    stage.pass(1)
    expect(stage.peer.requests('BYE').map((bye) => bye.headers.get('reason'))).toEqual(['Q.850;cause=16'])
    expect(heard.facts).toEqual([['told', 'delivered']])
    stage.pass(40_000)
    expect(stage.left).toEqual(nothingLeft)
  })
})

describe('confirmed', () => {
  test('incoming: BYE with route set, remote target, and our own CSeq', () => {
    const stage = new Stage()
    const { session, heard } = stage.answeredIncoming({
      recordRoutes: ['<sip:10.0.0.2:5060;lr;p=1>', '<sip:p2.example;lr>'],
      contact: '<sip:alice@203.0.113.9:7000;x=y>',
    })
    expect(session.end(order)).toEqual(byeNow)
    stage.pass()
    const bye = stage.latest('BYE')
    expect(bye.uri).toBe('sip:alice@203.0.113.9:7000;x=y')
    expect(bye.headers.all('route')).toEqual(['<sip:10.0.0.2:5060;lr;p=1>', '<sip:p2.example;lr>'])
    expect(cseq(bye)).toEqual({ seq: 1, method: 'BYE' })
    expect(heard.facts.at(-1)).toEqual(['told', 'delivered'])
    stage.pass(40_000)
    expect(stage.left).toEqual(nothingLeft)
  })

  test.each([200, 202, 481, 408, 403, 500, 503, 603])('BYE answered %i: the dialog is gone all the same', (status) => {
    const stage = new Stage()
    stage.peer.autoReply = status
    const { session, heard } = stage.answeredIncoming()
    session.end(order)
    stage.pass()
    expect(heard.facts.at(-1)).toEqual(['told', 'delivered'])
    stage.pass(40_000)
    expect(stage.peer.requests('BYE')).toHaveLength(1)
    expect(stage.left).toEqual(nothingLeft)
  })

  test('BYE never answered: timer F, and it is gone too', () => {
    const stage = new Stage()
    stage.peer.autoReply = null
    const { session, heard } = stage.answeredIncoming()
    session.end(order)
    stage.pass(32_000)
    expect(stage.peer.times('BYE').map((at) => at - stage.start)).toEqual([
      0, 500, 1500, 3500, 7500, 11500, 15500, 19500, 23500, 27500, 31500,
    ])
    expect(heard.facts.at(-1)).toEqual(['told', 'unconfirmed'])
    stage.pass(1)
    expect(stage.left).toEqual(nothingLeft)
  })
})

describe('a re-INVITE is pending', () => {
  test('ours: BYE at once; the late 2xx is still acknowledged', () => {
    const stage = new Stage()
    const { session } = stage.answeredIncoming()
    session.reinvite(answer)
    stage.pass()
    session.end(order)
    stage.pass()
    stage.peer.respond(stage.latest('INVITE'), 200, { sdp: answer })
    stage.pass()
    expect(stage.peer.heard.slice(-3)).toEqual(['INVITE', 'BYE', 'ACK'])
    stage.pass(40_000)
    expect(stage.left).toEqual(nothingLeft)
  })

  test('ours: a 481 to it is acknowledged by the transaction, and starts no second BYE', () => {
    const stage = new Stage()
    const { session, heard } = stage.answeredIncoming()
    session.reinvite(answer)
    stage.pass()
    session.end(order)
    stage.pass()
    stage.peer.respond(stage.latest('INVITE'), 481)
    stage.pass(40_000)
    expect(stage.peer.heard.slice(-3)).toEqual(['INVITE', 'BYE', 'ACK'])
    expect(heard.names).toEqual(['acknowledged', 'told'])
    expect(stage.left).toEqual(nothingLeft)
  })

  test('ours, with a 1xx and then nothing: it is not waited for without end', () => {
    const stage = new Stage()
    const { session } = stage.answeredIncoming()
    session.reinvite(answer)
    stage.pass()
    stage.peer.respond(stage.latest('INVITE'), 180)
    stage.pass(100_000)
    expect(stage.agent.counts.clients).toBe(1)
    session.end(order)
    stage.pass(32_000)
    expect(stage.left).toEqual(nothingLeft)
  })

  test("the peer's: BYE, and its re-INVITE is answered 487", () => {
    const stage = new Stage()
    const { session, invite, ok, heard } = stage.answeredIncoming()
    heard.reoffered = () => {}
    stage.peer.send(stage.peer.within(invite, ok, 'INVITE', { seq: 2, sdp: answer }))
    stage.pass()
    session.end(order)
    stage.pass()
    expect(stage.peer.heard.slice(-3)).toEqual(['100 INVITE', '487 INVITE', 'BYE'])
  })
})

describe('never a dialog', () => {
  test('prepared, not sent: nothing goes out', () => {
    const stage = new Stage()
    const { session, heard } = stage.outgoing()
    const second = stage.agent.invite(
      { target: 'sip:x@10.0.0.2', from: { uri: 'sip:us@10.0.0.1' }, sdp: answer },
      heard,
    )
    expect(second.end(order)).toEqual({ message: null, queued: false })
    expect(heard.facts).toEqual([['told', 'local-only']])
    second.send()
    stage.pass()
    expect(stage.peer.requests('INVITE')).toHaveLength(1)
    session.end(order)
  })

  test.each([
    ['refused', 486],
    ['redirected', 302],
  ])('%s: nothing goes out', (_how, status) => {
    const stage = new Stage()
    const { session, invite, heard } = stage.outgoing()
    stage.peer.respond(invite, status, { tag: 'bob' })
    stage.pass()
    expect(session.end(order)).toEqual({ message: null, queued: false })
    stage.pass(40_000)
    expect(stage.peer.heard).toEqual(['INVITE', 'ACK'])
    expect(heard.names).toEqual(['refused'])
    expect(stage.left).toEqual(nothingLeft)
  })
})

describe('a second end', () => {
  const ways = ['queued', 'ringing', 'answered', 'refused'] as const

  test.each(ways)('returns what the first one did, and sends nothing (%s)', (way) => {
    const stage = new Stage()
    const session =
      way === 'answered'
        ? stage.answeredIncoming().session
        : way === 'refused'
          ? stage.incoming().session
          : outgoing(way)
    const first = session.end(order)
    stage.pass()
    const sent = stage.network.packets.length
    expect(session.end({ ...order, bye: [], cancel: [] })).toBe(first)
    expect(session.bye([])).toBe(first)
    stage.pass()
    expect(stage.network.packets.length).toBe(sent)

    function outgoing(how: 'queued' | 'ringing') {
      const call = stage.outgoing()
      if (how === 'ringing') stage.peer.respond(call.invite, 180, { tag: 'bob' })
      stage.pass()
      return call.session
    }
  })
})
