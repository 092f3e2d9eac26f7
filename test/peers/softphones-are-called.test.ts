import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { App } from './app.ts'
import { Baresip } from './baresip.ts'
import { Linphone } from './linphone.ts'
import { describeWith } from './programs.ts'
import type { CallRecord, Server } from './server.ts'
import type { Softphone } from './softphone.ts'
import { hear, tone } from './sound.ts'
import { type Stage, setStage } from './stage.ts'
import { until } from './waiting.ts'

const phones = { baresip: Baresip, linphonec: Linphone }
const needs = ['sox', 'espeak-ng', 'tshark'] as const
const password = 'through-the-glass'
const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))

/** What each says when its user declines: baresip has one word for it and for busy. */
const declines = {
  baresip: { heard: '> 486 INVITE', ending: { cause: 'busy', actor: 'callee', phase: 'ringing', codes: { sip: 486 } } },
  linphonec: {
    heard: '> 603 INVITE',
    ending: { cause: 'declined', actor: 'callee', phase: 'ringing', codes: { sip: 603 } },
  },
} as const

function settings(app: App) {
  return {
    sip: { users: ['alice', 'bob'].map((name) => ({ name, password })), media: { silenceSeconds: 5 } },
    routes: [
      { to: 'talk', ...app.runs('<Speak loop="0">Tell me more.</Speak>', ['users', 'anyone']) },
      { to: 'alice', from: 'anyone', direct: {} },
    ],
  }
}

/** `onhook call`, as a person types it. */
function onhookCall(server: Server, ...args: string[]): Promise<{ code: number; record: CallRecord }> {
  return new Promise((resolve, reject) => {
    const options = { env: { ...process.env, ONHOOK_URL: server.url }, timeout: 60_000 }
    execFile(process.execPath, [main, 'call', ...args, '--json'], options, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1
      if (stdout.trim() === '') return reject(new Error(`onhook call ended with ${code}: ${stderr}`))
      resolve({ code, record: JSON.parse(stdout) as CallRecord })
    })
  })
}

