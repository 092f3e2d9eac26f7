import { afterAll, beforeAll, expect, test } from 'vitest'
import { freePort } from './places.ts'
import { describeWith } from './programs.ts'
import { type Stage, setStage } from './stage.ts'

type Gaps = Readonly<Record<string, string | number>>
type Party = Readonly<{ scenario: string; gaps?: Gaps; wire: readonly string[] }>
type Row = Readonly<{
  caller: Party
  /** Each rings at once. */
  callees: readonly Party[]
  ringSeconds?: number
  ending: Readonly<Record<string, unknown>>
  /** Endings of the devices, in their order. */
  branches?: readonly (string | undefined)[]
}>

/** A caller's whole ladder when it is refused, rings and is refused, or gives up. */
const refused = (said: string) => ['> INVITE', `< ${said}`, '> ACK']
const rangAndRefused = (said: string) => ['> INVITE', '< 180 INVITE', `< ${said}`, '> ACK']
const gaveUp = (reason: string) => [
  ...['> INVITE', '< 180 INVITE', `> CANCEL${reason}`, '< 200 CANCEL', '< 487 INVITE', '> ACK'],
]

/** A callee's. */
const refuses = (status: number, phrase: string, reason = ''): Party => ({
  scenario: 'callee-refuses',
  gaps: { status, phrase, reason: reason && `Reason: ${reason}` },
  wire: ['< INVITE', `> ${status} INVITE${reason && ` ${reason}`}`, '< ACK'],
})
const withdrawn = (reason: string): Party => ({
  scenario: 'callee-rings',
  wire: ['< INVITE', '> 180 INVITE', `< CANCEL${reason && ` ${reason}`}`, '> 200 CANCEL', '> 487 INVITE', '< ACK'],
})

function relays(status: number, phrase: string, heard: string, said: string, ending: Row['ending']): Row {
  return {
    caller: { scenario: 'refused', gaps: { status: Number.parseInt(said, 10) }, wire: refused(said) },
    callees: [refuses(status, phrase, heard)],
    ending: { phase: 'offered', ...ending },
  }
}

const elsewhere = 'SIP;cause=200;text="Call completed elsewhere"'
const talk = ['> INVITE', '< 180 INVITE', '< 200 INVITE', '> ACK']
const talked = ['< INVITE', '> 180 INVITE', '> 200 INVITE', '< ACK']

