import { afterEach, expect, test } from 'vitest'
import { House } from './house.ts'

let house: House
afterEach(() => house?.close())

test('sound before the answer is heard by nobody, and ends nothing: Matrix has no word for it', async () => {
  const steps: string[] = []
  house = await House.open({
    script: async (control) => {
      const { first } = control.call()
      control.ring(first)
      await control.early(first)
      steps.push(await control.media(first).play({ type: 'silence', milliseconds: 20 }))
      control.media(first).connect(control.media(first))
      await control.answer(first)
      steps.push('answered')
      await control.ended
    },
  })
  await house.ring()
  await house.homeserver.until(() => house.homeserver.calls.includes('candidates'))
  expect(steps).toEqual(['finished', 'answered'])
  // One session, heard once.
  expect(house.peers).toHaveLength(1)
  expect(house.homeserver.calls).toEqual(['answer', 'candidates'])
  expect(house.homeserver.said[1]?.content.candidates).toHaveLength(2)
})

test('an answer that is asked for twice is one answer; of a call that is over it is refused', async () => {
  let late: Promise<unknown> | undefined
  house = await House.open({
    script: async (control) => {
      const { first } = control.call()
      await Promise.all([control.answer(first), control.answer(first)])
      control.end({ cause: 'hangup', actor: 'app' })
      late = control.answer(first).catch((fault: unknown) => fault)
      await control.ended
    },
  })
  await house.ring()
  await house.homeserver.until(() => house.homeserver.calls.includes('hangup user_hangup'))
  expect(house.homeserver.calls.filter((each) => each === 'answer')).toHaveLength(1)
  await late
  expect(house.homeserver.calls.filter((each) => each.startsWith('hangup'))).toHaveLength(1)
  expect(house.faults).toEqual([])
})

test('media is stopped before anything is said', async () => {
  house = await House.open({
    script: async (control) => {
      await control.answer(control.call().first)
      await control.ended
    },
  })
  await house.ring()
  await house.homeserver.until(() => house.homeserver.calls.includes('answer'))
  const [call] = [...house.switchboard.live()]
  void house.switchboard.end(call!.id, { cause: 'hangup', actor: 'api' })
  // Within the turn of the decision, whatever the homeserver does.
  expect(house.peers[0]?.closedBy).toBe('us')
})
