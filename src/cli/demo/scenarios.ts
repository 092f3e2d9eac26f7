/** The ways in which the demo ends calls, and what is promised of each. */

import type { Cause } from '../../call/causes.ts'
import type { Actor, Phase } from '../../call/ending.ts'
import type { OutgoingCall } from '../../testing/outgoing-call.ts'
import type { Stage } from './stage.ts'

export type Scenario = Readonly<{
  name: string
  title: string
  number: string
  /** Path of the app under `/answer`, and what it answers. */
  app: string
  says: string
  /** What the caller, or somebody else, does about the call that was placed. */
  act(call: OutgoingCall, stage: Stage): Promise<unknown>
  promised: Promised
}>

export type Promised = Readonly<{
  /** Every message in its order, from the phone's side; 100s and retransmissions left out. */
  wire: readonly string[]
  cause: Cause
  actor: Actor
  phase: Phase
  /** What the server put on the wire to end it; null if the caller ended it. */
  sent: string | null
  webhook: Readonly<{ code: string; name: string; source: string; status: string }>
}>

const tone = { frequency: 440 } as const
const answered = ['→ INVITE', '← 200 INVITE', '→ ACK'] as const
const refused = (status: string) => ['→ INVITE', `← ${status}`, '→ ACK']
const byServer = (reason: string) => [...answered, `← BYE ${reason}`, '→ 200 BYE']
const normal = { code: '4000', name: 'Normal Hangup', status: 'completed' } as const

export const scenarios: readonly Scenario[] = [
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
