/** The ways in which the demo ends calls, and what is promised of each. */

import type { Cause } from '../../call/causes.ts'
import type { Actor, Phase } from '../../call/ending.ts'
import type { OutgoingCall } from '../../testing/outgoing-call.ts'
import type { Stage } from './stage.ts'

type Common = Readonly<{
  name: string
  title: string
  number: string
  says: string
  /** What the caller, or somebody else, does about the call that was placed. */
  act(call: OutgoingCall, stage: Stage): Promise<unknown>
}>

/** `app`: path of the sample app under `/answer`. */
export type VobizScenario = Common &
  Readonly<{ kind: 'vobiz'; app: string; promised: Promised & Readonly<{ webhook: Told }> }>

/** `handler`: file under `examples`. `events`: what it is promised to be told, as `wordsOf` has it. */
export type ChimeScenario = Common &
  Readonly<{ kind: 'chime'; handler: string; promised: Promised & Readonly<{ events: readonly string[] }> }>

export type Scenario = VobizScenario | ChimeScenario

type Told = Readonly<{ code: string; name: string; source: string; status: string }>

type Promised = Readonly<{
  /** Every message in its order, from the phone's side; 100s and retransmissions left out. */
  wire: readonly string[]
  cause: Cause
  actor: Actor
  phase: Phase
  /** What the server put on the wire to end it; null if the caller ended it. */
  sent: string | null
}>

const tone = { frequency: 440 } as const
const answered = ['→ INVITE', '← 200 INVITE', '→ ACK'] as const
const refused = (status: string) => ['→ INVITE', `← ${status}`, '→ ACK']
const byServer = (reason: string) => [...answered, `← BYE ${reason}`, '→ 200 BYE']
const normal = { code: '4000', name: 'Normal Hangup', status: 'completed' } as const

