import type { Reason as InputReason } from '../../call/input.ts'
import type { View } from '../../call/leg.ts'
import {
  byeReasonsFor,
  cancelReasonsFor,
  type Heard,
  readBye,
  readCancel,
  readFinalResponse,
  rejectFor,
} from '../../dialects/sip/index.ts'
import { type EndOrder, type Failure, type Farewell, parseReason, type Reason, type Refusal } from '../../sip/index.ts'

/** What the library heard, as reasons of the heart; what the heart decided, as orders to the library. */

export function byeHeard(bye: Farewell, answered: boolean): InputReason {
  return reasonOf(readBye({ reasons: bye.raw }, { phase: answered ? 'answered' : 'ringing' }))
}

export function cancelHeard(cancel: Farewell): InputReason {
  return reasonOf(readCancel({ reasons: cancel.raw }))
}

export function refusalHeard({ status, phrase, raw }: Refusal): InputReason {
  return reasonOf(readFinalResponse({ status, reason: phrase, reasons: raw }))
}

/** No final response at all (RFC 3261 §8.1.3.1: as if 408, as if 503). */
export function failureHeard({ kind, detail }: Failure): InputReason {
  switch (kind) {
    case 'timeout':
      return { cause: 'unavailable', actor: 'network', detail: 'no response', codes: { sip: 408 } }
    case 'transport':
      return {
        cause: 'network-failed',
        actor: 'network',
        detail: detail?.detail ?? 'no address could be reached',
        codes: { sip: 503 },
      }
    case 'unresolved':
      return { cause: 'not-found', actor: 'network', detail: 'the host name has no address' }
    default:
      return kind satisfies never
  }
}

function reasonOf({ cause, actor, codes, raw }: Heard): InputReason {
  return { cause, actor, codes, raw }
}

/** One view, in the words of each message that may have to carry it. */
export function orderFor(view: View): EndOrder {
  const { status, phrase, reasons } = rejectFor(view)
  return {
    refuse: { status, phrase, reasons: toSend(reasons) },
    cancel: toSend(cancelReasonsFor(view)),
    bye: toSend(byeReasonsFor(view)),
  }
}

function toSend(values: readonly string[]): Reason[] {
  const reasons: Reason[] = []
  for (const value of values) {
    const reason = parseReason(value)
    if (reason !== undefined) reasons.push(reason)
  }
  return reasons
}
