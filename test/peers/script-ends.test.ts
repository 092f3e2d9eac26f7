import { afterAll, beforeAll, expect, test } from 'vitest'
import type { App } from './app.ts'
import { describeWith } from './programs.ts'
import type { Transport } from './sipp.ts'
import { type Stage, setStage } from './stage.ts'

type Row = Readonly<{
  /** What the app says. */
  document: string
  scenario: 'hung-up' | 'refused'
  status?: number
  wire: readonly string[]
  ending: Readonly<{ cause: string; actor: string; phase: string }>
  /** HangupCause, code, name, source. */
  hangup: readonly string[]
  talked: boolean
}>

const answered = ['> INVITE', '< 200 INVITE', '> ACK']
const ended = (reason: string) => [...answered, `< BYE ${reason}`, '> 200 BYE']
const refused = (said: string, ...before: string[]) => ['> INVITE', ...before, `< ${said}`, '> ACK']

/** The rows of the decision table for <Hangup> that a caller can tell apart; each ladder is all that crosses the wire. */
const rows: Readonly<Record<string, Row>> = {
  'speech, then Hangup': {
    document: '<Speak>Goodbye.</Speak><Hangup/>',
    scenario: 'hung-up',
    wire: ended('Q.850;cause=16'),
    ending: { cause: 'hangup', actor: 'app', phase: 'answered' },
    hangup: ['NORMAL_CLEARING', '4000', 'Normal Hangup', 'Answer XML'],
    talked: true,
  },
  'busy after the answer': {
    document: '<Speak>No.</Speak><Hangup reason="busy"/>',
    scenario: 'hung-up',
    wire: ended('Q.850;cause=17'),
    ending: { cause: 'busy', actor: 'app', phase: 'answered' },
    hangup: ['USER_BUSY', '3010', 'Busy Line', 'Answer XML'],
    talked: true,
  },
  'rejected after the answer': {
    document: '<Speak>No.</Speak><Hangup reason="rejected"/>',
    scenario: 'hung-up',
    wire: ended('Q.850;cause=21'),
    ending: { cause: 'declined', actor: 'app', phase: 'answered' },
    hangup: ['CALL_REJECTED', '3020', 'Rejected', 'Answer XML'],
    talked: true,
  },
  'the document runs out': {
    document: '<Speak>Bye.</Speak>',
    scenario: 'hung-up',
    wire: ended('Q.850;cause=16'),
    ending: { cause: 'script-end', actor: 'platform', phase: 'answered' },
    hangup: ['NORMAL_CLEARING', '4010', 'End Of XML Instructions', 'Vobiz'],
    talked: true,
  },
  'a schedule fires while it speaks': {
    document: '<Hangup schedule="1"/><Speak loop="0">Again and again.</Speak>',
    scenario: 'hung-up',
    wire: ended('Q.850;cause=16'),
    ending: { cause: 'scheduled', actor: 'timer', phase: 'answered' },
    hangup: ['ALLOTTED_TIMEOUT', '6000', 'Scheduled Hangup', 'Answer XML'],
    talked: true,
  },
  'a schedule with a reason fires': {
    document: '<Hangup schedule="1" reason="busy"/><Speak loop="0">Again and again.</Speak>',
    scenario: 'hung-up',
    wire: ended('Q.850;cause=17'),
    ending: { cause: 'busy', actor: 'timer', phase: 'answered' },
    hangup: ['USER_BUSY', '3010', 'Busy Line', 'Answer XML'],
    talked: true,
  },
  busy: {
    document: '<Hangup reason="busy"/>',
    scenario: 'refused',
    status: 486,
    wire: refused('486 INVITE Q.850;cause=17'),
    ending: { cause: 'busy', actor: 'app', phase: 'offered' },
    hangup: ['USER_BUSY', '3010', 'Busy Line', 'Answer XML'],
    talked: false,
  },
  rejected: {
    document: '<Hangup reason="rejected"/>',
    scenario: 'refused',
    status: 603,
    wire: refused('603 INVITE Q.850;cause=21'),
    ending: { cause: 'declined', actor: 'app', phase: 'offered' },
    hangup: ['CALL_REJECTED', '3020', 'Rejected', 'Answer XML'],
    talked: false,
  },
  'a bare Hangup first': {
    document: '<Hangup/>',
    scenario: 'refused',
    status: 603,
    wire: refused('603 INVITE Q.850;cause=21'),
    ending: { cause: 'declined', actor: 'app', phase: 'offered' },
    hangup: ['CALL_REJECTED', '3020', 'Rejected', 'Answer XML'],
    talked: false,
  },
  'it rings, then is busy': {
    document: '<Wait length="1"/><Hangup reason="busy"/>',
    scenario: 'refused',
    status: 486,
    wire: refused('486 INVITE Q.850;cause=17', '< 180 INVITE'),
    ending: { cause: 'busy', actor: 'app', phase: 'ringing' },
    hangup: ['USER_BUSY', '3010', 'Busy Line', 'Answer XML'],
    talked: false,
  },
  'a sentence before the answer, then rejected': {
    document: '<PreAnswer><Speak>Nobody pays for this.</Speak></PreAnswer><Hangup reason="rejected"/>',
    scenario: 'refused',
    status: 603,
    wire: refused('603 INVITE Q.850;cause=21', '< 183 INVITE'),
    ending: { cause: 'declined', actor: 'app', phase: 'early' },
    hangup: ['CALL_REJECTED', '3020', 'Rejected', 'Answer XML'],
    talked: false,
  },
  'a schedule fires while it rings': {
    document: '<Hangup schedule="1"/><Wait length="30"/>',
    scenario: 'refused',
    status: 603,
    wire: refused('603 INVITE Q.850;cause=16', '< 180 INVITE'),
    ending: { cause: 'scheduled', actor: 'timer', phase: 'ringing' },
    hangup: ['ALLOTTED_TIMEOUT', '6000', 'Scheduled Hangup', 'Answer XML'],
    talked: false,
  },
  'an empty document': {
    document: '',
    scenario: 'refused',
    status: 603,
    wire: refused('603 INVITE Q.850;cause=16'),
    ending: { cause: 'script-end', actor: 'platform', phase: 'offered' },
    hangup: ['NORMAL_CLEARING', '4010', 'End Of XML Instructions', 'Vobiz'],
    talked: false,
  },
}

