import { describe, expect, test } from 'vitest'
import { type Cause, causeNames } from '../../../src/call/causes.ts'
import { codec, disconnectCauses, errorMessages } from '../../../src/dialects/bandwidth/index.ts'

// The Bandwidth column of the catalogue.
const column: Record<Cause, (typeof disconnectCauses)[number]> = {
  hangup: 'hangup',
  'script-end': 'hangup',
  scheduled: 'hangup',
  'time-limit': 'hangup',
  cancelled: 'cancel',
  'no-answer': 'timeout',
  busy: 'busy',
  declined: 'rejected',
  unwanted: 'rejected',
  blocked: 'rejected',
  unavailable: 'timeout',
  'not-found': 'rejected',
  incompatible: 'error',
  'answered-elsewhere': 'cancel',
  'declined-elsewhere': 'cancel',
  transferred: 'hangup',
  superseded: 'cancel',
  'media-failed': 'error',
  'media-lost': 'error',
  'capture-failed': 'error',
  'session-expired': 'error',
  'no-ack': 'error',
  'peer-gone': 'unknown',
  'account-limit': 'account-limit',
  congestion: 'node-capacity-exceeded',
  'app-unreachable': 'callback-error',
  'app-invalid': 'invalid-bxml',
  'app-failed': 'application-error',
  'machine-detected': 'hangup',
  'network-failed': 'error',
  shutdown: 'error',
  restarted: 'error',
  error: 'error',
  unknown: 'unknown',
}

describe.each(causeNames)('%s', (cause) => {
  const ending = { cause, actor: 'unknown', phase: 'ringing', at: 1722890677543 } as const

  test('has the word of the catalogue, and a message unless it is a hangup', () => {
    const word = column[cause]
    expect(codec.write(ending)).toEqual({
      eventType: 'disconnect',
      endTime: '2024-08-05T20:44:37.543Z',
      cause: word,
      ...(word === 'hangup' ? {} : { errorMessage: errorMessages[word] }),
    })
  })

  test('is understood as says tells', () => {
    expect(codec.read(codec.write(ending), { at: 0 }).cause).toBe(codec.says[cause])
    expect(codec.says[codec.says[cause]]).toBe(codec.says[cause])
  })
})

describe.each(disconnectCauses)('the published value %s', (cause) => {
  test('is written back as it was read, with its message', () => {
    const errorMessage = cause === 'hangup' ? {} : { errorMessage: 'Verbatim, as it was heard' }
    const wire = { eventType: 'disconnect', endTime: '2024-08-05T20:44:37.543Z', cause, ...errorMessage }
    expect(codec.write(codec.read(wire, { at: 0 }))).toEqual(wire)
  })

  test('is read alone', () => {
    expect(codec.read(cause, { at: 0 }).codes).toEqual({ platform: cause })
    expect(codec.write(codec.read(cause, { at: 0 })).cause).toBe(cause)
  })
})

test('strings that apps compare stay as they are', () => {
  expect(errorMessages.busy).toBe('Callee is busy')
  expect(errorMessages.timeout).toBe('Call was not answered')
})

describe('a SIP code', () => {
  const write = (cause: Cause, sip: number, context = {}) =>
    codec.write({ cause, actor: 'callee', phase: 'ringing', at: 0, codes: { sip } }, context).sipResponseCode

  test('goes with the refusal of an outgoing call', () => {
    expect(write('busy', 486)).toBe(486)
    expect(write('busy', 600, { direction: 'out' })).toBe(600)
    expect(write('declined', 603)).toBe(603)
    expect(write('not-found', 404)).toBe(404)
  })

  test('and with nothing else', () => {
    expect(write('busy', 486, { direction: 'in' }), 'an incoming call').toBeUndefined()
    expect(write('busy', 486, { phase: 'answered' }), 'an answered call').toBeUndefined()
    expect(write('hangup', 200), 'a hangup').toBeUndefined()
    expect(write('busy', 404), 'a code that says something else').toBeUndefined()
  })
})

test('identifiers and direction go with it', () => {
  const ids = {
    callId: 'c-1',
    accountId: '5',
    applicationId: 'a',
    from: '+1',
    to: '+2',
    callUrl: 'u',
    tag: 't',
    other: 'x',
  }
  const written = codec.write({ cause: 'hangup', actor: 'api', phase: 'answered', at: 0 }, { ids, direction: 'out' })
  const { other, ...kept } = ids
  expect(written).toEqual({
    eventType: 'disconnect',
    ...kept,
    direction: 'outbound',
    endTime: '1970-01-01T00:00:00.000Z',
    cause: 'hangup',
  })
  expect(codec.identify?.(written)).toEqual(kept)
})
