/** Table 1.3 of every timer that shows on the wire: T1 = 500 ms, T2 = 4 s, T4 = 5 s. Milliseconds from the first sending. */
import { describe, expect, test } from 'vitest'
import { duration, standardTiming, type TimerName } from '../../../src/sip/transaction/timing.ts'
import { answer, first, nothingLeft, order, Stage } from '../ua/stage.ts'

const doubling = [0, 500, 1500, 3500, 7500, 15_500, 31_500]
const capped = [0, 500, 1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500]

const times = (stage: Stage, what: string) => stage.peer.times(what).map((at) => at - stage.start)

test('A and B: an INVITE without any response', () => {
  const stage = new Stage()
  const { heard } = stage.outgoing()
  stage.pass(31_999)
  expect(heard.facts).toEqual([])
  stage.pass(1)
  expect(times(stage, 'INVITE')).toEqual(doubling)
  expect(heard.facts).toEqual([['failed', 'timeout']])
  expect(stage.left).toEqual(nothingLeft)
})

test('D: a refused INVITE is kept 32 s', () => {
  const stage = new Stage()
  const { invite } = stage.outgoing()
  stage.peer.respond(invite, 486, { tag: 'b' })
  stage.pass(31_999)
  expect(stage.agent.counts.clients).toBe(1)
  stage.pass(1)
  expect(stage.left).toEqual(nothingLeft)
})

test('E and F: a BYE without any response', () => {
  const stage = new Stage()
  stage.peer.autoReply = null
  stage.answeredIncoming().session.end(order)
  stage.pass(40_000)
  expect(times(stage, 'BYE')).toEqual(capped)
})

test('E in Proceeding: every T2 after a 1xx', () => {
  const stage = new Stage()
  stage.peer.autoReply = null
  stage.answeredIncoming().session.end(order)
  stage.pass(600)
  stage.peer.respond(stage.latest('BYE'), 100)
  stage.pass(40_000)
  expect(times(stage, 'BYE')).toEqual([0, 500, 1500, 5500, 9500, 13_500, 17_500, 21_500, 25_500, 29_500])
})

test('G and H: a refusal without its ACK', () => {
  const stage = new Stage()
  stage.incoming().session.end(order)
  stage.pass(40_000)
  expect(times(stage, '486 INVITE')).toEqual(capped)
  expect(stage.left).toEqual(nothingLeft)
})

test('I: after the ACK of a refusal, 5 s', () => {
  const stage = new Stage()
  const { invite, session } = stage.incoming()
  session.end(order)
  stage.pass()
  stage.peer.send(
    stage.peer.within(invite, first(stage.peer.responses('INVITE', 486)), 'ACK', { branch: 'z9hG4bKpeer1' }),
  )
  stage.pass(4_999)
  expect(stage.agent.counts.servers).toBe(1)
  stage.pass(1)
  expect(stage.left).toEqual(nothingLeft)
})

test('J and L: an answered BYE, and an answered INVITE, are kept 32 s', () => {
  const stage = new Stage()
  const { invite, ok } = stage.answeredIncoming()
  stage.pass(1_000)
  stage.peer.send(stage.peer.within(invite, ok, 'BYE'))
  stage.pass(30_999)
  expect(stage.agent.counts.servers).toBe(2)
  stage.pass(1)
  expect(stage.agent.counts.servers).toBe(1)
  stage.pass(1_000)
  expect(stage.left).toEqual(nothingLeft)
})

test('K: a BYE of ours, once answered, 5 s', () => {
  const stage = new Stage()
  stage.pass()
  const { session } = stage.answeredIncoming()
  stage.pass(40_000)
  session.end(order)
  stage.pass(4_999)
  expect(stage.agent.counts.clients).toBe(1)
  stage.pass(1)
  expect(stage.left).toEqual(nothingLeft)
})

test('M: an INVITE of ours, once accepted, 32 s from the first 2xx', () => {
  const stage = new Stage()
  const { invite } = stage.answeredOutgoing()
  stage.pass(31_999)
  stage.peer.respond(invite, 200, { tag: 'bob', sdp: answer })
  stage.pass()
  expect(stage.peer.requests('ACK')).toHaveLength(2)
  stage.pass(1)
  expect(stage.agent.counts.clients).toBe(0)
})

test('the 2xx of the user, end to end: T1 doubling to T2 until the ACK, 64·T1 at most', () => {
  const stage = new Stage()
  const { session, heard } = stage.incoming()
  session.accept(answer)
  stage.pass(40_000)
  expect(times(stage, '200 INVITE')).toEqual(capped)
  expect(heard.fact('lost')).toEqual(['no-ack'])
  expect(times(stage, 'BYE')).toEqual([32_000])
})

describe('the table', () => {
  const rows: readonly [TimerName, number, number][] = [
    ['A', 0, 500],
    ['A', 1, 1000],
    ['A', 5, 16_000],
    ['B', 0, 32_000],
    ['D', 0, 32_000],
    ['E', 0, 500],
    ['E', 2, 2000],
    ['E', 3, 4000],
    ['E', 9, 4000],
    ['E', 4000, 4000],
    ['E-slow', 0, 4000],
    ['F', 0, 32_000],
    ['G', 0, 500],
    ['G', 7, 4000],
    ['H', 0, 32_000],
    ['I', 0, 5000],
    ['J', 0, 32_000],
    ['K', 0, 5000],
    ['L', 0, 32_000],
    ['M', 0, 32_000],
    ['cancel-wait', 0, 32_000],
  ]
  test.each(rows)('%s after %i firings: %i ms', (timer, fired, ms) => {
    expect(duration(timer, fired, standardTiming)).toBe(ms)
  })
})

test('over TCP what has no use is gone at once', async () => {
  const stage = new Stage({ transport: 'TCP' })
  const { invite, ok, session } = stage.answeredIncoming({ contact: '<sip:alice@10.0.0.2:5060;transport=tcp>' })
  stage.pass(40_000)
  stage.peer.send(stage.peer.within(invite, ok, 'OPTIONS'))
  stage.pass()
  expect(stage.agent.counts).toEqual({ sessions: 1, clients: 0, servers: 0, alarms: 0 })
  session.end(order)
  stage.pass()
  expect(stage.left).toEqual(nothingLeft)
})
