import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeWith } from '../programs.ts'
import { type Device, nodeDevice } from './device.ts'
import { Synapse } from './synapse.ts'

describeWith(['synapse'], 'two Matrix clients call each other through Synapse', () => {
  let synapse: Synapse
  let alice: Device
  let bob: Device
  let room: string
  beforeAll(async () => {
    synapse = await Synapse.start()
    const [one, two] = [await synapse.register('alice'), await synapse.register('bob')]
    alice = await nodeDevice(synapse, one, { hertz: 440 })
    bob = await nodeDevice(synapse, two, { hertz: 700 })
    room = await alice.do('createRoom', bob.userId)
    await bob.do('join', room)
  })
  afterAll(async () => {
    await alice?.close()
    await bob?.close()
    await synapse?.remove()
  })

  test('and hear each other, so what a test finds missing is not the fault of its tools', async () => {
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
