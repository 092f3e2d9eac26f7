import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { describeWith } from '../programs.ts'
import type { Device } from './device.ts'
import { hertz, MatrixStage } from './stage.ts'

const kinds = [
  { kind: 'in Node', programs: ['synapse'] },
  { kind: 'in a browser', programs: ['synapse', 'chromium', 'sox'] },
] as const

describe.each(kinds)('a Matrix client $kind and a SIP phone', ({ kind, programs }) => {
  describeWith(programs, `a Matrix client ${kind} and a SIP phone`, () => {
    let stage: MatrixStage
    let alice: Device
    let room: string
    beforeAll(async () => {
      stage = await MatrixStage.set()
      const account = await stage.synapse.register('alice')
      alice = kind === 'in Node' ? await stage.node(account) : await stage.browser(account)
      room = await stage.room(alice)
    })
    afterAll(() => stage?.close())

    test('the user calls a number, both hear each other, the user hangs up', async () => {
      const id = await alice.do('place', room)
      const call = await stage.phone.incoming()
      await call.answer()
      call.speak(hertz.sip)
      await alice.state(id, 'connected')
      await call.hears({ frequency: hertz.matrix }, 20_000)
      await alice.hears(id, hertz.sip)
      await alice.do('hangup', id)
      expect(await call.ended()).toMatchObject({ by: 'them', how: 'BYE', reasons: ['Q.850;cause=16'] })
      const [record, ...more] = await stage.records(id)
      expect(more).toEqual([])
      expect(record?.ending).toMatchObject({ cause: 'hangup', actor: 'caller', phase: 'answered' })
      await stage.quiet()
    })

    test('the user calls a number, the phone hangs up', async () => {
      const id = await alice.do('place', room)
      const call = await stage.phone.incoming()
      await call.answer()
      await alice.state(id, 'connected')
      call.hangup()
      expect(await alice.ended(id)).toMatchObject({ hangupReason: 'user_hangup', hangupParty: 'remote' })
      const [record] = await stage.records(id)
      expect(record?.ending).toMatchObject({ cause: 'hangup', actor: 'callee', phase: 'answered' })
      await stage.quiet()
    })

    test('the phone calls the user, both hear each other, the phone hangs up', async () => {
      const call = await stage.call(alice)
      const { callId: id } = await alice.ringing()
      await call.ringing()
      await alice.do('answer', id)
      await call.answered()
      call.speak(hertz.sip)
      await call.hears({ frequency: hertz.matrix }, 20_000)
      await alice.hears(id, hertz.sip)
      call.hangup()
      expect(await alice.ended(id)).toMatchObject({ hangupReason: 'user_hangup', hangupParty: 'remote' })
      const [record, ...more] = await stage.records(id)
      expect(more).toEqual([])
      expect(record?.ending).toMatchObject({ cause: 'hangup', actor: 'caller', phase: 'answered' })
      await stage.quiet()
    })
  })
})
