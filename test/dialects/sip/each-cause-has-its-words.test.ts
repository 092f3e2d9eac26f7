import { describe, expect, test } from 'vitest'
import { type Cause, causeNames } from '../../../src/call/causes.ts'
import type { Ending } from '../../../src/call/ending.ts'
import {
  byeReasonsFor,
  cancelReasonsFor,
  codec,
  readBye,
  readCancel,
  readFinalResponse,
  rejectFor,
} from '../../../src/dialects/sip/index.ts'

// The SIP column of the catalogue: status of the refusal, Reason of the CANCEL, Reason of the BYE, Q.850.
const completed = 'SIP;cause=200;text="Call completed elsewhere"'
const column: Record<Cause, readonly [status: number, cancel: string, bye: string, q850: number | null]> = {
  hangup: [480, 'Q.850;cause=16', 'Q.850;cause=16', 16],
  'script-end': [603, 'Q.850;cause=16', 'Q.850;cause=16', 16],
  scheduled: [603, 'Q.850;cause=16', 'Q.850;cause=16', 16],
  'time-limit': [603, 'Q.850;cause=16', 'Q.850;cause=16;text="Max duration"', 16],
  cancelled: [487, 'Q.850;cause=16', 'Q.850;cause=16', 16],
  'no-answer': [480, 'Q.850;cause=19', 'Q.850;cause=19', 19],
  busy: [486, '', 'Q.850;cause=17', 17],
  declined: [603, 'SIP;cause=603', 'Q.850;cause=21', 21],
  unwanted: [607, 'SIP;cause=607', 'SIP;cause=607', 21],
  blocked: [403, 'SIP;cause=608', 'SIP;cause=608', 21],
  unavailable: [480, 'Q.850;cause=20', 'Q.850;cause=20', 20],
  'not-found': [404, 'Q.850;cause=1', 'Q.850;cause=1', 1],
  incompatible: [488, '', 'SIP;cause=488', 88],
  'answered-elsewhere': [487, completed, '', null],
  'declined-elsewhere': [603, 'SIP;cause=603', 'Q.850;cause=21', 21],
  transferred: [480, 'Q.850;cause=16', 'Q.850;cause=16', 16],
  superseded: [487, 'Q.850;cause=16', 'Q.850;cause=16', 16],
  'media-failed': [488, '', 'Q.850;cause=41', 41],
  'media-lost': [504, '', 'Q.850;cause=102;text="Media timeout"', 102],
  'capture-failed': [480, 'Q.850;cause=127', 'Q.850;cause=127', 127],
  'session-expired': [504, '', 'SIP;cause=408, Q.850;cause=102', 102],
  'no-ack': [504, '', 'SIP;cause=408;text="ACK timeout"', 102],
  'peer-gone': [503, '', 'Q.850;cause=41', 41],
  'account-limit': [503, 'Q.850;cause=42', 'Q.850;cause=42', 42],
  congestion: [503, 'Q.850;cause=42', 'Q.850;cause=42', 42],
  'app-unreachable': [503, 'SIP;cause=500', 'SIP;cause=500, Q.850;cause=41', 41],
  'app-invalid': [503, 'SIP;cause=500', 'SIP;cause=500, Q.850;cause=41', 41],
  'app-failed': [500, 'SIP;cause=500', 'SIP;cause=500, Q.850;cause=41', 41],
  'machine-detected': [480, '', 'Q.850;cause=16', 16],
  'network-failed': [502, 'Q.850;cause=38', 'Q.850;cause=38', 38],
  shutdown: [503, 'SIP;cause=503', 'SIP;cause=503, Q.850;cause=41', 41],
  restarted: [503, 'SIP;cause=503', 'SIP;cause=503, Q.850;cause=41', 41],
  error: [500, 'Q.850;cause=41', 'Q.850;cause=41', 41],
  unknown: [480, 'Q.850;cause=31', 'Q.850;cause=31', 31],
}

