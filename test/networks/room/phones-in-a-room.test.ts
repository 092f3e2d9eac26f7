/** Three real phones call a number that leads into a room. */
import { expect, test } from 'vitest'
import type { OutgoingCall } from '../../../src/testing/index.ts'
import { stage, until, wireOf } from '../../testing/stage.ts'

const tones = [500, 900, 1300] as const

async function meeting(count: number) {
  const set = await stage({
    routes: [
      { to: '800', from: 'loopback', room: 'standup' },
      { to: '801', from: 'loopback', room: 'another' },
    ],
  })
  const calls: OutgoingCall[] = []
  for (const tone of tones.slice(0, count)) {
    const call = await (await set.phone()).call('800')
    await call.answered()
    call.speak(tone)
    calls.push(call)
  }
  return { ...set, calls }
}

test('each hears the other two', async () => {
  const { calls } = await meeting(3)
  for (const [n, call] of calls.entries()) {
    // Two tones at once: each is half of what is heard, so one is silent for a while.
    for (const other of [0, 1, 2].filter((index) => index !== n)) {
      const third = calls[3 - n - other]!
      third.speak(0)
      await call.hears({ frequency: tones[other]! })
      third.speak(tones[3 - n - other]!)
    }
  }
})

test('nobody hears themselves, nor another room', async () => {
  const { calls, phone } = await meeting(1)
  const away = await (await phone()).call('801')
  await away.answered()
  away.speak(900)
  await calls[0]!.hears('silence')
  await expect(calls[0]!.hears('sound', 500)).rejects.toMatchObject({ code: 'phone.not-heard' })
  await expect(away.hears('sound', 500)).rejects.toMatchObject({ code: 'phone.not-heard' })
})

test('a caller who hangs up leaves the room, and the others go on; each call has one ending and one record', async () => {
  const { calls, record, server } = await meeting(3)
  const [one, two, three] = calls as [OutgoingCall, OutgoingCall, OutgoingCall]
  two.speak(0)
  await one.hears({ frequency: 1300 })
  three.hangup()
  await one.hears('silence')
  two.speak(900)
  await one.hears({ frequency: 900 })
  const { ending, legs, annex } = await record(three)
  expect(ending).toMatchObject({ cause: 'hangup', actor: 'caller', phase: 'answered' })
  expect(legs.map(({ network, ending: { cause } }) => [network, cause])).toEqual([
    ['sip', 'hangup'],
    ['room', 'hangup'],
  ])
  expect(annex).toMatchObject([{ outcome: 'local-only', leg: legs[1]!.id }])
  expect([...server.control.live()]).toHaveLength(2)
})

test('ending the call by the API ends the phone and its seat', async () => {
  const { calls, server, record } = await meeting(1)
  const [live] = [...server.control.live()]
  await server.control.end(live!.id, { cause: 'hangup', actor: 'api' })
  await calls[0]!.ended()
  expect(wireOf(calls[0]!).at(-2)).toBe('← BYE Q.850;cause=16')
  expect((await record(calls[0]!)).legs).toHaveLength(2)
  await until(() => [...server.control.live()].length === 0)
})