const rows: Readonly<Record<string, Row>> = {
  '486': relays(486, 'Busy Here', '', '486 INVITE Q.850;cause=17', {
    cause: 'busy',
    actor: 'callee',
    codes: { sip: 486 },
  }),
  '480': relays(480, 'Temporarily Unavailable', '', '480 INVITE Q.850;cause=20', {
    cause: 'unavailable',
    actor: 'network',
    codes: { sip: 480 },
  }),
  '480, because nobody answered': relays(
    480,
    'Temporarily Unavailable',
    'Q.850;cause=19;text="No answer"',
    '480 INVITE Q.850;cause=19;text="No answer"',
    { cause: 'no-answer', actor: 'network', codes: { sip: 480, q850: 19 } },
  ),
  '603': relays(603, 'Decline', '', '603 INVITE Q.850;cause=21', {
    cause: 'declined',
    actor: 'callee',
    codes: { sip: 603 },
  }),
  '600': relays(600, 'Busy Everywhere', '', '600 INVITE Q.850;cause=17', {
    cause: 'busy',
    actor: 'callee',
    codes: { sip: 600 },
  }),
  '404': relays(404, 'Not Found', '', '404 INVITE Q.850;cause=1', {
    cause: 'not-found',
    actor: 'network',
    codes: { sip: 404 },
  }),
  '503': relays(503, 'Service Unavailable', '', '503 INVITE Q.850;cause=38', {
    cause: 'network-failed',
    actor: 'network',
    codes: { sip: 503 },
  }),
  '607': relays(607, 'Unwanted', '', '607 INVITE Q.850;cause=21', {
    cause: 'unwanted',
    actor: 'callee',
    codes: { sip: 607 },
  }),
  'a status that nobody knows is read by its class': relays(499, 'Whatever', '', '499 INVITE Q.850;cause=41', {
    cause: 'error',
    actor: 'network',
    codes: { sip: 499 },
  }),
  'the caller gives up, and its Reason goes on to the callee': {
    caller: {
      scenario: 'cancels',
      gaps: { ring: 300, reason: 'Reason: Q.850;cause=16;text="Gone, home"' },
      wire: gaveUp(' Q.850;cause=16;text="Gone, home"'),
    },
    callees: [withdrawn('Q.850;cause=16;text="Gone, home"')],
    ending: { cause: 'cancelled', actor: 'caller', phase: 'ringing' },
  },
  'the caller gives up without a word': {
    caller: { scenario: 'cancels', gaps: { ring: 300 }, wire: gaveUp('') },
    callees: [withdrawn('Q.850;cause=16')],
    ending: { cause: 'cancelled', actor: 'caller', phase: 'ringing' },
  },
  'nobody answers in time': {
    caller: { scenario: 'refused', gaps: { status: 480 }, wire: rangAndRefused('480 INVITE Q.850;cause=19') },
    callees: [withdrawn('Q.850;cause=19')],
    ringSeconds: 1,
    ending: { cause: 'no-answer', actor: 'timer', phase: 'ringing' },
  },
  'a callee that has not said anything yet is sent CANCEL only after it has': {
    caller: { scenario: 'refused', gaps: { status: 480 }, wire: refused('480 INVITE Q.850;cause=19') },
    callees: [{ ...withdrawn('Q.850;cause=19'), scenario: 'callee-is-slow' }],
    ringSeconds: 1,
    ending: { cause: 'no-answer', actor: 'timer', phase: 'offered' },
  },
  'the answer crosses the CANCEL: it is acknowledged, and hung up on': {
    caller: { scenario: 'cancels', gaps: { ring: 300 }, wire: gaveUp('') },
    callees: [
      {
        scenario: 'callee-answers-late',
        wire: [
          ...['< INVITE', '> 180 INVITE', '< CANCEL Q.850;cause=16', '> 200 CANCEL', '> 200 INVITE', '< ACK'],
          ...['< BYE Q.850;cause=16', '> 200 BYE'],
        ],
      },
    ],
    ending: { cause: 'cancelled', actor: 'caller', phase: 'ringing' },
  },
  'the caller hangs up, and its Reason goes on to the callee': {
    caller: {
      scenario: 'hangs-up',
      gaps: { talk: 300, reason: 'Reason: Q.850;cause=16;text="Bye"' },
      wire: [...talk, '> BYE Q.850;cause=16;text="Bye"', '< 200 BYE'],
    },
    callees: [
      {
        scenario: 'callee-answers',
        gaps: { ring: 100 },
        wire: [...talked, '< BYE Q.850;cause=16;text="Bye"', '> 200 BYE'],
      },
    ],
    ending: { cause: 'hangup', actor: 'caller', phase: 'answered' },
  },
  'the callee hangs up': {
    caller: { scenario: 'hung-up', wire: [...talk, '< BYE Q.850;cause=16', '> 200 BYE'] },
    callees: [{ scenario: 'callee-hangs-up', gaps: { talk: 300 }, wire: [...talked, '> BYE', '< 200 BYE'] }],
    ending: { cause: 'hangup', actor: 'callee', phase: 'answered' },
  },
  'one of two devices answers: the other hears that the call was completed elsewhere': {
    caller: { scenario: 'hangs-up', gaps: { talk: 300 }, wire: [...talk, '> BYE', '< 200 BYE'] },
    callees: [
      withdrawn(elsewhere),
      { scenario: 'callee-answers', gaps: { ring: 300 }, wire: [...talked, '< BYE Q.850;cause=16', '> 200 BYE'] },
    ],
    ending: { cause: 'hangup', actor: 'caller', phase: 'answered' },
    branches: ['answered-elsewhere', undefined],
  },
  'one of two devices is busy: the other rings on, and answers': {
    caller: { scenario: 'hangs-up', gaps: { talk: 300 }, wire: [...talk, '> BYE', '< 200 BYE'] },
    callees: [
      refuses(486, 'Busy Here'),
      { scenario: 'callee-answers', gaps: { ring: 300 }, wire: [...talked, '< BYE Q.850;cause=16', '> 200 BYE'] },
    ],
    ending: { cause: 'hangup', actor: 'caller', phase: 'answered' },
    branches: ['busy', undefined],
  },
  'one of two devices declines for both: the other hears that code': {
    caller: { scenario: 'refused', gaps: { status: 603 }, wire: rangAndRefused('603 INVITE Q.850;cause=21') },
    callees: [withdrawn('SIP;cause=603'), { ...refuses(603, 'Decline'), scenario: 'callee-refuses-late' }],
    ending: { cause: 'declined', actor: 'callee', phase: 'ringing', codes: { sip: 603 } },
    branches: ['declined-elsewhere', 'declined'],
  },
  'the caller gives up on two devices: neither hears of another one': {
    caller: { scenario: 'cancels', gaps: { ring: 300 }, wire: gaveUp('') },
    callees: [withdrawn('Q.850;cause=16'), withdrawn('Q.850;cause=16')],
    ending: { cause: 'cancelled', actor: 'caller', phase: 'ringing' },
  },
  'nobody is there': {
    caller: { scenario: 'refused', gaps: { status: 503 }, wire: refused('503 INVITE Q.850;cause=38') },
    callees: [],
    ending: { cause: 'network-failed', actor: 'network', phase: 'offered' },
  },
}