describe.each(['baresip', 'linphonec'] as const)('%s', (name) => {
  describeWith([name, ...needs], `${name}, registered, is called`, () => {
    let stage: Stage
    let phone: Softphone
    beforeAll(async () => {
      stage = await setStage(settings)
      const voice = await tone(`${stage.folder}/voice.wav`, { seconds: 60, hertz: 300 })
      phone = await phones[name].start(stage.folder, stage.server.sipAddress, voice, { user: 'alice' })
      await phone.register('alice', password)
    })
    afterAll(async () => {
      await phone?.close()
      await stage?.close()
    })

    /** What crossed the wire with the phone for one call, once it ends like that. */
    async function ends(call: string, last: readonly string[]): Promise<void> {
      const { began } = await stage.server.record(call)
      const tail = () => {
        const packets = stage.wire.packets(phone.port).filter(({ at, head }) => at > began - 50 && head !== 'REGISTER')
        const ids = new Set(
          packets.filter(({ head, way }) => head === 'INVITE' && way === '<').map(({ callId }) => callId),
        )
        return stage.wire.ladder(phone.port, ({ callId }) => ids.has(callId)).slice(-last.length)
      }
      await until('the ladder', () => JSON.stringify(tail()) === JSON.stringify(last), 5000).catch(() => {})
      expect(tail()).toEqual(last)
    }

    test('and declines: `onhook call` says so', async () => {
      const calling = onhookCall(stage.server, 'alice', '--place')
      await phone.rung()
      phone.hangup()
      const { code, record } = await calling
      expect(code).toBe(1)
      expect(record.ending).toMatchObject(declines[name].ending)
      await phone.over()
      await ends(record.id, ['> 180 INVITE', declines[name].heard, '< ACK'])
    })

    test('and lets it ring', async () => {
      const { call } = await stage.server.place({ to: 'alice', ringSeconds: 2 })
      await phone.rung()
      await phone.over()
      const { ending, legs } = await stage.server.record(call)
      expect(ending).toMatchObject({ cause: 'no-answer', actor: 'timer', phase: 'ringing' })
      expect(legs[0]).toMatchObject({ sent: 'CANCEL', sentReason: 'Q.850;cause=19' })
      await ends(call, ['< CANCEL Q.850;cause=19', '> 200 CANCEL', '> 487 INVITE', '< ACK'])
    })

    test('and answers, and hangs up: `onhook call` says so', async () => {
      const calling = onhookCall(stage.server, 'alice', '--place')
      await phone.rung()
      phone.answer()
      await phone.talking()
      phone.hangup()
      const { code, record } = await calling
      expect(code).toBe(0)
      expect(record.ending).toMatchObject({ cause: 'hangup', actor: 'callee', phase: 'answered' })
      await phone.over()
      // It hangs up at once: its BYE may overtake our ACK, which has to come all the same.
      await stage.wire.until('ACK and 200', phone.port, () => {
        const last = stage.wire.ladder(phone.port).slice(-3)
        return last.includes('< ACK') && last.includes('> BYE') && last.at(-1) === '< 200 BYE'
      })
    })

    test('and is busy with another call, which goes on', async () => {
      phone.call('talk')
      await phone.talking()
      const { call } = await stage.server.place({ to: 'alice' })
      const { ending } = await stage.server.record(call)
      expect(ending).toMatchObject({ cause: 'busy', actor: 'callee', codes: { sip: 486 } })
      expect((await stage.server.live()).map(({ phase }) => phase)).toEqual(['answered'])
      phone.hangup()
      await phone.over()
      await until('no call', async () => (await stage.server.live()).length === 0)
    })

    test('and hears what an app says, which then hangs up', async () => {
      const document = '<Response><Speak>This is a call for you. Thank you and goodbye.</Speak><Hangup/></Response>'
      const { call } = await stage.server.place({ to: 'alice', app: { platform: 'vobiz', document } })
      await phone.rung()
      phone.answer()
      await phone.talking()
      await phone.over()
      const { ending, talk } = await stage.server.record(call)
      expect(ending).toMatchObject({ cause: 'hangup', actor: 'app', phase: 'answered' })
      expect(talk).toBeGreaterThan(1500)
      await ends(call, ['< BYE Q.850;cause=16', '> 200 BYE'])
      const { loudness } = await hear((await phone.heard()).at(-1)!)
      expect(loudness).toBeGreaterThan(0.02)
    })

    test('and is hung up on by the API, for a reason', async () => {
      const { call } = await stage.server.place({ to: 'alice' })
      await phone.rung()
      phone.answer()
      await phone.talking()
      await until('the answer', async () => (await stage.server.live()).some(({ phase }) => phase === 'answered'))
      await stage.server.post(`/api/calls/${call}/end`, { cause: 'unwanted' })
      await phone.over()
      expect((await stage.server.record(call)).ending).toMatchObject({ cause: 'unwanted', actor: 'api' })
      await ends(call, ['< BYE SIP;cause=607', '> 200 BYE'])
    })

    test('who is not registered is unavailable, at once', async () => {
      const { code, record } = await onhookCall(stage.server, 'bob', '--place')
      expect(code).toBe(1)
      expect(record.ending).toMatchObject({ cause: 'unavailable', actor: 'platform' })
    })

    // The last one: afterwards there is no phone.
    test('and dies: the silence is noticed', async () => {
      const { call } = await stage.server.place({ to: 'alice' })
      await phone.rung()
      phone.answer()
      await phone.talking()
      await until('the answer', async () => (await stage.server.live()).some(({ phase }) => phase === 'answered'))
      await phone.kill()
      const { ending, legs } = await stage.server.record(call, 20_000)
      expect(ending).toMatchObject({ cause: expect.stringMatching(/^media-(lost|failed)$/), actor: 'network' })
      expect(legs[0]).toMatchObject({ sent: 'BYE' })
      await stage.wire.until('its BYE', phone.port, (packets) =>
        packets.some(
          (each) =>
            each.head === 'BYE' && /^Q\.850;cause=(102;text="Media timeout"|41)$/.test(each.headers('reason').join()),
        ),
      )
      await until('no call', async () => (await stage.server.live()).length === 0)
    })
  })
})

