import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { document } from './app.ts'
import { describeWith } from './programs.ts'
import type { Run } from './sipp.ts'
import { type Stage, setStage } from './stage.ts'
import { until } from './waiting.ts'

const answered = ['> INVITE', '< 200 INVITE', '> ACK']

describeWith(['sipp'], 'messages cross, are repeated, and get lost', () => {
  let stage: Stage
  let neverAcks: Run
  beforeAll(async () => {
    stage = await setStage(
      (app) => ({
        routes: [
          { to: 'holding', from: 'anyone', hold: true },
          {
            to: 'speech',
            from: 'anyone',
            app: { platform: 'vobiz', answerUrl: `${app.url}/speech`, hangupUrl: `${app.url}/hangup` },
          },
          {
            to: 'hung-up-before-ack',
            from: 'anyone',
            app: { platform: 'vobiz', document: '<Response><Speak>Hi.</Speak><Hangup/></Response>' },
          },
          {
            to: 'ringing',
            from: 'anyone',
            app: { platform: 'vobiz', document: '<Response><Wait length="60"/></Response>' },
          },
        ],
      }),
      { '/speech': document('<Speak loop="0">Hold the line.</Speak>') },
    )
    // It takes 32 s: it begins first, and is looked at last.
    neverAcks = await stage.sipp.start({ scenario: 'never-acks', to: 'holding', limit: 60 })
  })
  afterAll(() => stage?.close())

  async function only(run: Run) {
    const records = await stage.server.recordsOf(run.callId)
    expect(records).toHaveLength(1)
    return records[0]!
  }

  describe.concurrent('over UDP and TCP', () => {
    test.for(['udp', 'tcp'] as const)(
      'CANCEL crosses our 200: the call stands until the caller hangs up (%s)',
      async (transport) => {
        const wire = ['> INVITE', '< 200 INVITE', '> CANCEL', '< 200 CANCEL', '> ACK', '> BYE', '< 200 BYE']
        const run = await stage.sipp.run({ scenario: 'cancel-crosses-answer', to: 'speech', transport })
        await stage.wire.until('its end', run.port, () => stage.wire.ladder(run.port).at(-1) === '< 200 BYE')
        // An app that takes half a second lets it ring.
        expect(stage.wire.ladder(run.port).filter((line) => line !== '< 180 INVITE')).toEqual(wire)
        const { ending } = await only(run)
        expect(ending).toMatchObject({ cause: 'hangup', actor: 'caller', phase: 'answered' })
      },
    )

    test.for(['udp', 'tcp'] as const)(
      'BYE overtakes the ACK: 200, and the answer is repeated no more (%s)',
      async (transport) => {
        const wire = ['> INVITE', '< 200 INVITE', '> BYE', '< 200 BYE', '> ACK']
        const run = await stage.sipp.run({ scenario: 'bye-before-ack', to: 'holding', transport })
        expect(await stage.wire.settled(run.port, wire)).toEqual(wire)
        const packets = stage.wire.packets(run.port)
        const bye = packets.findIndex(({ head }) => head === 'BYE')
        expect(packets.slice(bye).filter(({ head, method }) => head === '200' && method === 'INVITE')).toEqual([])
        expect((await only(run)).ending).toMatchObject({ cause: 'hangup', actor: 'caller', phase: 'answered' })
      },
    )

    test('a hangup before the ACK waits for it', async () => {
      const order = { scenario: 'acks-late', to: 'hung-up-before-ack', more: ['-pause_msg_ign'] }
      const run = await stage.sipp.run(order)
      const wire = [...answered, '< BYE Q.850;cause=16', '> 200 BYE']
      expect(await stage.wire.settled(run.port, wire)).toEqual(wire)
      const { ending } = await only(run)
      expect(ending).toMatchObject({ cause: 'hangup', actor: 'app' })
      // It was decided long before it could be said.
      const bye = stage.wire.packets(run.port).find(({ head }) => head === 'BYE')!
      expect(bye.at - ending.at).toBeGreaterThan(1000)
    })

    test.for(['udp', 'tcp'] as const)('BYE in the early dialog: 200, and 487 to the INVITE (%s)', async (transport) => {
      const run = await stage.sipp.run({ scenario: 'hangs-up-early', to: 'ringing', transport })
      const wire = ['> INVITE', '< 180 INVITE', '> BYE', '< 487 INVITE', '< 200 BYE', '> ACK']
      expect(await stage.wire.settled(run.port, wire)).toEqual(wire)
      expect((await only(run)).ending).toMatchObject({ cause: 'cancelled', actor: 'caller', phase: 'ringing' })
    })

    test("an INVITE's time runs out: 487", async () => {
      const gaps = { status: 487, extra: 'Expires: 1' }
      const run = await stage.sipp.run({ scenario: 'refused', to: 'ringing', gaps })
      const wire = ['> INVITE', '< 180 INVITE', '< 487 INVITE', '> ACK']
      expect(await stage.wire.settled(run.port, wire)).toEqual(wire)
      expect((await only(run)).ending).toMatchObject({ cause: 'no-answer', phase: 'ringing' })
    })

    test('an INVITE that comes by two ways is one call: 482 to the other', async () => {
      const run = await stage.sipp.run({ scenario: 'comes-twice', to: 'ringing' })
      const first = ['> INVITE', '< 180 INVITE']
      const wire = [...first, '> INVITE', '< 482 INVITE', '> ACK', '> CANCEL', '< 200 CANCEL', '< 487 INVITE', '> ACK']
      expect(await stage.wire.settled(run.port, wire)).toEqual(wire)
      await only(run)
    })

    test('odd requests inside the dialog are refused, and the call goes on', async () => {
      const run = await stage.sipp.run({ scenario: 'asks-oddly', to: 'holding' })
      const odd = ['> INFO', '< 200 INFO', '> NOTIFY', '< 481 NOTIFY', '> INFO', '< 500 INFO']
      const wire = [...answered, ...odd, '> BYE', '< 200 BYE']
      expect(await stage.wire.settled(run.port, wire)).toEqual(wire)
      expect((await only(run)).ending).toMatchObject({ cause: 'hangup', actor: 'caller' })
    })

    test('a repeated INVITE is no second call', async () => {
      const run = await stage.sipp.run({ scenario: 'invites-twice', to: 'holding' })
      const wire = [...answered, '> BYE', '< 200 BYE']
      expect(await stage.wire.settled(run.port, wire)).toEqual(wire)
      const heads = stage.wire.packets(run.port).map(({ way, head, method }) => `${way} ${head} ${method}`)
      expect(heads.filter((head) => head === '> INVITE INVITE').length).toBeGreaterThanOrEqual(2)
      expect(heads.filter((head) => head === '< 200 INVITE').length).toBeGreaterThanOrEqual(2)
      await only(run)
    })

    test.for(['udp', 'tcp'] as const)('hold, resume, and the end inside the dialog (%s)', async (transport) => {
      const run = await stage.sipp.run({ scenario: 'holds', to: 'holding', transport })
      const wire = [...answered, ...again(), ...again(), '> BYE', '< 200 BYE']
      expect(await stage.wire.settled(run.port, wire)).toEqual(wire)
      await only(run)
    })

    test('BYE while a re-INVITE is under way: both are answered, the call ends once', async () => {
      const run = await stage.sipp.run({
        scenario: 'holds-and-hangs-up',
        to: 'holding',
        more: ['-default_behaviors', 'none', '-pause_msg_ign'],
      })
      const finals = await stage.wire.until('both answers', run.port, (packets) => {
        const final = (method: string, seq: string) =>
          packets.find(
            (each) =>
              each.way === '<' && each.method === method && each.header('cseq')?.startsWith(seq) && each.head >= '200',
          )
        const [reinvite, bye] = [final('INVITE', '2 '), final('BYE', '3 ')]
        return reinvite !== undefined && bye !== undefined && { reinvite: reinvite.head, bye: bye.head }
      })
      expect(finals.bye).toBe('200')
      expect(['200', '487']).toContain(finals.reinvite)
      expect((await only(run)).ending).toMatchObject({ cause: 'hangup', actor: 'caller' })
    })

    test('after the end everything inside the dialog is 481', async () => {
      const run = await stage.sipp.run({ scenario: 'speaks-after-the-end', to: 'holding' })
      const late = ['> INFO', '< 481 INFO', '> INVITE', '< 481 INVITE', '> ACK']
      const wire = [...answered, '> BYE', '< 200 BYE', ...late]
      expect(await stage.wire.settled(run.port, wire)).toEqual(wire)
      await only(run)
    })

    test.for([
      ['BYE', ';tag=nobody', 481],
      ['BYE', '', 481],
      ['INFO', ';tag=nobody', 481],
      ['UPDATE', ';tag=nobody', 481],
      ['CANCEL', '', 481],
      ['OPTIONS', '', 200],
      ['SUBSCRIBE', '', 501],
    ] as const)('%s%s outside of any call: %i', async ([method, tag, status]) => {
      const gaps = { method, tag, status }
      const run = await stage.sipp.run({ scenario: 'stray', to: 'holding', gaps })
      const wire = [`> ${method}`, `< ${status} ${method}`]
      expect(await stage.wire.settled(run.port, wire)).toEqual(wire)
    })

    test.for(['udp', 'tcp'] as const)(
      'INVITE with an unknown To tag: 481, and never a call (%s)',
      async (transport) => {
        const run = await stage.sipp.run({ scenario: 'stray-invite', to: 'holding', transport })
        const wire = ['> INVITE', '< 481 INVITE', '> ACK']
        expect(await stage.wire.settled(run.port, wire)).toEqual(wire)
        expect((await stage.server.records()).filter(({ legs }) => legs[0]?.ids['call-id'] === run.callId)).toEqual([])
      },
    )

    test('an extension that nobody knows: 420, and it is named', async () => {
      const run = await stage.sipp.run({ scenario: 'requires', to: 'holding' })
      const refusal = await stage.wire.until('the 420', run.port, (all) => all.find(({ head }) => head === '420'))
      expect(refusal.header('unsupported')).toBe('telepathy')
      expect(await stage.wire.settled(run.port, ['> INVITE', '< 420 INVITE', '> ACK'])).toContain('> ACK')
    })
  })

  test('one packet in six is lost: every call ends all the same, each on one record', async () => {
    const order = { scenario: 'hangs-up', to: 'holding', gaps: { talk: 100 }, calls: 40, rate: 20, limit: 90 } as const
    const run = await stage.sipp.run({ ...order, more: ['-lost', '16'] })
    const family = run.callId.replace(/1$/, '')
    const records = await until('40 records', async () => {
      const all = (await stage.server.records()).filter(({ legs }) => legs[0]?.ids['call-id']?.startsWith(family))
      return all.length >= 40 && all
    })
    expect(records).toHaveLength(40)
    expect(new Set(records.map(({ legs }) => legs[0]?.ids['call-id'])).size).toBe(40)
    expect(records.every(({ ending }) => ending.cause === 'hangup' && ending.actor === 'caller')).toBe(true)
  }, 120_000)

  test('an answer that nobody acknowledges is repeated for 32 s, then hung up on as that', async () => {
    await neverAcks.done
    const wire = ['> INVITE', '< 200 INVITE', '< BYE SIP;cause=408;text="ACK timeout"', '> 200 BYE']
    expect(await stage.wire.settled(neverAcks.port, wire)).toEqual(wire)
    const packets = stage.wire.packets(neverAcks.port)
    const answers = packets.filter(({ head, method }) => head === '200' && method === 'INVITE').map(({ at }) => at)
    // T1 doubling to T2 for 64 T1 (RFC 3261 §13.3.1.4); a loaded machine may be late, never early, and leaves out what it was too late for.
    const schedule = [0, 500, 1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500]
    const bye = packets.find(({ head }) => head === 'BYE')!
    const late = [
      ...answers.map((at, index) => at - answers[0]! - (schedule[index] ?? Number.POSITIVE_INFINITY)),
      bye.at - answers[0]! - 32_000,
    ]
    expect(Math.min(...late)).toBeGreaterThan(-100)
    const inTime = schedule.filter((at) => at + Math.max(0, ...late) < 32_000)
    expect(answers.length).toBeGreaterThanOrEqual(inTime.length)
    const { ending, talk } = await only(neverAcks)
    expect(ending).toMatchObject({ cause: 'no-ack', actor: 'network', phase: 'answered' })
    expect(talk).toBeGreaterThan(31_000)
  }, 120_000)

  test('nothing lives on', async () => {
    expect(await stage.server.live()).toEqual([])
    expect(stage.wire.malformed).toEqual([])
  })
})

function again(): string[] {
  return ['> INVITE', '< 200 INVITE', '> ACK']
}
