/** Ways to end × who: what the wire says, what the record says, what the app is told. One server, one call for each row. */
import { describe, expect, it } from 'vitest'
import type { Actor, Phase } from '../../src/call/ending.ts'
import type { OutgoingCall } from '../../src/testing/index.ts'
import { type Stage, stage, until, wireOf } from './stage.ts'

type Row = Readonly<{
  /** What the app answers. */
  says: string
  /** What somebody does about it. */
  act?(call: OutgoingCall, set: Stage): Promise<unknown>
  limits?: Readonly<{ ringSeconds?: number; durationSeconds?: number }>
  /** Without 100s, which a quick answer overtakes. */
  wire: readonly string[]
  cause: string
  actor: Actor
  phase: Phase
  sent?: string
  /** HangupCauseCode, HangupCauseName, HangupSource, CallStatus */
  webhook: readonly [code: string, name: string, source: string, status: string]
}>

const tone = '<Play loop="0">{app}/tone.wav</Play>'
const answered = ['→ INVITE', '← 200 INVITE', '→ ACK'] as const
const refused = (status: string) => ['→ INVITE', `← ${status}`, '→ ACK']
const ringing = (status: string) => ['→ INVITE', '← 180 INVITE', `← ${status}`, '→ ACK']
const bye = (reason: string) => [...answered, `← BYE ${reason}`, '→ 200 BYE']
const q16 = 'Q.850;cause=16'

async function end(call: OutgoingCall, { server }: Stage, cause: 'hangup' | 'busy' = 'hangup') {
  const [live] = [...server.control.live()].filter(({ legs }) => legs.some(({ ids }) => ids['call-id'] === call.callId))
  await server.control.end(live!.id, { cause, actor: 'api' })
}

