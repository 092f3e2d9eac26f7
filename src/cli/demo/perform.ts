/** Plays one scenario, and says what came out and where that differs from what was promised. */
import { type Rung, rungsOf } from '../../testing/ladder.ts'
import type { OutgoingCall } from '../../testing/outgoing-call.ts'
import { summaryOf } from '../../testing/trace.ts'
import type { Delivery } from '../deliveries.ts'
import type { CallRecord } from '../ending-text.ts'
import { type HandlerEvent, wordsOf } from './handler-host.ts'
import type { ChimeScenario, Scenario, VobizScenario } from './scenarios.ts'
import type { Stage, Webhook } from './stage.ts'

export type Result = Readonly<{
  scenario: Scenario
  ladder: readonly Rung[]
  /** What was done to the server meanwhile; milliseconds since the first message. */
  marks: readonly Readonly<{ after: number; text: string }>[]
  wire: readonly string[]
  record: CallRecord | undefined
  /** Each webhook that the app received, also repeated ones. */
  webhooks: readonly Webhook[]
  deliveries: readonly Delivery[]
  /** Each event that the handler received. */
  events: readonly HandlerEvent[]
  /** One line each; none if everything came out as promised. */
  differences: readonly string[]
  milliseconds: number
}>

/** Milliseconds that a call may take to end, and its record and webhook to arrive. */
const endLimit = 10_000
const arrivalLimit = 5_000

export async function perform(scenario: Scenario, stage: Stage, stopped: AbortSignal): Promise<Result> {
  const began = performance.now()
  const faults: string[] = []
  const attempt = async (what: string, run: () => Promise<unknown>) => {
    if (stopped.aborted) return
    await run().catch((error: Error) => faults.push(`${what}: ${error.message}`))
  }
  let call: OutgoingCall | undefined
  await attempt('the call', async () => {
    call = await stage.phone.call(scenario.number)
    await scenario.act(call, stage)
  })
  await attempt('the end', async () => call?.ended(endLimit))
  let record: CallRecord | undefined
  let deliveries: readonly Delivery[] = []
  const mine = () => stage.webhooks.filter(({ params }) => params.CallUUID === record?.id)
  await attempt('the record', () =>
    arrives('a record', async () => {
      const records = await stage.records(scenario.number)
      if (records.length > 1) faults.push(`the record: there are ${records.length}, not 1`)
      record = records[0]
      // What became of the telling is learnt after the record stands.
      return record !== undefined && (scenario.promised.sent === null || record.annex.length > 0)
    }),
  )
  const heard = () => stage.events.filter(({ CallDetails }) => CallDetails.TransactionId === record?.id)
  if (scenario.kind === 'chime') {
    await attempt('the events', () =>
      arrives('as many events as were promised', async () => heard().length >= scenario.promised.events.length),
    )
  } else {
    await attempt('the webhook', () =>
      arrives('a webhook', async () => {
        if (record === undefined) return false
        deliveries = (await stage.get<{ items: Delivery[] }>(`/api/deliveries?call=${record.id}`)).items
        return deliveries.length > 0 && deliveries.every(({ state }) => state !== 'pending')
      }),
    )
  }
  const trace = call?.trace ?? []
  const wire = trace
    .filter(({ again, status }) => !again && status !== 100)
    .map((entry) => `${entry.direction === 'out' ? '→' : '←'} ${summaryOf(entry)}`)
  const came = { wire, record, webhooks: mine(), deliveries, events: heard() }
  return {
    scenario,
    ladder: rungsOf(trace),
    marks: stage.marks
      .filter(({ at }) => trace[0] !== undefined && at >= trace[0].at)
      .map(({ at, text }) => ({ after: at - trace[0]!.at, text })),
    ...came,
    differences: [...faults, ...differences(scenario, came)],
    milliseconds: Math.round(performance.now() - began),
  }
}

async function arrives(what: string, there: () => Promise<boolean>): Promise<void> {
  const limit = performance.now() + arrivalLimit
  while (!(await there())) {
    if (performance.now() > limit) throw new Error(`${what} did not come within ${arrivalLimit / 1000} s`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

type Came = Pick<Result, 'wire' | 'record' | 'webhooks' | 'deliveries' | 'events'>

type Pair = readonly [what: string, is: unknown, shouldBe: unknown]

function differences(scenario: Scenario, came: Came): string[] {
  const { cause, actor, phase, sent, wire } = scenario.promised
  const { record } = came
  const told = record?.annex.find(({ outcome }) => outcome !== undefined)?.outcome
  const pairs: readonly Pair[] = [
    ['the wire', came.wire.join(' | '), wire.join(' | ')],
    ['cause', record?.ending.cause, cause],
    ['actor', record?.ending.actor, actor],
    ['phase', record?.ending.phase, phase],
    ['sent', record?.legs[0]?.sent ?? null, sent],
    ['telling', told, sent === null ? undefined : 'delivered'],
    ...(scenario.kind === 'chime' ? eventPairs(scenario, came) : webhookPairs(scenario, came)),
  ]
  return pairs.flatMap(([what, is, shouldBe]) => (is === shouldBe ? [] : [`${what}: ${is}, promised was ${shouldBe}`]))
}

function webhookPairs({ promised: { webhook } }: VobizScenario, { webhooks, deliveries }: Came): readonly Pair[] {
  const params = webhooks[0]?.params ?? {}
  const ids = new Set(webhooks.map(({ id }) => id))
  return [
    ['webhook identities', ids.size, 1],
    ['webhook id', webhooks[0]?.id, deliveries[0]?.id],
    ['deliveries', deliveries.map(({ kind, state }) => `${kind} ${state}`).join(', '), 'hangup delivered'],
    ['HangupCauseCode', params.HangupCauseCode, webhook.code],
    ['HangupCauseName', params.HangupCauseName, webhook.name],
    ['HangupSource', params.HangupSource, webhook.source],
    ['CallStatus', params.CallStatus, webhook.status],
  ]
}

function eventPairs({ promised }: ChimeScenario, { events, record }: Came): readonly Pair[] {
  return [
    ['events', events.map(wordsOf).join(', '), promised.events.join(', ')],
    ['HANGUP events', events.filter(({ InvocationEventType: type }) => type === 'HANGUP').length, record?.legs.length],
  ]
}
