import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeWith } from '../programs.ts'
import type { Device } from './device.ts'
import { MatrixStage, number } from './stage.ts'

const app = (document: string) => ({ platform: 'vobiz', document })

describeWith(['synapse'], 'a Matrix user calls an app', () => {
  let stage: MatrixStage
  let alice: Device
  beforeAll(async () => {
    stage = await MatrixStage.set({
      settings: {
        routes: [
          {
            to: number,
            from: 'matrix',
            app: app('<Response><Speak>Goodbye, and thank you for calling.</Speak><Hangup/></Response>'),
          },
          { to: '200', from: 'matrix', app: app('<Response><Hangup reason="busy"/></Response>') },
        ],
      },
    })
    alice = await stage.node(await stage.synapse.register('alice'))
  })
  afterAll(() => stage?.close())

  test('that answers, and hangs up', async () => {
    const id = await alice.do('place', await stage.room(alice))
    // It may be over before anybody looks.
    const shown = await alice.ended(id)
    expect(shown).toMatchObject({ hangupReason: 'user_hangup', hangupParty: 'remote' })
    expect(shown.states).toContain('connected')
    const [record, ...more] = await stage.records(id)
    expect(more).toEqual([])
    expect(record?.ending).toMatchObject({ actor: 'app', phase: 'answered' })
  })

  test('that is busy: the client is told so, and stops', async () => {
    const id = await alice.do('place', await stage.room(alice, '200'))
    expect(await alice.ended(id)).toMatchObject({ hangupReason: 'user_busy' })
    const [record] = await stage.records(id)
    expect(record?.ending).toMatchObject({ cause: 'busy', actor: 'app' })
    await stage.quiet()
  })
})
