/** An answer that must be stored before it is acknowledged: until the ACK the callee repeats it, also to whoever comes after a crash. */
import { expect, test } from 'vitest'
import type { SessionSnapshot } from '../../../src/sip/ua/snapshot.ts'
import { answer, Heard, nothingLeft, order, Stage } from './stage.ts'

const answered = (stage: Stage) => {
  const call = stage.outgoing({ ack: 'held' })
  stage.peer.respond(call.invite, 200, { tag: 'bob', sdp: answer })
  stage.pass()
  return call
}

test('the ACK waits until it is asked for, and goes out once', () => {
  const stage = new Stage()
  const { session, heard, invite } = answered(stage)
  expect(heard.names).toContain('answered')
  expect(stage.peer.heard).toEqual(['INVITE'])
  stage.peer.respond(invite, 200, { tag: 'bob', sdp: answer })
  stage.pass(100)
  expect(stage.peer.heard).toEqual(['INVITE'])
  session.acknowledge()
  session.acknowledge()
  stage.pass()
  expect(stage.peer.heard).toEqual(['INVITE', 'ACK'])
  stage.peer.respond(invite, 200, { tag: 'bob', sdp: answer })
  stage.pass()
  expect(stage.peer.heard).toEqual(['INVITE', 'ACK', 'ACK'])
})

test('an end does not wait: ACK, then BYE', () => {
  const stage = new Stage()
  const { session, heard } = answered(stage)
  expect(session.end(order)).toMatchObject({ message: 'BYE', queued: false })
  session.acknowledge()
  stage.pass()
  expect(stage.peer.heard).toEqual(['INVITE', 'ACK', 'BYE'])
  expect(heard.facts.at(-1)).toEqual(['told', 'delivered'])
  stage.pass(80_000)
  expect(stage.left).toEqual(nothingLeft)
})

test('the callee hangs up first: ACK, then 200', () => {
  const stage = new Stage()
  const { session, heard, invite } = answered(stage)
  stage.peer.send(stage.peer.asCallee(invite, 'bob', 'BYE', 1))
  stage.pass()
  session.acknowledge()
  stage.pass()
  expect(stage.peer.heard).toEqual(['INVITE', 'ACK', '200 BYE'])
  expect(heard.names).toContain('byeReceived')
  // It missed the ACK.
  stage.peer.respond(invite, 200, { tag: 'bob', sdp: answer })
  stage.pass()
  expect(stage.peer.heard).toEqual(['INVITE', 'ACK', '200 BYE', 'ACK'])
  stage.pass(80_000)
  expect(stage.left).toEqual(nothingLeft)
})

test('there is nothing to acknowledge before the answer, or after a refusal', () => {
  const stage = new Stage()
  const { session, invite } = stage.outgoing({ ack: 'held' })
  session.acknowledge()
  stage.peer.respond(invite, 486, { tag: 'bob' })
  stage.pass()
  session.acknowledge()
  stage.pass()
  // That of the transaction itself.
  expect(stage.peer.heard).toEqual(['INVITE', 'ACK'])
})

/** The process dies with the ACK unsent; another takes its place with what was stored. */
function restarted(stage: Stage, snapshot: SessionSnapshot) {
  stage.agent.layer.clear()
  void stage.transport.close()
  const next = stage.restarted()
  const heard = new Heard()
  const revived = next.agent.revive(JSON.parse(JSON.stringify(snapshot)) as SessionSnapshot, { told: heard.told })
  return { next, revived, heard }
}

test('the crash comes when the answer is stored, and not acknowledged: ACK, then BYE', () => {
  const stage = new Stage()
  const { session } = answered(stage)
  const { next, revived, heard } = restarted(stage, session.snapshot())
  expect(revived.end(order)).toMatchObject({ message: 'BYE' })
  next.pass()
  expect(stage.peer.heard).toEqual(['INVITE', 'ACK', 'BYE'])
  expect(heard.facts).toEqual([['told', 'delivered']])
})

test('the crash comes before the answer is stored: the callee repeats it, and gets ACK and BYE', () => {
  const stage = new Stage()
  const { session, invite } = stage.outgoing({ ack: 'held' })
  const stored = session.snapshot()
  stage.peer.respond(invite, 200, { tag: 'bob', sdp: answer })
  stage.pass()
  const { next, revived, heard } = restarted(stage, stored)
  revived.end(order)
  next.pass()
  stage.peer.respond(invite, 200, { tag: 'bob', sdp: answer })
  next.pass()
  expect(stage.peer.heard).toEqual(['INVITE', 'CANCEL', 'ACK', 'BYE'])
  expect(heard.facts).toEqual([['told', 'delivered']])
})