const vobiz: readonly Omit<VobizScenario, 'kind'>[] = [
  {
    name: 'script-hangup',
    title: 'The script speaks, then hangs up',
    number: '101',
    app: 'speak',
    says: '<Speak>Thank you for calling. Goodbye.</Speak><Hangup/>',
    act: (call) => call.answered().then(() => call.hears('sound')),
    promised: {
      wire: byServer('Q.850;cause=16'),
      cause: 'hangup',
      actor: 'app',
      phase: 'answered',
      sent: 'BYE',
      webhook: { ...normal, source: 'Answer XML' },
    },
  },
  {
    name: 'busy',
    title: 'The script says busy before the answer',
    number: '102',
    app: 'busy',
    says: '<Hangup reason="busy"/>',
    act: async () => {},
    promised: {
      wire: refused('486 INVITE Q.850;cause=17'),
      cause: 'busy',
      actor: 'app',
      phase: 'offered',
      sent: '486',
      webhook: { code: '3010', name: 'Busy Line', source: 'Answer XML', status: 'busy' },
    },
  },
  {
    name: 'rejected',
    title: 'The script rejects it before the answer',
    number: '103',
    app: 'rejected',
    says: '<Hangup reason="rejected"/>',
    act: async () => {},
    promised: {
      wire: refused('603 INVITE Q.850;cause=21'),
      cause: 'declined',
      actor: 'app',
      phase: 'offered',
      sent: '603',
      webhook: { code: '3020', name: 'Rejected', source: 'Answer XML', status: 'failed' },
    },
  },
  {
    name: 'caller-cancels',
    title: 'The caller gives up while it rings',
    number: '104',
    app: 'ring',
    says: '<Wait length="60"/>',
    act: async (call) => {
      await call.ringing()
      call.cancel()
    },
    promised: {
      wire: ['→ INVITE', '← 180 INVITE', '→ CANCEL', '← 200 CANCEL', '← 487 INVITE', '→ ACK'],
      cause: 'cancelled',
      actor: 'caller',
      phase: 'ringing',
      sent: null,
      webhook: { code: '1000', name: 'Canceled', source: 'Caller', status: 'cancel' },
    },
  },
  {
    name: 'caller-hangs-up',
    title: 'The caller hangs up',
    number: '105',
    app: 'long',
    says: '<Play loop="0">tone.wav</Play>',
    act: async (call) => {
      await call.answered()
      await call.hears(tone)
      call.hangup()
    },
    promised: {
      wire: [...answered, '→ BYE', '← 200 BYE'],
      cause: 'hangup',
      actor: 'caller',
      phase: 'answered',
      sent: null,
      webhook: { ...normal, source: 'Caller' },
    },
  },
  {
    name: 'schedule',
    title: 'The schedule fires',
    number: '106',
    app: 'schedule',
    says: '<Hangup schedule="2"/><Speak>Two seconds.</Speak><Play loop="0">tone.wav</Play>',
    act: (call) => call.answered().then(() => call.hears('sound')),
    promised: {
      wire: byServer('Q.850;cause=16'),
      cause: 'scheduled',
      actor: 'timer',
      phase: 'answered',
      sent: 'BYE',
      webhook: { code: '6000', name: 'Scheduled Hangup', source: 'Answer XML', status: 'completed' },
    },
  },
  {
    name: 'api',
    title: 'The API hangs up',
    number: '107',
    app: 'long',
    says: '<Play loop="0">tone.wav</Play>',
    act: async (call, stage) => {
      await call.answered()
      await call.hears(tone)
      const { items } = await stage.get<{ items: { id: string }[] }>('/api/calls?to=107')
      await stage.post(`/api/calls/${items[0]?.id}/end`, {})
    },
    promised: {
      wire: byServer('Q.850;cause=16'),
      cause: 'hangup',
      actor: 'api',
      phase: 'answered',
      sent: 'BYE',
      webhook: { ...normal, source: 'API Request' },
    },
  },
  {
    name: 'app-fails',
    title: 'The app answers 500',
    number: '108',
    app: 'fail',
    says: '500 out of order',
    act: async () => {},
    promised: {
      // It is asked again first, and the caller hears that it rings meanwhile.
      wire: ['→ INVITE', '← 180 INVITE', '← 503 INVITE Q.850;cause=41', '→ ACK'],
      cause: 'app-unreachable',
      actor: 'platform',
      phase: 'ringing',
      sent: '503',
      webhook: { code: '7011', name: 'Error Reaching Answer URL', source: 'Error', status: 'failed' },
    },
  },
  {
    name: 'killed',
    title: 'The server is killed with kill -9 in the middle of a call, and started again',
    number: '109',
    app: 'long',
    says: '<Play loop="0">tone.wav</Play>',
    act: async (call, stage) => {
      await call.answered()
      await call.hears(tone)
      await stage.killAndRestart()
    },
    promised: {
      wire: byServer('SIP;cause=503, Q.850;cause=41'),
      cause: 'restarted',
      actor: 'platform',
      phase: 'answered',
      sent: 'BYE',
      webhook: { code: '5010', name: 'Internal Error', source: 'Vobiz', status: 'completed' },
    },
  },
]

const chime: readonly Omit<ChimeScenario, 'kind'>[] = [
  {
    name: 'handler-bridges',
    title: 'A Chime handler bridges two phones; one hangs up, and the handler hangs the other up',
    number: '110',
    handler: 'chime-bridge/handler.js',
    says: 'CallAndBridge, and at the HANGUP of one leg Hangup of the other',
    act: async (call, stage) => {
      const other = await stage.desk.incoming()
      stage.mark('the other phone answers')
      await other.answer()
      await call.answered()
      call.speak(440)
      await other.hears(tone)
      stage.mark('the other phone hangs up')
      other.hangup()
    },
    promised: {
      wire: ['→ INVITE', '← 180 INVITE', '← 200 INVITE', '→ ACK', '← BYE Q.850;cause=16', '→ 200 BYE'],
      cause: 'hangup',
      actor: 'app',
      phase: 'answered',
      sent: 'BYE',
      events: ['NEW_INBOUND_CALL', 'ACTION_SUCCESSFUL CallAndBridge', 'HANGUP LEG-B 0', 'HANGUP LEG-A 0'],
    },
  },
]

/** The kill stands last: it forgets who has registered. */
export const scenarios: readonly Scenario[] = [
  ...vobiz.slice(0, -1).map((one) => ({ ...one, kind: 'vobiz' as const })),
  ...chime.map((one) => ({ ...one, kind: 'chime' as const })),
  ...vobiz.slice(-1).map((one) => ({ ...one, kind: 'vobiz' as const })),
]
