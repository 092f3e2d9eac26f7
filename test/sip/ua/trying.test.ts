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