describeWith(['sipp', 'baresip', 'linphonec', ...needs], 'one user, two phones', () => {
  let stage: Stage
  let baresip: Baresip
  let linphone: Linphone
  beforeAll(async () => {
    stage = await setStage(settings)
    const voice = await tone(`${stage.folder}/voice.wav`, { seconds: 60, hertz: 300 })
    const { sipAddress } = stage.server
    ;[baresip, linphone] = await Promise.all([
      Baresip.start(stage.folder, sipAddress, voice, { user: 'alice' }),
      Linphone.start(stage.folder, sipAddress, voice, { user: 'alice' }),
    ])
    await Promise.all([baresip, linphone].map((phone) => phone.register('alice', password)))
  })
  afterAll(async () => {
    await baresip?.close()
    await linphone?.close()
    await stage?.close()
  })

  test.for([
    ['baresip', 'linphonec'],
    ['linphonec', 'baresip'],
  ] as const)('%s answers, %s hears that the call was completed elsewhere', async ([first]) => {
    const [winner, loser] = first === 'baresip' ? [baresip, linphone] : [linphone, baresip]
    const run = await stage.sipp.start({ scenario: 'hung-up', to: 'alice' })
    await Promise.all([winner.rung(), loser.rung()])
    winner.answer()
    await winner.talking()
    await loser.over()
    winner.hangup()
    await winner.over()
    await run.done
    const elsewhere = '< CANCEL SIP;cause=200;text="Call completed elsewhere"'
    await stage.wire.until('the CANCEL', loser.port, () => stage.wire.ladder(loser.port).includes(elsewhere))
    const [record] = await stage.server.recordsOf(run.callId)
    expect(record!.ending).toMatchObject({ cause: 'hangup', actor: 'callee', phase: 'answered' })
    const branches = record!.legs[1]!.branches.map((branch) => branch.ending?.cause)
    expect(branches.filter((cause) => cause === 'answered-elsewhere')).toHaveLength(1)
  })

  test('the caller gives up: neither hears of the other', async () => {
    const run = await stage.sipp.start({ scenario: 'cancels', to: 'alice', gaps: { ring: 1000 } })
    await Promise.all([baresip.rung(), linphone.rung()])
    await Promise.all([baresip.over(), linphone.over()])
    await run.done
    for (const { port } of [baresip, linphone]) {
      await stage.wire.until('the CANCEL', port, () => stage.wire.ladder(port).includes('< CANCEL Q.850;cause=16'))
    }
  })

  test('linphonec declines for both: baresip hears that', async () => {
    const run = await stage.sipp.start({ scenario: 'refused', to: 'alice', gaps: { status: 603 } })
    await Promise.all([baresip.rung(), linphone.rung()])
    linphone.hangup()
    await baresip.over()
    await run.done
    const { port } = baresip
    await stage.wire.until('the CANCEL', port, () => stage.wire.ladder(port).includes('< CANCEL SIP;cause=603'))
  })

  test('a wrong password is refused, and the phone that was registered stays', async () => {
    await baresip.refusedToRegister('bob', 'not-this-one')
    const answers = () =>
      stage.wire
        .packets(baresip.port)
        .filter((each) => each.method === 'REGISTER' && each.way === '<' && each.header('to')?.includes('bob'))
        .map(({ head }) => head)
    await stage.wire.until('two challenges', baresip.port, () => answers().length >= 2)
    expect(new Set(answers())).toEqual(new Set(['401']))
    const { call } = await stage.server.place({ to: 'bob' })
    expect((await stage.server.record(call)).ending.cause).toBe('unavailable')
  })
})
