/** A talk whose way is lost, or is given up: a real client looks for another one, and the talk goes on; or it ends for a true reason. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { describeWith } from '../programs.ts'
import { until } from '../waiting.ts'
import { bothClients, bothHear, type Place, type Talk, talks } from './both-clients.ts'
import { MatrixStage } from './stage.ts'

describeWith(['synapse', 'chromium', 'sox'], 'Matrix clients in Node and in a browser, and a SIP phone', () => {
  let stage: MatrixStage
  let places: readonly Place[]
  beforeAll(async () => {
    // What is seen here is never the work of the watchdog of silence.
    stage = await MatrixStage.set({ settings: { sip: { media: { silenceSeconds: 90 } } } })
    places = await bothClients(stage)
  })
  afterAll(() => stage?.close())
  afterEach(() => stage.endAll())

  /** Who offered and who answered, and the names that ICE had there: other ones are another way. */
  async function negotiated({ device, room, id }: Talk): Promise<string[][]> {
    const said: string[][] = []
    for (const { type, sender, content } of await stage.reader(device).callEvents(room, id)) {
      const { invite, answer, negotiate } = {
        invite: content.offer,
        answer: content.answer,
        negotiate: content.description,
      }
      const { sdp, type: kind } = (invite ?? answer ?? negotiate ?? {}) as { sdp?: string; type?: string }
      const name = /^a=ice-ufrag:(\S+)/m.exec(sdp ?? '')?.[1]
      if (name === undefined) continue
      said.push([type.slice('m.call.'.length), sender === device.userId ? 'client' : 'ghost', String(kind), name])
    }
    return said
  }

  async function restarted(talk: Talk, first: 'client' | 'ghost'): Promise<void> {
    const second = first === 'client' ? 'ghost' : 'client'
    const all = await until('the negotiation', async () => {
      const said = await negotiated(talk)
      return said.length >= 4 && said
    })
    expect(all.map(([type, who, kind]) => [type, who, kind])).toEqual([
      ['invite', first, 'offer'],
      ['answer', second, 'answer'],
      ['negotiate', 'client', 'offer'],
      ['negotiate', 'ghost', 'answer'],
    ])
    expect(new Set(all.map((each) => each[3])).size).toBe(4)
  }

  /** It is a talk as before, until somebody hangs up. */
  async function goesOn(talk: Talk): Promise<void> {
    const { device, id, call } = talk
    await device.state(id, 'connected')
    await bothHear(talk)
    call.hangup()
    expect(await device.ended(id)).toMatchObject({ hangupReason: 'user_hangup', hangupParty: 'remote' })
    const [record, ...more] = await stage.records(id)
    expect(more).toEqual([])
    expect(record?.ending).toMatchObject({ cause: 'hangup', phase: 'answered' })
  }

  test.for(['the client', 'the phone'] as const)(
    'a client restarts ICE in a call that %s began: both hear each other on the new way',
    async (whoCalls) => {
      const each = async (talk: Talk) => {
        await talk.device.do('restartIce', talk.id)
        await restarted(talk, whoCalls === 'the client' ? 'client' : 'ghost')
        await goesOn(talk)
      }
      await Promise.all((await talks(stage, places, whoCalls)).map(each))
      await stage.quiet()
    },
  )

  test('nothing is heard from us for ten seconds: each client restarts ICE by itself, and the talk goes on', async () => {
    const all = await talks(stage, places)
    const stalled = stage.server.stall(10_000)
    await Promise.all(all.map(({ device, id }) => device.state(id, 'connecting')))
    await stalled
    await Promise.all(all.map((talk) => restarted(talk, 'client').then(() => goesOn(talk))))
    await stage.quiet()
  })

  test('a client whose way is gone for good does not answer our ICE restart: it reads ice_timeout', async () => {
    const all = await talks(stage, places)
    await Promise.all(all.map(({ device, id }) => device.do('cut', id)))
    for (const talk of all) {
      const { device, id, call } = talk
      expect(await call.ended(60_000)).toMatchObject({ by: 'them', how: 'BYE' })
      expect(await device.ended(id)).toMatchObject({ hangupReason: 'ice_timeout', hangupParty: 'remote' })
      expect((await negotiated(talk)).at(-1)?.slice(0, 3)).toEqual(['negotiate', 'ghost', 'offer'])
      const [record, ...more] = await stage.records(id)
      expect(more).toEqual([])
      expect(record?.ending).toMatchObject({ cause: 'media-lost', actor: 'network', phase: 'answered' })
    }
    await stage.quiet()
  })
})