const ending = (cause: Cause): Ending => ({ cause, actor: 'unknown', phase: 'ringing', at: 0 })

describe.each(causeNames)('%s', (cause) => {
  const [status, cancel, bye, q850] = column[cause]

  test('refuses an unanswered leg with the status of the catalogue, and its Q.850 value beside it', () => {
    const said = rejectFor(ending(cause))
    expect(said.status).toBe(status)
    expect(said.phrase).not.toBe('')
    expect(said.reasons).toEqual(q850 === null ? [] : [`Q.850;cause=${q850}`])
  })

  test('stops a ringing leg with the Reason of the catalogue', () => {
    expect(cancelReasonsFor(ending(cause)).join(', ')).toBe(cancel)
  })

  test('ends an answered leg with the Reason of the catalogue', () => {
    expect(byeReasonsFor(ending(cause)).join(', ')).toBe(bye)
  })

  test('says at most one value per protocol', () => {
    for (const values of [
      rejectFor(ending(cause)).reasons,
      cancelReasonsFor(ending(cause)),
      byeReasonsFor(ending(cause)),
    ]) {
      const protocols = values.map((value) => value.split(';')[0])
      expect(new Set(protocols).size).toBe(protocols.length)
    }
  })

  test('is understood as its nearest cause by whoever hears it', () => {
    const understood = codec.says[cause]
    expect(codec.says[understood], 'the nearest cause is one that SIP can say').toBe(understood)
  })
})

/** In which forms SIP can say a cause so that it is read back as itself. */
const sayable: readonly (readonly [Cause, 'reject' | 'cancel' | 'bye'])[] = [
  ['hangup', 'bye'],
  ['hangup', 'reject'],
  ['time-limit', 'bye'],
  ['cancelled', 'cancel'],
  ['cancelled', 'reject'],
  ['no-answer', 'reject'],
  ['no-answer', 'cancel'],
  ['no-answer', 'bye'],
  ['busy', 'reject'],
  ['busy', 'bye'],
  ['declined', 'reject'],
  ['declined', 'bye'],
  ['unwanted', 'reject'],
  ['unwanted', 'cancel'],
  ['unwanted', 'bye'],
  ['blocked', 'reject'],
  ['blocked', 'cancel'],
  ['blocked', 'bye'],
  ['unavailable', 'reject'],
  ['unavailable', 'cancel'],
  ['unavailable', 'bye'],
  ['not-found', 'reject'],
  ['not-found', 'bye'],
  ['incompatible', 'reject'],
  ['incompatible', 'bye'],
  ['answered-elsewhere', 'cancel'],
  ['declined-elsewhere', 'cancel'],
  ['media-lost', 'bye'],
  ['session-expired', 'bye'],
  ['no-ack', 'bye'],
  ['congestion', 'reject'],
  ['congestion', 'bye'],
  ['network-failed', 'reject'],
  ['network-failed', 'bye'],
  ['error', 'reject'],
  ['error', 'bye'],
  ['unknown', 'reject'],
  ['unknown', 'bye'],
]

describe('what SIP can say is read back as itself', () => {
  test.each(sayable)('%s in a %s', (cause, form) => {
    const heard =
      form === 'reject'
        ? readFinalResponse(rejectFor(ending(cause)))
        : form === 'cancel'
          ? readCancel({ reasons: cancelReasonsFor(ending(cause)) })
          : readBye({ reasons: byeReasonsFor(ending(cause)) }, { phase: 'answered' })
    expect(heard.cause).toBe(cause)
  })

  test('a refusal that hides its reason is read as what it looks like', () => {
    // Two causes share a message exactly: the catalogue gives both the same cell.
    expect(readFinalResponse(rejectFor(ending('script-end'))).cause).toBe('hangup')
    expect(readCancel({ reasons: cancelReasonsFor(ending('declined')) }).cause).toBe('declined-elsewhere')
  })
})
