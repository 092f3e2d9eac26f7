import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { temporaryFolder } from '../../temporary-folder.ts'
import { FakeHomeserver } from './fake-homeserver.ts'
import { House, type HouseOptions } from './house.ts'
import { keepDisk } from './kept-disk.ts'

let path: string
let homeserver: FakeHomeserver
let house: House
beforeEach(async () => {
  path = join(temporaryFolder(), 'onhook.db')
  homeserver = new FakeHomeserver()
  await homeserver.start()
})
afterEach(() => house.close())

/** The route answers, and the answer is made when the test says so. */
async function taken(options: Pick<HouseOptions, 'answer'>): Promise<void> {
  house = await House.open({
    path,
    homeserver,
    script: async (control) => {
      await control.answer(control.call().first).catch(() => {})
      await control.ended
    },
    ...options,
  })
  await house.ring()
  await expect.poll(async () => JSON.stringify(await house.ledger.live())).toContain('"stage":"answering"')
}

/** What was said, but for candidates. */
const said = () => homeserver.calls.filter((each) => each !== 'candidates')

async function next(): Promise<void> {
  house = await House.open({ path, homeserver })
  await expect.poll(async () => (await house.records()).length, { timeout: 10_000 }).toBe(1)
}

const never = () => new Promise<string>(() => {})

test('P2, P5: killed while its answer was made, a call is refused: its caller has no answer, and would not hear a hangup', async () => {
  await taken({ answer: never })
  await house.die()
  await next()
  await homeserver.until(() => said().length > 0)
  expect(said()).toEqual(['reject unknown_error'])
  expect((await house.records())[0]?.ending).toMatchObject({ cause: 'restarted', phase: 'offered' })
})

describe('killed when its answer has left and the disk does not know', () => {
  let made: PromiseWithResolvers<string>
  beforeEach(() => {
    made = Promise.withResolvers()
  })

  test('P2, P5: refused for a caller that has no answer and hung up for one that has it; on the record it was answered', async () => {
    await taken({ answer: () => made.promise })
    const disk = keepDisk(path)
    made.resolve('v=0 answer')
    await homeserver.until(() => homeserver.calls.includes('answer'))
    await house.die()
    disk.putBack()
    await next()
    await homeserver.until(() => said().length > 2)
    expect(said()).toEqual(['answer', 'reject unknown_error', 'hangup unknown_error'])
    const [record] = await house.records()
    expect(record).toMatchObject({
      ending: { cause: 'restarted', phase: 'answered' },
      legs: [{ sent: 'm.call.hangup' }],
    })
  })

  test('P2: and the homeserver never had it: the reject is there all the same', async () => {
    await taken({ answer: () => made.promise })
    homeserver.fail(/send\/m\.call\.answer/, { status: 502 }, 99)
    made.resolve('v=0 answer')
    await homeserver.until(() => homeserver.requests.some((each) => each.includes('m.call.answer')))
    await house.die()
    homeserver.faults = []
    await next()
    await homeserver.until(() => said().length > 1)
    expect(said()).toEqual(['reject unknown_error', 'hangup unknown_error'])
  })

  test.each([
    ['the reject of its ringing, which has been taken back,', 'reject'],
    ['the hangup of its talk', 'hangup'],
  ])('P2: the same where the homeserver held %s (MSC4140); nothing is left there', async (_, type) => {
    homeserver.features['org.matrix.msc4140'] = true
    await taken({ answer: () => made.promise })
    await expect.poll(async () => JSON.stringify(await house.ledger.live())).toContain('"type":"m.call.reject"')
    const disk = keepDisk(path)
    if (type === 'hangup') homeserver.fail(/send\/m\.call\.answer/, 'done-unanswered', 99)
    made.resolve('v=0 answer')
    if (type === 'reject') {
      await homeserver.until(() => homeserver.calls.includes('answer'))
      await house.die()
      disk.putBack()
    } else {
      await expect.poll(async () => JSON.stringify(await house.ledger.live())).toContain('"type":"m.call.hangup"')
      await house.die()
      homeserver.faults = []
    }
    await next()
    await homeserver.until(() => said().length > 2)
    await expect.poll(() => homeserver.held.size).toBe(0)
    expect(said().toSorted()).toEqual(['answer', 'hangup unknown_error', 'reject unknown_error'])
  })
})

test('P2: and the homeserver said the hangup of its talk meanwhile, of which the disk does not know: it is said no second time (MSC4140)', async () => {
  homeserver.features['org.matrix.msc4140'] = true
  const made = Promise.withResolvers<string>()
  await taken({ answer: () => made.promise })
  await expect.poll(async () => JSON.stringify(await house.ledger.live())).toContain('"type":"m.call.reject"')
  const disk = keepDisk(path)
  made.resolve('v=0 answer')
  const ofTheTalk = () => [...homeserver.held].find(([, { type }]) => type === 'm.call.hangup')?.[0]
  await homeserver.until(() => ofTheTalk() !== undefined)
  await expect.poll(() => homeserver.held.size).toBe(1)
  await house.die()
  disk.putBack()
  homeserver.sayHeld(ofTheTalk()!)
  await next()
  await homeserver.until(() => said().length > 2)
  await expect.poll(async () => (await house.ledger.live()).length).toBe(0)
  expect(said()).toEqual(['answer', 'hangup unknown_error', 'reject unknown_error'])
})

test('P2: killed when the disk knew that the homeserver has the answer, a call is hung up, and nothing else is said', async () => {
  const made = Promise.withResolvers<string>()
  await taken({ answer: () => made.promise })
  made.resolve('v=0 answer')
  await expect.poll(async () => JSON.stringify(await house.ledger.live())).toContain('"answer":"said"')
  await house.die()
  await next()
  await homeserver.until(() => said().length > 1)
  expect(said()).toEqual(['answer', 'hangup unknown_error'])
})

test('P2: the next life dies too, in the middle of its telling: nothing is said twice', async () => {
  const made = Promise.withResolvers<string>()
  await taken({ answer: () => made.promise })
  const disk = keepDisk(path)
  made.resolve('v=0 answer')
  await homeserver.until(() => homeserver.calls.includes('answer'))
  await house.die()
  disk.putBack()
  homeserver.fail(/send\/m\.call\.(reject|hangup)/, 'done-unanswered', 99)
  house = await House.open({ path, homeserver })
  await homeserver.until(() => said().length > 1)
  await house.die()
  homeserver.faults = []
  house = await House.open({ path, homeserver })
  await homeserver.until(() => said().length > 2)
  await expect.poll(async () => (await house.records()).length, { timeout: 10_000 }).toBe(1)
  await house.die()
  house = await House.open({ path, homeserver })
  expect(said()).toEqual(['answer', 'reject unknown_error', 'hangup unknown_error'])
})
