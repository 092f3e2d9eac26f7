/** The TURN server that Synapse names: Onhook asks for it, and a call whose only way is through it has sound. */
import { createHmac, randomBytes } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { PhoneCall } from '../../../src/testing/index.ts'
import { Coturn } from '../coturn.ts'
import { describeWith } from '../programs.ts'
import { until } from '../waiting.ts'
import type { Device } from './device.ts'
import type { RawUser } from './raw-user.ts'
import { hertz, MatrixStage } from './stage.ts'

/** Not where anybody else is: who is reached there is reached through the server. */
const relay = '127.0.0.2'

/** The lines of all candidates of one side of a call. */
async function candidates(reader: RawUser, room: string, callId: string, sender: string): Promise<string[]> {
  const events = await reader.callEvents(room, callId)
  return events
    .filter((event) => event.type === 'm.call.candidates' && event.sender === sender)
    .flatMap(({ content }) => (content.candidates as { candidate: string }[]).map(({ candidate }) => candidate))
}

describeWith(['synapse', 'turnserver'], 'Matrix calls through coturn', () => {
  let coturn: Coturn
  /** Knows another secret: whatever Synapse signs has expired here, or was never good. */
  let stranger: Coturn
  let stage: MatrixStage
  const secret = randomBytes(16).toString('hex')
  beforeAll(async () => {
    coturn = await Coturn.start({ users: { secret }, relay })
    stranger = await Coturn.start({ users: { secret: 'another' }, relay })
    const uris = [stranger, coturn].flatMap((each) => [each.url('udp'), each.url('tcp')])
    stage = await MatrixStage.set({ synapse: { turn: { secret, uris } } })
  })
  afterEach(() => stage.endAll())
  afterAll(async () => {
    await stage?.close()
    await coturn?.remove()
    await stranger?.remove()
  })

  async function bothHear(device: Device, id: string, phone: PhoneCall): Promise<void> {
    await device.state(id, 'connected')
    phone.speak(hertz.sip)
    await device.hears(id, hertz.sip)
    await phone.hears({ frequency: hertz.matrix }, 20_000)
  }

  const ours = () => coturn.allocations.filter(({ user }) => /^\d+:@onhook:localhost$/.test(user))

  describe.each([
    { kind: 'node', user: 'alice', programs: [] },
    { kind: 'browser', user: 'bob', programs: ['chromium', 'sox'] },
  ] as const)('a client in $kind that only a relay reaches', ({ kind, user, programs }) => {
    describeWith(programs, `a client in ${kind} behind a relay`, () => {
      let device: Device
      let room: string
      beforeAll(async () => {
        device = await stage[kind](await stage.synapse.register(user), { relayOnly: true })
        room = await stage.room(device)
      })

      test('calls a number: both hear each other, and the hangup gives the relays back', async () => {
        const before = ours().length
        const id = await device.do('place', room)
        const phone = await stage.phone.incoming()
        await phone.answer()
        await bothHear(device, id, phone)
        const reader = stage.reader(device)
        const offered = await candidates(reader, room, id, stage.ghost())
        expect(offered.some((line) => line.includes(' typ relay ') && line.includes(` ${relay} `))).toBe(true)
        const theirs = await candidates(reader, room, id, device.userId)
        expect(theirs.filter((line) => line !== '').every((line) => line.includes(' typ relay '))).toBe(true)
        expect(ours().length).toBeGreaterThan(before)
        expect(coturn.open).toBeGreaterThan(0)
        await device.do('hangup', id)
        expect(await phone.ended()).toMatchObject({ how: 'BYE' })
        const [record, ...more] = await stage.records(id)
        expect(more).toEqual([])
        expect(record?.ending).toMatchObject({ cause: 'hangup', actor: 'caller' })
        await until('the relays to be given back', () => coturn.open === 0)
      })

      test('is called: both hear each other, and the phone’s hangup gives the relays back', async () => {
        const phone = await stage.call(device)
        const { callId: id } = await device.ringing()
        await device.do('answer', id)
        await phone.answered()
        await bothHear(device, id, phone)
        phone.hangup()
        expect(await device.ended(id)).toMatchObject({ hangupReason: 'user_hangup', hangupParty: 'remote' })
        const [record, ...more] = await stage.records(id)
        expect(more).toEqual([])
        expect(record?.ending).toMatchObject({ cause: 'hangup', actor: 'caller' })
        await until('the relays to be given back', () => coturn.open === 0)
        expect(stranger.allocations).toEqual([])
        expect(stranger.log).toMatch(/Cannot find credentials of user <\d+:@onhook:/)
      })
    })
  })

  test('the passwords are in no log of ours', () => {
    const [{ user } = { user: '' }] = ours()
    expect(user).not.toBe('')
    expect(stage.server.log).not.toContain(createHmac('sha1', secret).update(user).digest('base64'))
    expect(stage.server.log).not.toContain(secret)
  })
})
