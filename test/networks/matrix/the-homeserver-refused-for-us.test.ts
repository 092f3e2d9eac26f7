import { afterEach, expect, test } from 'vitest'
import { House } from './house.ts'
import { wireEvent } from './values.ts'

let house: House
afterEach(() => house.close())

test('a call that rings here, and that the homeserver refused for us (MSC4140), is over: it is not answered any more', async () => {
  const taken = Promise.withResolvers<void>()
  let answered: Promise<unknown> = Promise.resolve()
  house = await House.open({
    script: async (control) => {
      await taken.promise
      answered = control.answer(control.call().first).catch((fault: unknown) => fault)
      await control.ended
    },
  })
  house.homeserver.features['org.matrix.msc4140'] = true
  await house.ring()
  await expect.poll(() => house.homeserver.held.size).toBe(1)
  // It has not heard from us in time.
  const [delay, { type, as, content }] = [...house.homeserver.held][0]!
  house.homeserver.sayHeld(delay)
  await house.deliver([wireEvent(type, content, { sender: as })])
  await expect.poll(async () => (await house.records())[0]?.ending).toMatchObject({ cause: 'network-failed' })
  taken.resolve()
  await answered
  expect(house.homeserver.calls).toEqual(['reject unknown_error'])
  expect(await house.records()).toHaveLength(1)
})