const names = Object.keys(rows)

function settings(app: App) {
  const routes = names.map((name, index) => ({
    to: `row-${index}`,
    from: 'anyone',
    app: {
      platform: 'vobiz',
      document: `<Response>${rows[name]!.document}</Response>`,
      hangupUrl: `${app.url}/hangup`,
    },
  }))
  return { routes }
}

describeWith(['sipp'], "a script's end is heard on the wire, in the record, and in the webhook", () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await setStage(settings)
  })
  afterAll(() => stage?.close())

  const cases = names.flatMap((name, index) =>
    (['udp', 'tcp'] as const).map((transport): [string, Transport, number] => [name, transport, index]),
  )
  test.concurrent.for(cases)('%s, over %s', async ([name, transport, index]) => {
    const { scenario, status = 0, wire, ending, hangup, talked } = rows[name]!
    const run = await stage.sipp.run({ scenario, to: `row-${index}`, gaps: { status }, transport })
    expect(await stage.wire.settled(run.port, wire)).toEqual(wire)

    const records = await stage.server.recordsOf(run.callId)
    expect(records).toHaveLength(1)
    const [record] = records
    expect(record!.ending).toMatchObject(ending)
    expect(record!.talk > 0).toBe(talked)

    const { HangupCause, HangupCauseCode, HangupCauseName, HangupSource, Duration } = await stage.app.hangup(record!.id)
    expect([HangupCause, HangupCauseCode, HangupCauseName, HangupSource]).toEqual(hangup)
    if (!talked) expect(Duration).toBe('0')
    expect(stage.app.hangupsOf(record!.id)).toHaveLength(1)
  })

  test('tshark finds nothing malformed', () => {
    expect(stage.wire.malformed).toEqual([])
  })
})