const names = Object.keys(rows)

describeWith(['sipp'], 'a caller and its callee end together, each hearing the truth in its own words', () => {
  let stage: Stage
  const ports: number[][] = []
  let trunk = 0
  beforeAll(async () => {
    for (const name of names) {
      const places = Math.max(1, rows[name]!.callees.length)
      ports.push(await Promise.all(Array.from({ length: places }, freePort)))
    }
    trunk = await freePort()
    stage = await setStage(() => ({
      trunks: [
        {
          name: 'carrier',
          server: `127.0.0.1:${trunk}`,
          credentials: { username: 'onhook', password: 'correct-horse', realm: 'trunk.example' },
        },
      ],
      routes: [
        ...names.map((name, index) => ({
          to: `row-${index}`,
          from: 'anyone',
          direct: { to: ports[index]!.map((port) => `sip:callee@127.0.0.1:${port}`) },
          ...(rows[name]!.ringSeconds !== undefined && { limits: { ringSeconds: rows[name]!.ringSeconds } }),
        })),
        { to: 'from-a-user', from: 'users', direct: { trunk: 'carrier' } },
      ],
      outbound: [{ to: '5550100', trunk: 'carrier' }],
    }))
  })
  afterAll(() => stage?.close())

  test.concurrent.for(names)('%s', async (name) => {
    const index = names.indexOf(name)
    const { caller, callees, ending, branches } = rows[name]!
    const ringing = await Promise.all(
      callees.map(({ scenario, gaps = {} }, place) =>
        stage.sipp.start({ scenario, gaps, port: ports[index]![place]! }),
      ),
    )
    const run = await stage.sipp.start({ scenario: caller.scenario, to: `row-${index}`, gaps: caller.gaps ?? {} })
    await Promise.all([run, ...ringing].map(({ done }) => done))

    expect(await stage.wire.settled(run.port, caller.wire)).toEqual(caller.wire)
    for (const [place, { wire }] of callees.entries()) {
      const { port } = ringing[place]!
      expect(await stage.wire.settled(port, wire)).toEqual(wire)
      cancelRepeatsInvite(port)
    }
    const records = await stage.server.recordsOf(run.callId)
    expect(records).toHaveLength(1)
    expect(records[0]!.ending).toMatchObject(ending)
    expect(records[0]!.legs).toHaveLength(2)
    if (branches !== undefined) {
      const ended = records[0]!.legs[1]!.branches.map((branch) => branch.ending?.cause)
      expect(ended).toEqual(branches)
    }
  })

  /** RFC 3261 §9.1. */
  function cancelRepeatsInvite(port: number): void {
    const packets = stage.wire.packets(port)
    const cancel = packets.find(({ head }) => head === 'CANCEL')
    if (cancel === undefined) return
    const invite = packets.find(({ head }) => head === 'INVITE')!
    for (const name of ['via', 'from', 'to', 'call-id']) expect(cancel.headers(name)).toEqual(invite.headers(name))
    expect(cancel.line.split(' ')[1]).toBe(invite.line.split(' ')[1])
    expect(cancel.header('cseq')).toBe(invite.header('cseq')!.replace('INVITE', 'CANCEL'))
    expect(cancel.header('require')).toBeUndefined()
    const first = packets.find(({ line }) => line.startsWith('SIP/2.0 1'))!
    expect(cancel.at).toBeGreaterThan(first.at)
  }

  test('a trunk that challenges is answered with its credentials', async () => {
    const gaps = { username: 'onhook', password: 'correct-horse' }
    const run = await stage.sipp.start({ scenario: 'callee-challenges', gaps, port: trunk })
    const { call } = await stage.server.place({ to: '5550100', from: '5550199' })
    await run.done
    const wire = ['< INVITE', '> 401 INVITE', '< ACK', '< INVITE', '> 486 INVITE', '< ACK']
    expect(await stage.wire.settled(run.port, wire)).toEqual(wire)
    const { ending } = await stage.server.record(call)
    expect(ending).toMatchObject({ cause: 'busy', actor: 'callee', codes: { sip: 486 } })
  })

  test('nothing lives on', async () => {
    expect(await stage.server.live()).toEqual([])
    expect(stage.wire.malformed).toEqual([])
  })
})
