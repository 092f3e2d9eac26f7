/** What a person does in a talk, by a real client and by the phone: holds and resumes, presses keys, and what comes of it. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { IncomingCall, OutgoingCall } from '../../../src/testing/index.ts'
import { action, answer, type Endpoint, type Handler, hangup, openHandler } from '../../chime/handler.ts'
import { describeWith } from '../programs.ts'
import { pause, until } from '../waiting.ts'
import type { Device } from './device.ts'
import type { RawUser } from './raw-user.ts'
import { hertz, MatrixStage } from './stage.ts'

const kinds = [
  { kind: 'in Node', programs: ['synapse'] },
  { kind: 'in a browser', programs: ['synapse', 'chromium', 'sox'] },
] as const

/** Seconds of silence that end a call. */
const silence = 5

/** The number of an app that asks for four keys, and hangs up when it has them. */
const menu = '600'
const asks: Handler = ({ InvocationEventType: type, CallDetails: { Participants: legs } }) => {
  if (type === 'ACTION_SUCCESSFUL') return answer(hangup(legs[0].CallId))
  if (type !== 'NEW_INBOUND_CALL') return answer()
  const words = { SpeechParameters: { Text: 'Your number, please.' }, FailureSpeechParameters: { Text: 'Again.' } }
  const wanted = { InputDigitsRegex: '^[0-9]{4}$', MinNumberOfDigits: 4, MaxNumberOfDigits: 4, Repeat: 3 }
  return answer(action('SpeakAndGetDigits', { CallId: legs[0].CallId, ...words, ...wanted }))
}

