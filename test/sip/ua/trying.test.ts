import { expect, test } from 'vitest'
import type { UasSession } from '../../../src/sip/ua/incoming.ts'
import { answer, nothingLeft, order, Stage } from './stage.ts'

/** RFC 3261 §17.2.1: a 100 within 200 ms, unless the answer is known to come sooner. */

test('a 100 that the answer overtakes is never sent', () => {
  const stage = new Stage({ tryingAfter: 8 })
  const { session } = stage.incoming()
  stage.pass(5)
  session.accept(answer)
  stage.pass(100)
  expect(stage.peer.responses('INVITE').map(({ status }) => status)).toEqual([200])
})

test('a refusal and a 180 overtake it as well', () => {
  for (const [act, expected] of [
    [(session: UasSession) => session.end(order), [486]],
    [(session: UasSession) => session.progress(180), [180]],
  ] as const) {
    const stage = new Stage({ tryingAfter: 8 })
    const { session } = stage.incoming()
    stage.pass(5)
    act(session)
    stage.pass(100)
    expect(stage.peer.responses('INVITE').map(({ status }) => status)).toEqual(expected)
  }
})

test('one that nothing overtakes goes out at its time, and once', () => {
  const stage = new Stage({ tryingAfter: 8 })
  const { session } = stage.incoming()
  stage.pass(300)
  expect(stage.peer.responses('INVITE').map(({ status }) => status)).toEqual([100])
  session.end(order)
  stage.pass(100_000)
  expect(stage.left).toEqual(nothingLeft)
})

test('where it must be asked for, there is none before, and it waits from then', () => {
  const stage = new Stage({ trying: 'asked', tryingAfter: 8 })
  const { session, invite } = stage.incoming()
  stage.pass(600)
  // Nothing came, so the caller repeats itself.
  stage.peer.send(invite)
  stage.pass(600)
  expect(stage.peer.responses('INVITE')).toEqual([])
  session.trying()
  session.trying()
  stage.pass(7)
  expect(stage.peer.responses('INVITE')).toEqual([])
  stage.pass(300)
  expect(stage.peer.responses('INVITE').map(({ status }) => status)).toEqual([100])
  session.trying()
  session.end(order)
  session.trying()
  stage.pass(100_000)
  expect(new Set(stage.peer.responses('INVITE').map(({ status }) => status))).toEqual(new Set([100, 486]))
  expect(stage.left).toEqual(nothingLeft)
})
