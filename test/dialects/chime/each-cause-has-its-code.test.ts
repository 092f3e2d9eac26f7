import { describe, expect, test } from 'vitest'
import { type Cause, causeNames } from '../../../src/call/causes.ts'
import { codec, serialiseAction } from '../../../src/dialects/chime/index.ts'

// The Chime column of the catalogue.
const column: Record<Cause, 0 | 480 | 486> = {
  hangup: 0,
  'script-end': 0,
  scheduled: 0,
  'time-limit': 0,
  cancelled: 0,
  'no-answer': 480,
  busy: 486,
  declined: 480,
  unwanted: 480,
  blocked: 480,
  unavailable: 480,
  'not-found': 480,
  incompatible: 480,
  'answered-elsewhere': 0,
  'declined-elsewhere': 0,
  transferred: 0,
  superseded: 0,
  'media-failed': 480,
  'media-lost': 480,
  'capture-failed': 480,
  'session-expired': 480,
  'no-ack': 480,
  'peer-gone': 480,
  'account-limit': 480,
  congestion: 480,
  'app-unreachable': 480,
  'app-invalid': 480,
  'app-failed': 480,
  'machine-detected': 0,
  'network-failed': 480,
  shutdown: 480,
  restarted: 480,
  error: 480,
  unknown: 0,
}

describe.each(causeNames)('%s', (cause) => {
  const ending = { cause, actor: 'unknown', phase: 'answered', at: 0 } as const

  test('has the code of the catalogue, as text', () => {
    expect(codec.write(ending)).toEqual({ Type: 'Hangup', Parameters: { SipResponseCode: String(column[cause]) } })
  })

  test('is understood as says tells', () => {
    expect(codec.read(codec.write(ending), { at: 0 }).cause).toBe(codec.says[cause])
    expect(codec.says[codec.says[cause]]).toBe(codec.says[cause])
  })

  test('is written as an action that the strict serialiser takes', () => {
    const { Parameters } = codec.write(ending)
    const code = Number(Parameters.SipResponseCode) as 0 | 480 | 486
    expect(serialiseAction({ Type: 'Hangup', Parameters: { SipResponseCode: code } })).toMatchObject({
      ok: true,
      value: codec.write(ending),
    })
  })
})

test('identifiers go with it', () => {
  const ids = { CallId: 'call-id-1', ParticipantTag: 'LEG-A', other: 'x' }
  expect(codec.write({ cause: 'hangup', actor: 'app', phase: 'answered', at: 0 }, { ids })).toEqual({
    Type: 'Hangup',
    Parameters: { CallId: 'call-id-1', ParticipantTag: 'LEG-A', SipResponseCode: '0' },
  })
})
