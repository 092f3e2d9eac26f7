import type { Call } from '../../call/call.ts'
import type { Notice } from '../../call/effect.ts'
import type { CallRecord, LegRecord } from '../../call/record.ts'
import type { DeliverySeed, RetryPolicy } from '../../switchboard/ports.ts'
import { readApp } from './app.ts'
import { numberOf } from './participants.ts'

/** A bucket that is away for a day loses nothing. */
const policy: RetryPolicy = {
  connectTimeout: 5_000,
  readTimeout: 20_000,
  totalTimeout: 20_000,
  backoff: [1_000, 10_000, 60_000, 600_000, 3_600_000, 14_400_000, 57_600_000],
  retryOn: ['connect', 'read', '5xx'],
}

/**
 * The call detail records of a call, one of each leg, in AWS's form (guide, "SIP media application CDRs"), to be put into a bucket
 * under AWS's folder. They are stored with the call's record.
 */
export function callDetailRecords(
  bucket: string,
  notice: Notice,
  call: Call,
  record: CallRecord | undefined,
): readonly DeliverySeed[] {
  if (notice.type !== 'call-ended' || record === undefined) return []
  return record.legs.map((leg) => {
    const { application, body } = cdrOf(record, leg, call.first)
    const [year, month, day] = new Date(leg.ended).toISOString().split(/[-T]/)
    const time = new Date(leg.ended).toISOString().replace(/[:.]/g, '-')
    return {
      id: `${record.id}:cdr:${leg.id}`,
      kind: 'cdr',
      url: `object:${bucket}/Amazon-Chime-SMADRs/json/${application}/${year}/${month}/${day}/${time}_${leg.id}.json`,
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
      policy,
    }
  })
}

function cdrOf(record: CallRecord, leg: LegRecord, first: string) {
  const app = readApp(record.app)
  const [application] = app.applications
  const inbound = leg.direction === 'in'
  return {
    application: application?.id ?? 'unknown',
    body: {
      AwsAccountId: app.account,
      TransactionId: record.id,
      CallId: leg.id,
      Status: leg.answered === null ? 'Failed' : 'Completed',
      BillableDurationSeconds: String(Math.ceil(leg.talk / 1000)),
      BillableVoiceFocusSeconds: '0',
      SchemaVersion: '1.0',
      SourcePhoneNumber: numberOf(leg.from),
      DestinationPhoneNumber: numberOf(leg.to),
      // A bill's words at AWS; nobody bills these calls, and they say what they are.
      UsageType: `${leg.network}-${inbound ? 'inbound' : 'outbound'}-minutes`,
      ServiceCode: 'Onhook',
      Direction: inbound ? 'Inbound' : 'Outbound',
      TimeStampEpochSeconds: String(Math.floor(leg.began / 1000)),
      Region: application?.region ?? '',
      ...(app.rule === undefined ? {} : { SipRuleId: app.rule }),
      SipApplicationId: application?.id ?? '',
      CallLegTriggerType: leg.id !== first ? 'CallAndBridge' : inbound ? 'NewInboundCall' : 'NewOutboundCall',
    },
  }
}