describe.each(kinds)('in a talk of a Matrix client $kind', ({ kind, programs }) => {
  describeWith(programs, `in a talk of a Matrix client ${kind} and a SIP phone`, () => {
    let stage: MatrixStage
    let alice: Device
    let reader: RawUser
    let room: string
    let app: Endpoint
    const closers: (() => void)[] = []
    beforeAll(async () => {
      app = await openHandler(asks, (close) => closers.push(close))
      stage = await MatrixStage.set({
        settings: {
          sip: { media: { silenceSeconds: silence } },
          functions: { menu: { url: app.url } },
          chime: { applications: [{ name: 'menu', function: 'menu' }] },
        },
        routes: [{ to: menu, from: 'matrix', chime: 'menu' }],
      })
      const account = await stage.synapse.register('alice')
      alice = kind === 'in Node' ? await stage.node(account) : await stage.browser(account)
      reader = stage.reader(alice)
      room = await stage.room(alice)
    })
    afterAll(async () => {
      await stage?.close()
      for (const close of closers) close()
    })
    afterEach(() => stage.endAll())

    async function bothHear(id: string, call: IncomingCall | OutgoingCall): Promise<void> {
      await Promise.all([call.hears({ frequency: hertz.matrix }, 20_000), alice.hears(id, hertz.sip)])
    }

    const heardAnything = (id: string) =>
      until('the client to hear something', async () => (await alice.heard(id)).loudness > 0.02)

    /** What was said of the directions: by whom, offer or answer, and which. */
    async function negotiated(id: string): Promise<string[]> {
      const events = await reader.callEvents(room, id)
      return events.flatMap(({ type, sender, content }) => {
        if (type !== 'm.call.negotiate') return []
        const { type: kind, sdp } = content.description as { type: string; sdp: string }
        const who = sender === alice.userId ? 'client' : 'ghost'
        return `${who} ${kind} ${/^a=(sendrecv|sendonly|recvonly|inactive)/m.exec(sdp)?.[1]}`
      })
    }

    test('the client holds: nobody hears anybody until it resumes; and the phone can hang up meanwhile', async () => {
      const id = await alice.do('place', room)
      const call = await stage.phone.incoming()
      await call.answer()
      call.speak(hertz.sip)
      await bothHear(id, call)
      await alice.do('hold', id, true)
      await Promise.all([alice.silence(id), call.hears('silence', 10_000)])
      expect(call.state.name).toBe('answered')
      await alice.do('hold', id, false)
      await bothHear(id, call)
      await alice.do('hold', id, true)
      await alice.silence(id)
      await until('the second hold', async () => (await negotiated(id)).length === 6)
      const [hold, resume] = ['sendonly', 'sendrecv'].map((direction) => [
        `client offer ${direction}`,
        `ghost answer ${direction === 'sendonly' ? 'recvonly' : direction}`,
      ])
      expect(await negotiated(id)).toEqual([...hold!, ...resume!, ...hold!])
      call.hangup()
      expect(await alice.ended(id)).toMatchObject({ hangupReason: 'user_hangup', hangupParty: 'remote' })
      const [record, ...more] = await stage.records(id)
      expect(more).toEqual([])
      expect(record?.ending).toMatchObject({ cause: 'hangup', actor: 'callee', phase: 'answered' })
      await stage.quiet()
    })

    test('the phone holds for longer than silence may last: the call lives, and both hear each other again', async () => {
      const call = await stage.call(alice)
      const { callId: id } = await alice.ringing()
      await alice.do('answer', id)
      await call.answered()
      call.speak(hertz.sip)
      await bothHear(id, call)
      await call.hold()
      await Promise.all([alice.silence(id), call.hears('silence', 10_000)])
      await pause(1000 * (silence + 1.5))
      expect((await alice.call(id)).state).toBe('connected')
      await call.resume()
      await bothHear(id, call)
      await alice.do('hangup', id)
      expect(await call.ended()).toMatchObject({ by: 'them', how: 'BYE', reasons: ['Q.850;cause=16'] })
      const [record, ...more] = await stage.records(id)
      expect(more).toEqual([])
      expect(record?.ending).toMatchObject({ cause: 'hangup', actor: 'callee', phase: 'answered' })
      await stage.quiet()
    })

    // The WebRTC that there is for Node has no keys to press: matrix-js-sdk finds no `RTCRtpSender.dtmf` there.
    const withKeys = test.runIf(kind === 'in a browser')

    withKeys('keys that the client presses reach the phone, each once and in order', async () => {
      const id = await alice.do('place', room)
      const call = await stage.phone.incoming()
      await call.answer()
      await call.hears({ frequency: hertz.matrix }, 20_000)
      await alice.do('press', id, '1590*#')
      await until(
        () => `the keys: ${call.digits}`,
        () => call.digits === '1590*#',
      )
      // They are no sound of the talk.
      await call.hears({ frequency: hertz.matrix })
      await alice.do('hangup', id)
      await call.ended()
      await stage.quiet()
    })

    withKeys('keys that the client presses reach an app, which goes on by them, and hangs up', async () => {
      const id = await alice.do('place', await stage.room(alice, menu))
      await heardAnything(id)
      await alice.do('press', id, '1590')
      expect(await alice.ended(id)).toMatchObject({ hangupReason: 'user_hangup', hangupParty: 'remote' })
      const got = app.events.find(({ InvocationEventType: type }) => type === 'ACTION_SUCCESSFUL')
      expect(got?.ActionData).toMatchObject({ Type: 'SpeakAndGetDigits', ReceivedDigits: '1590' })
      const [record] = await stage.records(id)
      expect(record?.ending).toMatchObject({ cause: 'hangup', actor: 'app', phase: 'answered' })
      await stage.quiet()
    })

    test('keys that the phone presses are heard', async () => {
      const id = await alice.do('place', room)
      const call = await stage.phone.incoming()
      await call.answer()
      call.speak(hertz.sip)
      await bothHear(id, call)
      call.speak(0)
      await alice.silence(id)
      void call.press('5555')
      await heardAnything(id)
      await alice.do('hangup', id)
      await call.ended()
      await stage.quiet()
    })
  })
})
