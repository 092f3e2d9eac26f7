import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { App, Page } from './app.ts'
import { Baresip } from './baresip.ts'
import { Linphone } from './linphone.ts'
import { describeWith } from './programs.ts'
import type { CallRecord } from './server.ts'
import type { Softphone } from './softphone.ts'
import { hear, tone } from './sound.ts'
import { type Stage, setStage } from './stage.ts'
import { pause, until } from './waiting.ts'
import { rung } from './wire.ts'

/** The least that the configuration takes. */
const silenceSeconds = 5
const phones = { baresip: Baresip, linphonec: Linphone }

function settings(app: App) {
  const runs = (document: string) => app.runs(document, 'users')
  return {
    sip: { users: [{ name: 'alice', password: 'through-the-glass' }], media: { silenceSeconds } },
    routes: [
      { to: 'speech', ...runs('<Speak>Thank you for calling. Please hold the line. Goodbye.</Speak><Hangup/>') },
      { to: 'tone', ...runs(`<Play loop="2">${app.url}/tone.wav</Play><Hangup reason="busy"/>`) },
      { to: 'talk', ...runs('<Speak loop="0">Tell me more.</Speak>') },
      { to: 'ring', ...runs('<Wait length="60"/>') },
      { to: 'busy', ...runs('<Hangup reason="busy"/>') },
      { to: 'rejected', ...runs('<Hangup reason="rejected"/>') },
    ],
  }
}

