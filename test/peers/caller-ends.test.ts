import { afterAll, beforeAll, expect, test } from 'vitest'
import type { App } from './app.ts'
import { describeWith } from './programs.ts'
import { type Stage, setStage } from './stage.ts'

type Row = Readonly<{
  to: 'holding' | 'ringing'
  scenario: string
  gaps?: Readonly<Record<string, string | number>>
  wire: readonly string[]
  ending: Readonly<Record<string, unknown>>
  hangup: readonly string[]
}>

const answered = ['> INVITE', '< 200 INVITE', '> ACK']
const hungUp = (reason = '') => [...answered, `> BYE${reason && ` ${reason}`}`, '< 200 BYE']
const cancelled = (reason = '') => [
  '> INVITE',
  '< 180 INVITE',
  `> CANCEL${reason && ` ${reason}`}`,
  '< 200 CANCEL',
  '< 487 INVITE',
  '> ACK',
]
const byCaller = ['NORMAL_CLEARING', '4000', 'Normal Hangup', 'Caller']
const hangup = { cause: 'hangup', actor: 'caller', phase: 'answered' }
const withdrawn = { cause: 'cancelled', actor: 'caller', phase: 'ringing' }

const rows: Readonly<Record<string, Row>> = {
  'hangs up': {
    to: 'holding',
    scenario: 'hangs-up',
    wire: hungUp(),
    ending: hangup,
    hangup: byCaller,
  },
  'hangs up, and says why in both protocols, with quoted separators': {
    to: 'holding',
    scenario: 'hangs-up',
    gaps: {
      reason: 'Reason: SIP;cause=200;text="Bye; see you, soon", q.850 ; Cause=16 ;text="Normal, clearing; done"',
    },
    wire: hungUp('SIP;cause=200;text="Bye; see you, soon", q.850 ; Cause=16 ;text="Normal, clearing; done"'),
    ending: {
      ...hangup,
      codes: { sip: 200, q850: 16 },
      raw: {
        dialect: 'sip',
        value: {
          message: 'BYE',
          reasons: ['SIP;cause=200;text="Bye; see you, soon"', 'q.850 ; Cause=16 ;text="Normal, clearing; done"'],
        },
      },
    },
    hangup: byCaller,
  },
  'hangs up, and says why in two lines': {
    to: 'holding',
    scenario: 'hangs-up',
    gaps: { reason: 'Reason: Q.850;cause=102;text="Media timeout"\nReason: X.int;reasoncode=0x0' },
    wire: hungUp('Q.850;cause=102;text="Media timeout" X.int;reasoncode=0x0'),
    ending: { cause: 'media-lost', actor: 'network', phase: 'answered', codes: { q850: 102, text: 'Media timeout' } },
    hangup: ['MEDIA_TIMEOUT', '6020', 'Media Timeout', 'Carrier'],
  },
  'gives up while it rings': {
    to: 'ringing',
    scenario: 'cancels',
    wire: cancelled(),
    ending: withdrawn,
    hangup: ['ORIGINATOR_CANCEL', '1000', 'Canceled', 'Caller'],
  },
  'gives up, and says why': {
    to: 'ringing',
    scenario: 'cancels',
    gaps: { reason: 'Reason: SIP;cause=200;text="Call completed elsewhere"' },
    wire: cancelled('SIP;cause=200;text="Call completed elsewhere"'),
    ending: { cause: 'answered-elsewhere', actor: 'callee', phase: 'ringing' },
    hangup: ['LOSE_RACE', '9000', 'Lost Race', 'Callee'],
  },
}

describeWith(['sipp'], 'a caller ends the call', () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await setStage(settings)
  })
  afterAll(() => stage?.close())

  function settings(app: App) {
    return {
      routes: [
        { to: 'ringing', ...app.runs('<Wait length="60"/>') },
        { to: 'holding', ...app.runs('<Speak loop="0">Hold the line.</Speak>') },
      ],
    }
  }

  const cases = Object.keys(rows).flatMap((name) => (['udp', 'tcp'] as const).map((way) => [name, way] as const))
  test.concurrent.for(cases)('%s, over %s', async ([name, transport]) => {
    const { to, scenario, gaps, wire, ending, hangup } = rows[name]!
    const run = await stage.sipp.run({ scenario, to, gaps: { talk: 200, ring: 100, ...gaps }, transport })
    expect(await stage.wire.settled(run.port, wire)).toEqual(wire)
    const records = await stage.server.recordsOf(run.callId)
    expect(records).toHaveLength(1)
    expect(records[0]!.ending).toMatchObject(ending)
    const { HangupCause, HangupCauseCode, HangupCauseName, HangupSource } = await stage.app.hangup(records[0]!.id)
    expect([HangupCause, HangupCauseCode, HangupCauseName, HangupSource]).toEqual(hangup)
  })

  test('nothing lives on', async () => {
    expect(await stage.server.live()).toEqual([])
    expect(stage.wire.malformed).toEqual([])
  })
})
