import { afterEach, expect, test } from 'vitest'
import { MediaError } from '../../../src/media/error.ts'
import { House } from './house.ts'

let house: House
afterEach(() => house.close())

const script = async (control: Parameters<NonNullable<Parameters<typeof House.open>[0]>['script'] & object>[0]) => {
  await control.answer(control.call().first).catch(() => {})
  await control.ended
}

const record = async () => {
  await expect.poll(async () => (await house.records()).length).toBe(1)
  return (await house.records())[0]
}
const ending = () => house.homeserver.calls.filter((each) => /^(reject|hangup)/.test(each))

test.each([
  ['our engine fails', 'media.peer-failed', 'capture-failed', 'reject user_media_failed'],
  ['they offer nothing that we speak', 'media.incompatible', 'incompatible', 'reject unknown_error'],
  ['no port is free', 'media.no-port', 'congestion', 'reject unknown_error'],
] as const)(
  'P2: when the answer cannot be made since %s, the caller is refused, once',
  async (_, code, cause, said) => {
    house = await House.open({ script, answer: () => Promise.reject(new MediaError(code, 'no')) })
    await house.ring()
    await house.homeserver.until(() => ending().length > 0)
    expect(await record()).toMatchObject({ ending: { cause, actor: 'platform', phase: 'offered' } })
    expect(house.homeserver.calls).toEqual([said])
  },
)

test.each([
  ['our engine fails', 'engine-failed', 'capture-failed', 'user_media_failed'],
  ['it goes silent', 'went-silent', 'media-lost', 'ice_timeout'],
] as const)('P5: sound came, and %s: that is said, and no ice_failed', async (_, loss, cause, reason) => {
  house = await House.open({ script })
  await house.ring()
  await house.homeserver.until(() => house.homeserver.calls.includes('answer'))
  house.peers[0]?.path('connected')
  house.peers[0]?.hear()
  house.peers[0]?.lose(loss)
  await house.homeserver.until(() => ending().length > 0)
  expect((await record())?.ending).toMatchObject({ cause, phase: 'answered' })
  expect(ending()).toEqual([`hangup ${reason}`])
})
