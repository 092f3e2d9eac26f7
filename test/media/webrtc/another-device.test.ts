import { createSocket } from 'node:dgram'
import { expect, onTestFinished, test } from 'vitest'
import { classes, Message, methods } from 'werift'
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

/** A check as a device sends it: signed with the caller's password, which every device of the user knows. */
async function knock(caller: OurPeerAddress, names: string): Promise<'answered' | 'silence'> {
  const socket = createSocket('udp4')
  onTestFinished(() => void socket.close())
  const check = new Message(methods.BINDING, classes.REQUEST)
  check.setAttribute('USERNAME', names)
  check.setAttribute('PRIORITY', 1_853_824_767)
  check.setAttribute('ICE-CONTROLLED', 1n)
  check.addMessageIntegrity(Buffer.from(caller.password)).addFingerprint()
  const answered = new Promise<'answered'>((resolve) => socket.once('message', () => resolve('answered')))
  socket.send(check.bytes, caller.port, caller.host)
  const silence = new Promise<'silence'>((resolve) => setTimeout(() => resolve('silence'), 500))
  return Promise.race([answered, silence])
}

type OurPeerAddress = Readonly<{ host: string; port: number; password: string }>

const ufrag = (sdp: string) => /a=ice-ufrag:(\S+)/.exec(sdp)?.[1] ?? ''

test('a check is answered only where both halves of its name are those of the call', async () => {
  const caller = await ourPeer(mediaForTest())
  const winner = await ourPeer(mediaForTest())
  trickle(caller.session, winner.session)
  trickle(winner.session, caller.session)
  const offer = await caller.session.offer()
  const answer = await winner.session.answer(offer)
  await caller.session.accept(answer)
  await until(() => caller.states.at(-1) === 'connected' && winner.states.at(-1) === 'connected')
  const host = caller.candidates.map(({ candidate }) => candidate.split(' ')).find((each) => each[7] === 'host')!
  const address = { host: host[4]!, port: Number(host[5]), password: /a=ice-pwd:(\S+)/.exec(offer)![1]! }
  const [ours, theirs] = [ufrag(offer), ufrag(answer)]
  expect(await knock(address, `${ours}:${theirs}`)).toBe('answered')
  // Another device knows our half, and the password; its own half gives it away.
  expect(await knock(address, `${ours}:LOSER`)).toBe('silence')
  expect(await knock(address, `OTHER:${theirs}`)).toBe('silence')
  expect(await knock(address, `${ours}`)).toBe('silence')
})