const rows: Readonly<Record<string, Row>> = {
  'the script, after speech': {
    says: '<Speak>Bye.</Speak><Hangup/>',
    act: async (call) => {
      await call.answered()
      await call.hears('sound')
    },
    wire: bye(q16),
    cause: 'hangup',
    actor: 'app',
    phase: 'answered',
    sent: 'BYE',
    webhook: ['4000', 'Normal Hangup', 'Answer XML', 'completed'],
  },
  'the script, with a reason, after the answer': {
    says: '<Play>{app}/tone.wav</Play><Hangup reason="busy"/>',
    wire: bye('Q.850;cause=17'),
    cause: 'busy',
    actor: 'app',
    phase: 'answered',
    sent: 'BYE',
    webhook: ['3010', 'Busy Line', 'Answer XML', 'completed'],
  },
  'the script runs out': {
    says: '<Play>{app}/tone.wav</Play>',
    wire: bye(q16),
    cause: 'script-end',
    actor: 'platform',
    phase: 'answered',
    sent: 'BYE',
    webhook: ['4010', 'End Of XML Instructions', 'Vobiz', 'completed'],
  },
  'the script says busy': {
    says: '<Hangup reason="busy"/>',
    wire: refused('486 INVITE Q.850;cause=17'),
    cause: 'busy',
    actor: 'app',
    phase: 'offered',
    sent: '486',
    webhook: ['3010', 'Busy Line', 'Answer XML', 'busy'],
  },
  'the script rejects': {
    says: '<Hangup reason="rejected"/>',
    wire: refused('603 INVITE Q.850;cause=21'),
    cause: 'declined',
    actor: 'app',
    phase: 'offered',
    sent: '603',
    webhook: ['3020', 'Rejected', 'Answer XML', 'failed'],
  },
  'the script says busy after a sentence that nobody pays for': {
    says: '<PreAnswer><Play>{app}/tone.wav</Play></PreAnswer><Hangup reason="busy"/>',
    act: (call) => call.hears({ frequency: 440 }),
    wire: ['→ INVITE', '← 183 INVITE', '← 486 INVITE Q.850;cause=17', '→ ACK'],
    cause: 'busy',
    actor: 'app',
    phase: 'early',
    sent: '486',
    webhook: ['3010', 'Busy Line', 'Answer XML', 'busy'],
  },
  'the schedule, while they talk': {
    says: `<Hangup schedule="1"/>${tone}`,
    wire: bye(q16),
    cause: 'scheduled',
    actor: 'timer',
    phase: 'answered',
    sent: 'BYE',
    webhook: ['6000', 'Scheduled Hangup', 'Answer XML', 'completed'],
  },
  'the schedule, while it rings': {
    says: '<Hangup schedule="1" reason="busy"/><Wait length="60"/>',
    wire: ringing('486 INVITE Q.850;cause=17'),
    cause: 'busy',
    actor: 'timer',
    phase: 'ringing',
    sent: '486',
    webhook: ['3010', 'Busy Line', 'Answer XML', 'busy'],
  },
  'the longest ringing': {
    says: '<Wait length="60"/>',
    limits: { ringSeconds: 1 },
    wire: ringing('480 INVITE Q.850;cause=19'),
    cause: 'no-answer',
    actor: 'timer',
    phase: 'ringing',
    sent: '480',
    webhook: ['6010', 'Ring Timeout Reached', 'Vobiz', 'no-answer'],
  },
  'the longest call': {
    says: tone,
    limits: { durationSeconds: 1 },
    wire: bye('Q.850;cause=16;text="Max duration"'),
    cause: 'time-limit',
    actor: 'timer',
    phase: 'answered',
    sent: 'BYE',
    webhook: ['6000', 'Scheduled Hangup', 'Vobiz', 'completed'],
  },
  'the caller, while it rings': {
    says: '<Wait length="60"/>',
    act: async (call) => {
      await call.ringing()
      call.cancel({ protocol: 'Q.850', cause: 16 })
    },
    wire: ['→ INVITE', '← 180 INVITE', '→ CANCEL Q.850;cause=16', '← 200 CANCEL', '← 487 INVITE', '→ ACK'],
    cause: 'cancelled',
    actor: 'caller',
    phase: 'ringing',
    webhook: ['1000', 'Canceled', 'Caller', 'cancel'],
  },
  'the caller, before the answer, by early media': {
    says: `<PreAnswer>${tone}</PreAnswer>`,
    act: async (call) => {
      await call.hears({ frequency: 440 })
      call.cancel()
    },
    wire: ['→ INVITE', '← 183 INVITE', '→ CANCEL', '← 200 CANCEL', '← 487 INVITE', '→ ACK'],
    cause: 'cancelled',
    actor: 'caller',
    phase: 'early',
    webhook: ['1000', 'Canceled', 'Caller', 'cancel'],
  },
  'the caller, while they talk': {
    says: tone,
    act: async (call) => {
      await call.answered()
      await call.hears({ frequency: 440 })
      call.hangup()
    },
    wire: [...answered, '→ BYE', '← 200 BYE'],
    cause: 'hangup',
    actor: 'caller',
    phase: 'answered',
    webhook: ['4000', 'Normal Hangup', 'Caller', 'completed'],
  },
  'the API, while it rings': {
    says: '<Wait length="60"/>',
    act: (call, set) => call.ringing().then(() => end(call, set)),
    wire: ringing('480 INVITE Q.850;cause=16'),
    cause: 'hangup',
    actor: 'api',
    phase: 'ringing',
    sent: '480',
    webhook: ['1000', 'Canceled', 'API Request', 'cancel'],
  },
  'the API, with a cause': {
    says: '<Wait length="60"/>',
    act: (call, set) => call.ringing().then(() => end(call, set, 'busy')),
    wire: ringing('486 INVITE Q.850;cause=17'),
    cause: 'busy',
    actor: 'api',
    phase: 'ringing',
    sent: '486',
    webhook: ['3010', 'Busy Line', 'API Request', 'busy'],
  },
  'the API, while they talk': {
    says: tone,
    act: (call, set) => call.answered().then(() => end(call, set)),
    wire: bye(q16),
    cause: 'hangup',
    actor: 'api',
    phase: 'answered',
    sent: 'BYE',
    webhook: ['4000', 'Normal Hangup', 'API Request', 'completed'],
  },
  'an app that is no app': {
    says: '<Speak>Tom & Jerry</Speak>',
    wire: refused('503 INVITE Q.850;cause=41'),
    cause: 'app-invalid',
    actor: 'platform',
    phase: 'offered',
    sent: '503',
    webhook: ['8011', 'Invalid Answer XML', 'Error', 'failed'],
  },
  'the server, because it stops, while they talk': {
    says: tone,
    act: (call, { server }) => call.answered().then(() => server.stop()),
    wire: bye('SIP;cause=503, Q.850;cause=41'),
    cause: 'shutdown',
    actor: 'platform',
    phase: 'answered',
    sent: 'BYE',
    webhook: ['5010', 'Internal Error', 'Vobiz', 'completed'],
  },
  'the server, because it stops, while it rings': {
    says: '<Wait length="60"/>',
    act: (call, { server }) => call.ringing().then(() => server.stop()),
    wire: ringing('503 INVITE Q.850;cause=41'),
    cause: 'shutdown',
    actor: 'platform',
    phase: 'ringing',
    sent: '503',
    webhook: ['5010', 'Internal Error', 'Vobiz', 'failed'],
  },
}

describe.each(Object.entries(rows))('%s', (_who, row) => {
  it('ends it: wire, record and webhook say the same', async () => {
    const number = '100'
    const set = await stage({ documents: { [number]: row.says }, limits: row.limits ?? {} })
    const phone = await set.phone()
    const call = await phone.call(number)
    await row.act?.(call, set)
    await call.ended()
    // A server that stopped has told what it had to tell; its store went with it.
    const record = row.cause === 'shutdown' ? undefined : await set.record(call)
    await until(() => set.app.webhooks.length > 0)
    const [webhook] = set.app.webhooks
    const { HangupCauseCode, HangupCauseName, HangupSource, CallStatus } = webhook!.params
    expect({
      wire: wireOf(call).filter((line) => line !== '← 100 INVITE'),
      webhook: [HangupCauseCode, HangupCauseName, HangupSource, CallStatus],
    }).toEqual({ wire: row.wire, webhook: row.webhook })
    expect(set.app.webhooks.map(({ id }) => id)).toEqual([`${webhook?.params.CallUUID}:hangup`])
    if (record === undefined) return
    const { cause, actor, phase } = record.ending
    expect({ cause, actor, phase, sent: record.legs[0]?.sent }).toEqual({
      cause: row.cause,
      actor: row.actor,
      phase: row.phase,
      sent: row.sent,
    })
    expect(record.legs[0]?.ending).toEqual(record.ending)
    if (row.sent === undefined) return
    // What became of the telling is learnt after the record stands.
    await until(async () => (await set.record(call)).annex.length > 0)
    expect((await set.record(call)).annex).toMatchObject([{ type: 'told', outcome: 'delivered' }])
  })
})
