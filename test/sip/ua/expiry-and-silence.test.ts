/** An INVITE that expires, and one that reaches nobody. */
import { describe, expect, test } from 'vitest'
import { nothingLeft, order, Stage } from './stage.ts'

describe('the transport fails', () => {
  test('ICMP on an INVITE: failed at once, like 503', async () => {
    const stage = new Stage()
    stage.network.nobody = 'refused'
    const { heard } = stage.place({ target: 'sip:bob@10.0.0.77' })
    await stage.clock.pass(1)
    expect(heard.facts).toEqual([['failed', 'transport']])
    expect(stage.left).toEqual(nothingLeft)
  })

  test('a refused connection on an INVITE: the same', async () => {
    const stage = new Stage({ transport: 'TCP' })
    const { heard } = stage.place({ target: 'sip:bob@10.0.0.77;transport=tcp' })
    await stage.clock.pass(1)
    expect(heard.facts).toEqual([['failed', 'transport']])
    expect(stage.left).toEqual(nothingLeft)
  })
})

test("the INVITE's Expires passes before an answer: 487", () => {
  const stage = new Stage()
  const { heard, session } = stage.incoming({ lines: [['Expires', '20']] })
  session.progress(180)
  stage.pass(19_999)
  expect(heard.facts).toEqual([])
  stage.pass(1)
  expect(heard.facts).toEqual([['expired']])
  expect(stage.peer.responses('INVITE').map(({ status }) => status)).toEqual([100, 180, 487])
  expect(session.end(order)).toEqual({ message: null, queued: false })
})

test('an answer disarms the Expires', () => {
  const stage = new Stage()
  const { heard, session } = stage.answeredIncoming({ lines: [['Expires', '200']] })
  session.end(order)
  stage.pass(40_000)
  expect(stage.left).toEqual(nothingLeft)
  stage.pass(200_000)
  expect(heard.names).toEqual(['acknowledged', 'told'])
})
