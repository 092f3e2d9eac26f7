import { expect, test } from 'vitest'
import { mediaForTest } from '../far-end.ts'
import { ourPeer, trickle, until } from './peers.ts'

/** Every device of a user may answer one offer, and each then knows the caller's half of STUN's names. */
test('only the device that was chosen is heard, however early and loud another one knocks', async () => {
  const media = mediaForTest()
  const caller = await ourPeer(media)
  const loser = await ourPeer(mediaForTest())
  const winner = await ourPeer(mediaForTest())
  trickle(caller.session, loser.session)
  trickle(caller.session, winner.session)
  const offer = await caller.session.offer()
  await loser.session.answer(offer)
  // The loser's checks come in before, and while, the winner's do.
  await until(() => loser.candidates.length > 0)
  await new Promise((resolve) => setTimeout(resolve, 300))
  trickle(winner.session, caller.session)
  await caller.session.accept(await winner.session.answer(offer))
  await until(() => caller.states.at(-1) === 'connected' && winner.states.at(-1) === 'connected')
  let heard = ''
  caller.session.onDigit((digit) => {
    heard += digit
  })
  await winner.session.sendDigits('42')
  await until(() => heard === '42')
  expect(loser.states).not.toContain('connected')
})
