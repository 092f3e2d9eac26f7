import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { describeWith } from '../programs.ts'
import { browserDevice } from './browser.ts'
import { type Device, nodeDevice } from './device.ts'
import { Synapse } from './synapse.ts'

const kinds = [
  { kind: 'in Node', device: nodeDevice, programs: ['synapse'] },
  { kind: 'in a browser', device: browserDevice, programs: ['synapse', 'chromium', 'sox'] },
] as const

// What a later test finds missing is then not the fault of its tools.
describe.each(kinds)('a Matrix client $kind', ({ kind, device, programs }) => {
  describeWith(programs, `a Matrix client ${kind} and another`, () => {
    let synapse: Synapse
    let alice: Device
    let bob: Device
    let room: string
    beforeAll(async () => {
      synapse = await Synapse.start()
      alice = await device(synapse, await synapse.register('alice'), { hertz: 440 })
      bob = await nodeDevice(synapse, await synapse.register('bob'), { hertz: 700 })
      room = await alice.do('createRoom', bob.userId)
      await bob.do('join', room)
    })
    afterAll(async () => {
      await alice?.close()
      await bob?.close()
      await synapse?.remove()
    })

    test('call each other through Synapse, and hear each other', async () => {
      const id = await alice.do('place', room)
      expect((await bob.ringing()).callId).toBe(id)
      await bob.do('answer', id)
      await alice.state(id, 'connected')
      await bob.state(id, 'connected')
      await bob.hears(id, 440)
      await alice.hears(id, 700)
      await alice.do('hangup', id)
      expect(await bob.ended(id)).toMatchObject({ hangupReason: 'user_hangup', hangupParty: 'remote' })
    })
  })
})
