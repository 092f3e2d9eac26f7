import { expect, test } from 'vitest'
import { mediaForTest, sleepFor } from '../far-end.ts'
import { connected, join, until } from './peers.ts'

const media = mediaForTest

test('a new offer holds and resumes, and silence on hold is no loss', async () => {
  const engine = media({ lostAfter: 2000, rtcp: false })
  const [caller, callee] = await connected(engine)
  const losses: string[] = []
  caller.session.onLost((loss) => void losses.push(loss))
  void caller.session.play({ type: 'tone', frequency: 500, milliseconds: 1000 }, { loop: 0 })
  void callee.session.play({ type: 'tone', frequency: 500, milliseconds: 1000 }, { loop: 0 })
  caller.session.watch(true)
  await until(() => true)
  const hold = await callee.session.offer({ direction: 'inactive' })
  const answer = await caller.session.answer(hold)
  expect(answer).toContain('a=inactive')
  await callee.session.accept(answer)
  await callee.session.stats()
  const before = (await callee.session.stats()).packetsSent
  await sleepFor(2500)
  expect(losses).toEqual([])
  expect((await callee.session.stats()).packetsSent).toBe(before)
  const resumed = await join(callee.session, caller.session)
  expect(resumed.answer).toContain('a=sendrecv')
  const held = (await caller.session.stats()).packetsReceived
  while ((await caller.session.stats()).packetsReceived < held + 10) await sleepFor(20)
  expect(caller.states).toEqual(['connecting', 'connected'])
})

test('the same names in a new offer are no restart: the sound goes on', async () => {
  const [caller, callee] = await connected(media())
  const { offer, answer } = await join(callee.session, caller.session)
  const again = await join(caller.session, callee.session)
  const ufrag = (sdp: string) => /a=ice-ufrag:(\S+)/.exec(sdp)?.[1]
  expect(ufrag(again.offer)).toBe(ufrag(answer))
  expect(ufrag(again.answer)).toBe(ufrag(offer))
  expect(/^o=- \d+ (\d+)/m.exec(again.offer)?.[1]).toBe('3')
})
