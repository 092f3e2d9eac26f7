/** A real client and the phone call each other at once: one talk comes of it, the one whose name is the lesser. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { IncomingCall } from '../../../src/testing/incoming-call.ts'
import type { OutgoingCall } from '../../../src/testing/index.ts'
import { describeWith } from '../programs.ts'
import { until } from '../waiting.ts'
import { bothClients, type Place } from './both-clients.ts'
import type { Device } from './device.ts'
import type { ShownCall } from './driver.ts'
import { hertz, MatrixStage } from './stage.ts'

const lesser = '-'
const greater = '~'

/** Milliseconds that a person takes to answer: what rings by mistake has stopped by then. */
const reaction = 800

describeWith(
  ['synapse', 'chromium', 'sox'],
  'Matrix clients in Node and in a browser, and a SIP phone that calls them',
  () => {
    let stage: MatrixStage
    let places: readonly Place[]
    beforeAll(async () => {
      stage = await MatrixStage.set()
      places = await bothClients(stage)
    })
    afterAll(() => stage?.close())
    afterEach(() => stage.endAll())

    /** The phone's user answers what rings there, and sees the calls to and from this person. */
    function phoneCalls(device: Device, own: OutgoingCall): (IncomingCall | OutgoingCall)[] {
      const [name = ''] = device.userId.slice(1).split(':')
      const incoming = stage.phone.calls.filter((call) => call instanceof IncomingCall)
      return [...(own.end === undefined ? [own] : []), ...incoming.filter(({ from }) => from.includes(name))]
    }

    async function talk(device: Device, own: OutgoingCall, known: readonly string[]): Promise<ShownCall> {
      const rings = new Map<unknown, number>()
      const isDue = (call: unknown) => {
        const since = rings.get(call) ?? performance.now()
        rings.set(call, since)
        return performance.now() - since > reaction
      }
      return until(
        () => `${device.userId} to talk\n${device.log.slice(-4000)}`,
        async () => {
          const calls = (await device.calls()).filter(({ callId }) => !known.includes(callId))
          for (const { callId, rang, state } of calls) {
            // It may have stopped to ring by now.
            if (rang && state === 'ringing' && isDue(callId)) await device.do('answer', callId).catch(() => {})
          }
          for (const call of phoneCalls(device, own)) {
            if (call instanceof IncomingCall && call.state.name !== 'answered' && isDue(call))
              await call.answer().catch(() => {})
          }
          return calls.find(({ state }) => state === 'connected')
        },
      )
    }

    const cases = [
      { looks: 'looks for crossing calls', name: 'the lesser', before: lesser },
      { looks: 'looks for crossing calls', name: 'the greater', before: greater },
      // As Element does: it names nobody in its invite, and then matrix-js-sdk sees no crossing.
      { looks: 'does not look for them', name: 'the lesser', before: lesser },
      { looks: 'does not look for them', name: 'the greater', before: greater },
    ] as const

    test.for(cases)('a client that $looks, and whose call is $name: one talk, and no ringing is left', async (row) => {
      const invitee = row.looks === 'looks for crossing calls' ? { invitee: stage.ghost() } : {}
      await Promise.all(
        places.map(async ({ device, room }) => {
          const known = (await device.calls()).map(({ callId }) => callId)
          const options = { before: row.before, ...invitee }
          const [own, theirs] = await Promise.all([stage.call(device), device.do('begin', room, options)])
          const { callId: id } = await talk(device, own, known)
          // Where ours came too late to be said at all, nothing crossed, and theirs it is.
          const timeline = await stage.reader(device).timeline(room)
          const ours = timeline.find(({ type, sender, origin_server_ts: at }) => {
            return type === 'm.call.invite' && sender === stage.ghost() && at >= own.at
          })
          expect(id).toBe(ours === undefined || row.before === lesser ? theirs : ours.content.call_id)

          const [call, ...others] = phoneCalls(device, own)
          expect(others).toEqual([])
          call?.speak(hertz.sip)
          await Promise.all([call?.hears({ frequency: hertz.matrix }, 20_000), device.hears(id, hertz.sip)])

          // Whatever else the client had made, or heard ring, is over, while the talk goes on.
          await until(`every other call of ${device.userId} to be over`, async () => {
            const rest = (await device.calls()).filter(({ callId }) => callId !== id && !known.includes(callId))
            return rest.every(({ state }) => state === 'ended')
          })
          expect((await device.call(id)).state).toBe('connected')

          call?.hangup()
          expect(await device.ended(id)).toMatchObject({ hangupReason: 'user_hangup', hangupParty: 'remote' })
          const [record, ...more] = await stage.records(id)
          expect(more).toEqual([])
          expect(record?.ending).toMatchObject({ cause: 'hangup', phase: 'answered' })
          // The phone's own call may have given way to one that rings there: then one's record names the other.
          if (call !== own) {
            expect(await own.ended()).toMatchObject({ by: 'them', how: 'refusal', status: 487 })
            const [given] = await stage.server.recordsOf(own.callId)
            expect(given?.ending.cause).toBe('superseded')
            // A client may give it up before its own call comes, which names it then.
            const names = record?.legs.some(({ ids }) => ids.supersedes === given?.id)
            expect(names === true ? record?.id : given?.ending.survivor).toBe(record?.id)
          }
        }),
      )
      await stage.quiet()
      expect(stage.phone.calls).toEqual([])
    })
  },
)
