import type { Call } from '../../call/call.ts'
import type { Notice } from '../../call/effect.ts'
import type { CallRecord } from '../../call/record.ts'
import { codec as plivo } from '../../dialects/plivo/index.ts'
import {
  type CallbackPolicy,
  callStatusOf,
  type HangupWords,
  hangupParams,
  type Pairs,
  readPolicy,
  ringParams,
  codec as vobiz,
} from '../../dialects/vobiz/index.ts'
import type { DeliverySeed, RetryPolicy } from '../../switchboard/ports.ts'
import { factsOf, type HttpMethod, profileOf, readApp, type VobizApp } from './app.ts'
import { appRequest } from './request.ts'

/** Milliseconds before the second attempt; each further wait is twice the last. */
const firstBackoff = 1000

/**
 * The webhooks that a notice causes: one when an outgoing call rings, one when the call ends, whatever it came to. Their
 * ids are made of the call's, so that composing them again after a crash makes the same deliveries.
 */
export function webhooks(notice: Notice, call: Call, record: CallRecord | undefined): readonly DeliverySeed[] {
  switch (notice.type) {
    case 'call-ended':
      return record === undefined ? [] : hangupWebhook(call, record)
    case 'leg-ringing':
    case 'leg-early':
      return notice.leg === call.first ? ringWebhook(call) : []
    default:
      return []
  }
}

/** `hangup_url`, or the answer URL where there is none: its answer is ignored, and never run. */
function hangupWebhook(call: Call, record: CallRecord): readonly DeliverySeed[] {
  const app = readApp(record.app)
  const url = app.hangupUrl ?? app.answerUrl
  if (url === undefined) return []
  const method = app.hangupUrl === undefined ? app.answerMethod : app.hangupMethod
  const params = hangupParams(factsOf(call, app), {
    words: wordsOf(record, app),
    status: callStatusOf(record.ending, app.compat),
    began: record.began,
    answered: record.answered,
    ended: record.ended,
  })
  return [delivery(`${call.id}:hangup`, 'hangup', url, method, params, app)]
}

function wordsOf({ ending }: CallRecord, app: VobizApp): HangupWords {
  const words = (app.vendor === 'plivo' ? plivo : vobiz).write(ending)
  const { calleeSource, apiSource } = app.compat
  const spelled: Readonly<Record<string, string>> = { Callee: calleeSource, 'API Request': apiSource }
  return { ...words, HangupSource: spelled[words.HangupSource] ?? words.HangupSource }
}

/** `ring_url`, once: outgoing calls only. */
function ringWebhook(call: Call): readonly DeliverySeed[] {
  const app = readApp(call.app.data)
  const leg = call.legs.find(({ id }) => id === call.first)
  if (app.ringUrl === undefined || leg?.direction !== 'out') return []
  // Early media that follows ringing is no second ring.
  if (leg.state.name === 'early' && leg.times.rang !== leg.state.since) return []
  return [delivery(`${call.id}:ring`, 'ring', app.ringUrl, app.ringMethod, ringParams(factsOf(call, app)), app)]
}

function delivery(
  id: string,
  kind: string,
  given: string,
  method: HttpMethod,
  params: Pairs,
  app: VobizApp,
): DeliverySeed {
  const { url, policy } = readPolicy(given, profileOf(app).policy.callback)
  const request = appRequest(app, url, method, params)
  return { id, kind, ...request, headers: { ...request.headers, 'Idempotency-Key': id }, policy: retries(policy) }
}

function retries({ ct, rt, tt, rc, rp }: CallbackPolicy): RetryPolicy {
  const words = { ct: 'connect', rt: 'read', '4xx': '4xx', '5xx': '5xx' } as const
  return {
    connectTimeout: ct,
    readTimeout: rt,
    totalTimeout: tt,
    backoff: Array.from({ length: rc }, (_, attempt) => firstBackoff * 2 ** attempt),
    retryOn: rp.map((reason) => words[reason]),
  }
}
