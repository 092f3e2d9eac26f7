/** What a person does in a talk, by a real client and by the phone: holds, presses keys; and what a client reads when it ends. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { action, answer, type Endpoint, type Handler, hangup, openHandler } from '../../chime/handler.ts'
import { describeWith } from '../programs.ts'
import { pause, until } from '../waiting.ts'
import { bothClients, bothHear, neitherHears, type Place, type Talk, talks } from './both-clients.ts'
import { hertz, MatrixStage } from './stage.ts'
import { told } from './told.ts'

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

describeWith(
  ['synapse', 'chromium', 'sox'],
  'Matrix clients in Node and in a browser that talk with a SIP phone',
  () => {
    let stage: MatrixStage
    let places: readonly Place[]
    let app: Endpoint
    const closers: (() => void)[] = []
    beforeAll(async () => {
      app = await openHandler(asks, (close) => closers.push(close))
      stage = await MatrixStage.set({
        settings: {
          sip: { media: { silenceSeconds: silence } },
          limits: { ringSeconds: 8 },
          functions: { menu: { url: app.url } },
          chime: { applications: [{ name: 'menu', function: 'menu' }] },
        },
        routes: [{ to: menu, from: 'matrix', chime: 'menu' }],
      })
      places = await bothClients(stage)
    })
    afterAll(async () => {
      await stage?.close()
      for (const close of closers) close()
    })
    afterEach(() => stage.endAll())

    /** What was said of the directions: by whom, offer or answer, and which. */
    async function negotiated({ device, room, id }: Talk): Promise<string[]> {
      const events = await stage.reader(device).callEvents(room, id)
      return events.flatMap(({ type, sender, content }) => {
        if (type !== 'm.call.negotiate') return []
        const { type: kind, sdp } = content.description as { type: string; sdp: string }
        const who = sender === device.userId ? 'client' : 'ghost'
        return `${who} ${kind} ${/^a=(sendrecv|sendonly|recvonly|inactive)/m.exec(sdp)?.[1]}`
      })
    }

    async function recorded(id: string, ending: object): Promise<void> {
      const [record, ...more] = await stage.records(id)
      expect(more).toEqual([])
      expect(record?.ending).toMatchObject({ phase: 'answered', ...ending })
    }

    async function heardAnything({ device }: Place, id: string): Promise<void> {
      await until(`${device.userId} to hear something`, async () => (await device.heard(id)).loudness > 0.02)
    }

    test('a client holds: neither hears the other until it resumes; and the phone can hang up meanwhile', async () => {
      const each = async (talk: Talk) => {
        const { device, id, call } = talk
        await device.do('hold', id, true)
        await neitherHears(talk)
        expect(call.state.name).toBe('answered')
        await device.do('hold', id, false)
        await bothHear(talk)
        await device.do('hold', id, true)
        await device.silence(id)
        await until('the second hold', async () => (await negotiated(talk)).length === 6)
        const hold = ['client offer sendonly', 'ghost answer recvonly']
        const resume = ['client offer sendrecv', 'ghost answer sendrecv']
        expect(await negotiated(talk)).toEqual([...hold, ...resume, ...hold])
        call.hangup()
        expect(await device.ended(id)).toMatchObject({ hangupReason: 'user_hangup', hangupParty: 'remote' })
        await recorded(id, { cause: 'hangup', actor: 'callee' })
      }
      await Promise.all((await talks(stage, places)).map(each))
      await stage.quiet()
    })

    test('the phone holds for longer than silence may last: the call lives, and both hear each other again', async () => {
      const each = async (talk: Talk) => {
        const { device, id, call } = talk
        await call.hold()
        await neitherHears(talk)
        await pause(1000 * (silence + 1.5))
        expect((await device.call(id)).state).toBe('connected')
        await call.resume()
        await bothHear(talk)
        await device.do('hangup', id)
        expect(await call.ended()).toMatchObject({ by: 'them', how: 'BYE', reasons: ['Q.850;cause=16'] })
        await recorded(id, { cause: 'hangup', actor: 'callee' })
      }
      await Promise.all((await talks(stage, places, 'the phone')).map(each))
      await stage.quiet()
    })

    // The WebRTC that there is for Node has no keys to press: matrix-js-sdk finds no `RTCRtpSender.dtmf` there.
    const withKeys = () => places.filter(({ kind }) => kind === 'in a browser')

    test('keys that a client in a browser presses reach the phone, each once and in order', async () => {
      for (const { device, id, call } of await talks(stage, withKeys())) {
        await device.do('press', id, '1590*#')
        await until(
          () => `the keys: ${call.digits}`,
          () => call.digits === '1590*#',
        )
        // They are no sound of the talk.
        await call.hears({ frequency: hertz.matrix })
        await device.do('hangup', id)
        await call.ended()
      }
      await stage.quiet()
    })

    test('keys that a client in a browser presses reach an app, which goes on by them, and hangs up', async () => {
      for (const place of withKeys()) {
        const { device } = place
        const id = await device.do('place', await stage.room(device, menu))
        await heardAnything(place, id)
        await device.do('press', id, '1590')
        expect(await device.ended(id)).toMatchObject({ hangupReason: 'user_hangup', hangupParty: 'remote' })
        const got = app.events.find(({ InvocationEventType: type }) => type === 'ACTION_SUCCESSFUL')
        expect(got?.ActionData).toMatchObject({ Type: 'SpeakAndGetDigits', ReceivedDigits: '1590' })
        await recorded(id, { cause: 'hangup', actor: 'app' })
      }
      await stage.quiet()
    })

    test('keys that the phone presses are heard by the clients', async () => {
      const each = async (talk: Talk) => {
        const { device, id, call } = talk
        call.speak(0)
        await device.silence(id)
        void call.press('5555')
        await heardAnything(talk, id)
        await device.do('hangup', id)
        await call.ended()
      }
      await Promise.all((await talks(stage, places)).map(each))
      await stage.quiet()
    })

    test('a browser reads each reason of a talk that ends', async () => {
      const [, browser] = places
      const { device, room } = browser!
      // Calls that live side by side, as a browser's do.
      const calls: { id: string; live: string }[] = []
      for (const _ of told) {
        const id = await device.do('place', room)
        await (await stage.phone.incoming()).answer()
        const live = (await stage.server.live()).find(({ legs }) => legs.some(({ ids }) => ids['call-id'] === id))
        calls.push({ id, live: live!.id })
      }
      const each = async ({ cause, reason }: (typeof told)[number], index: number) => {
        const { id, live } = calls[index]!
        await device.state(id, 'connected')
        await stage.server.post(`/api/calls/${live}/end`, { cause })
        expect(await device.ended(id)).toMatchObject({ hangupReason: reason, hangupParty: 'remote' })
      }
      await Promise.all(told.map(each))
      await stage.quiet()
    })

    test('nobody answers: both clients read invite_timeout', async () => {
      const each = async ({ device }: Place) => {
        const call = await stage.call(device)
        const { callId: id } = await device.ringing()
        expect(await device.ended(id)).toMatchObject({ hangupReason: 'invite_timeout', hangupParty: 'remote' })
        expect(await call.ended()).toMatchObject({ by: 'them', how: 'refusal', status: 480 })
      }
      await Promise.all(places.map(each))
      await stage.quiet()
    })
  },
)