describe.each(['baresip', 'linphonec'] as const)('%s', (name) => {
  describeWith([name, 'sox', 'espeak-ng', 'tshark'], `${name} calls`, () => {
    let stage: Stage
    let phone: Softphone
    beforeAll(async () => {
      let wav: string
      const page: Page = (_params, response) => {
        response.writeHead(200, { 'content-type': 'audio/wav' }).end(readFileSync(wav))
      }
      stage = await setStage(settings, { '/tone.wav': page })
      wav = await tone(`${stage.folder}/tone.wav`, { seconds: 1, hertz: 880 })
      const voice = await tone(`${stage.folder}/voice.wav`, { seconds: 60, hertz: 300 })
      phone = await phones[name].start(stage.folder, stage.server.sipAddress, voice, { user: 'alice' })
      await phone.register('alice', 'through-the-glass')
    })
    afterAll(async () => {
      await phone?.close()
      await stage?.close()
    })

    /** The call that the phone made last, once it is on record. */
    async function lastRecord(before: number): Promise<CallRecord> {
      return until('the record', async () => {
        const records = await stage.server.records()
        return records.length > before && records[0]
      })
    }

    const count = async () => (await stage.server.records()).length

    /** What crossed the wire of a call, from its authenticated INVITE on, once it is as expected. */
    async function settled(record: CallRecord, expected: readonly string[]): Promise<string[]> {
      const same = () => JSON.stringify(ladder(record)) === JSON.stringify(expected)
      await until('the ladder', same, 5000).catch(() => {})
      return ladder(record)
    }

    function ladder(record: CallRecord): string[] {
      const id = record.legs[0]!.ids['call-id']
      const packets = stage.wire.packets(phone.port).filter(({ callId, head }) => callId === id && head !== '100')
      const proven = packets.findIndex(
        (each) => each.head === 'INVITE' && each.header('proxy-authorization') !== undefined,
      )
      return [...new Set(packets.slice(proven).map(rung))]
    }

    /** Its latest re-INVITE says so, and is answered. */
    async function offered(direction: 'sendonly' | 'sendrecv'): Promise<void> {
      await stage.wire.until(`an offer of ${direction}`, phone.port, (packets) => {
        const at = packets.findLastIndex(({ head, way }) => head === 'INVITE' && way === '>')
        const answer = packets.slice(at).find(({ head, method }) => head === '200' && method === 'INVITE')
        const says = /a=(sendrecv|sendonly|recvonly|inactive)/
        const [offer, agreed] = [packets[at], answer].map((each) => says.exec(each?.body ?? '')?.[1] ?? 'sendrecv')
        const fits = { sendonly: 'recvonly', sendrecv: 'sendrecv' }[direction]
        return answer !== undefined && offer === direction && agreed === fits
      })
    }

    test('it is played speech, and is hung up on', async () => {
      const before = await count()
      phone.call('speech')
      await phone.talking()
      await phone.over()
      const record = await lastRecord(before)
      expect(record.ending).toMatchObject({ cause: 'hangup', actor: 'app', phase: 'answered' })
      const wire = ['> INVITE', '< 200 INVITE', '> ACK', '< BYE Q.850;cause=16', '> 200 BYE']
      expect(await settled(record, wire)).toEqual(wire)
      const heard = await until('what it heard', async () => (await phone.heard()).at(-1))
      const { seconds, loudness } = await hear(heard)
      expect(seconds).toBeGreaterThan(2)
      expect(loudness).toBeGreaterThan(0.02)
    })

    test('it is played a sound, and hears why it is hung up on', async () => {
      const before = await count()
      phone.call('tone')
      await phone.talking()
      await phone.over()
      const record = await lastRecord(before)
      const wire = ['> INVITE', '< 200 INVITE', '> ACK', '< BYE Q.850;cause=17', '> 200 BYE']
      expect(await settled(record, wire)).toEqual(wire)
      expect(record.talk).toBeGreaterThan(1900)
      if (name === 'baresip') {
        // It keeps a file for each call; linphonec one for all of them.
        const { seconds, hertz } = await hear((await phone.heard()).at(-1)!)
        expect(seconds).toBeGreaterThan(1.5)
        expect(hertz).toBeGreaterThan(800)
        expect(hertz).toBeLessThan(960)
      }
    })

    test('it hangs up', async () => {
      const before = await count()
      phone.call('talk')
      await phone.talking()
      phone.hangup()
      await phone.over()
      const record = await lastRecord(before)
      expect(record.ending).toMatchObject({ cause: 'hangup', actor: 'caller', phase: 'answered' })
      const wire = ['> INVITE', '< 200 INVITE', '> ACK', '> BYE', '< 200 BYE']
      expect(await settled(record, wire)).toEqual(wire)
      expect((await stage.app.hangup(record.id)).HangupSource).toBe('Caller')
    })

    test('it cancels', async () => {
      const before = await count()
      phone.call('ring')
      await until('it to ring', async () => (await stage.server.live()).some(({ phase }) => phase === 'ringing'))
      phone.hangup()
      await phone.over()
      const record = await lastRecord(before)
      expect(record.ending).toMatchObject({ cause: 'cancelled', actor: 'caller', phase: 'ringing' })
      const wire = ['> INVITE', '< 180 INVITE', '> CANCEL', '< 200 CANCEL', '< 487 INVITE', '> ACK']
      expect(await settled(record, wire)).toEqual(wire)
    })

    test.for([
      ['busy', '< 486 INVITE Q.850;cause=17', 'busy'],
      ['rejected', '< 603 INVITE Q.850;cause=21', 'declined'],
      ['nowhere', '< 404 INVITE Q.850;cause=1', 'not-found'],
    ] as const)('it is refused: %s', async ([to, heard, cause]) => {
      const before = await count()
      phone.call(to)
      await phone.over()
      const record = await lastRecord(before)
      expect(record.ending.cause).toBe(cause)
      const wire = ['> INVITE', heard, '> ACK']
      expect(await settled(record, wire)).toEqual(wire)
    })

    test('it holds the call for longer than silence may last, and takes it back', async () => {
      const before = await count()
      phone.call('talk')
      await phone.talking()
      phone.hold()
      await offered('sendonly')
      await pause(1000 * silenceSeconds + 2000)
      expect((await stage.server.live()).map(({ phase }) => phase)).toEqual(['answered'])
      phone.resume()
      await offered('sendrecv')
      // Now it is heard again, so silence is none.
      await pause(1000 * silenceSeconds + 2000)
      expect((await stage.server.live()).map(({ phase }) => phase)).toEqual(['answered'])
      phone.hangup()
      await phone.over()
      expect((await lastRecord(before)).ending).toMatchObject({ cause: 'hangup', actor: 'caller' })
    })
  })
})
