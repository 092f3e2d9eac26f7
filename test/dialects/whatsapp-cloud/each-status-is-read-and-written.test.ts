import { describe, expect, test } from 'vitest'
import { type Cause, causeNames } from '../../../src/call/causes.ts'
import type { Actor, Phase } from '../../../src/call/ending.ts'
import { codec, type TerminateStatus } from '../../../src/dialects/whatsapp-cloud/index.ts'

const call = {
  id: 'wacid.1',
  from: '15550100',
  to: '15550101',
  event: 'terminate',
  direction: 'USER_INITIATED',
  timestamp: '1749197480',
}
const webhook = (value: object) => ({
  object: 'whatsapp_business_account',
  entry: [{ id: '1', changes: [{ field: 'calls', value: { messaging_product: 'whatsapp', ...value } }] }],
})

describe('a termination is read', () => {
  const rows: readonly (readonly [object, Cause, Actor, Phase])[] = [
    [
      { status: 'COMPLETED', start_time: '1749197400', end_time: '1749197480', duration: 80 },
      'hangup',
      'unknown',
      'answered',
    ],
    [{ status: ['Completed'], duration: 80 }, 'hangup', 'unknown', 'answered'],
    // A call that nobody picked up counts as completed, too.
    [{ status: 'COMPLETED' }, 'no-answer', 'unknown', 'ringing'],
    [{ status: 'FAILED' }, 'error', 'unknown', 'offered'],
    [
      { status: 'FAILED', duration: 20, errors: [{ code: 138021, message: 'No media' }] },
      'media-lost',
      'unknown',
      'answered',
    ],
    [{ status: 'FAILED', errors: [{ code: '138022' }] }, 'media-lost', 'unknown', 'offered'],
    [{ status: 'FAILED', errors: [{ code: 138001 }] }, 'unavailable', 'unknown', 'offered'],
    [{ status: 'FAILED', errors: [{ code: 138003 }] }, 'superseded', 'unknown', 'offered'],
    [{ status: 'FAILED', errors: [{ code: 138006 }] }, 'blocked', 'unknown', 'offered'],
    [{ status: 'FAILED', errors: [{ code: 138007 }] }, 'network-failed', 'unknown', 'offered'],
    [{ status: 'FAILED', errors: [{ code: 138019 }] }, 'media-failed', 'unknown', 'offered'],
    [{ status: 'FAILED', errors: [{ code: 138020 }] }, 'media-failed', 'unknown', 'offered'],
    [{ status: 'FAILED', errors: [{ code: 138023 }] }, 'media-failed', 'unknown', 'offered'],
    [{ status: 'FAILED', errors: [{ code: 1 }] }, 'error', 'unknown', 'offered'],
  ]

  test.each(rows)('%j', (more, cause, actor, phase) => {
    const one = { ...call, ...more }
    for (const wire of [one, { calls: [one] }, webhook({ calls: [one] }), JSON.stringify(webhook({ calls: [one] }))]) {
      const ending = codec.read(wire, { at: 0 })
      expect(ending).toMatchObject({ cause, actor, phase, raw: { dialect: 'whatsapp-cloud', value: wire } })
      expect(codec.identify?.(wire)).toEqual({ id: 'wacid.1', from: '15550100', to: '15550101' })
    }
  })

  test('its errors may stand beside the call, with a detail', () => {
    const errors = [{ code: 138021, message: 'Title', error_data: { details: 'No media for a long time' } }]
    expect(codec.read(webhook({ calls: [{ ...call, status: 'FAILED' }], errors }), { at: 0 })).toMatchObject({
      cause: 'media-lost',
      detail: 'No media for a long time',
      codes: { platform: 138021 },
      at: 1749197480000,
    })
  })

  test('a refusal is a status of its own', () => {
    const rejected = { id: 'wacid.1', type: 'call', status: 'REJECTED', timestamp: '1749197480', recipient_id: '1555' }
    for (const wire of [rejected, { statuses: [rejected] }, webhook({ statuses: [rejected] })]) {
      expect(codec.read(wire, { at: 0 })).toMatchObject({ cause: 'declined', actor: 'callee', phase: 'ringing' })
    }
  })

  test.each([
    [{ ...call, event: 'connect' }, 'connect ends no call'],
    [{ id: 'wacid.1', status: 'RINGING' }, 'RINGING ends no call'],
    [{ id: 'wacid.1', status: 'ACCEPTED' }, 'ACCEPTED ends no call'],
    [{ calls: [] }, 'no status'],
  ])('%j ends no call', (wire, detail) => {
    expect(codec.read(wire, { at: 0 })).toMatchObject({ cause: 'unknown', detail })
  })
})

const column: Record<Cause, 'REJECTED' | readonly [TerminateStatus, number?]> = {
  hangup: ['COMPLETED'],
  'script-end': ['COMPLETED'],
  scheduled: ['COMPLETED'],
  'time-limit': ['COMPLETED'],
  cancelled: ['COMPLETED'],
  'no-answer': ['COMPLETED'],
  busy: ['COMPLETED'],
  declined: 'REJECTED',
  unwanted: 'REJECTED',
  blocked: ['FAILED', 138006],
  unavailable: ['FAILED', 138001],
  'not-found': ['FAILED', 138001],
  incompatible: ['FAILED', 138019],
  'answered-elsewhere': ['COMPLETED'],
  'declined-elsewhere': ['COMPLETED'],
  transferred: ['COMPLETED'],
  superseded: ['FAILED', 138003],
  'media-failed': ['FAILED', 138020],
  'media-lost': ['FAILED', 138021],
  'capture-failed': ['FAILED', 138022],
  'session-expired': ['FAILED', 138021],
  'no-ack': ['FAILED', 138007],
  'peer-gone': ['FAILED', 138021],
  'account-limit': ['FAILED'],
  congestion: ['FAILED'],
  'app-unreachable': ['FAILED'],
  'app-invalid': ['FAILED'],
  'app-failed': ['FAILED'],
  'machine-detected': ['COMPLETED'],
  'network-failed': ['FAILED', 138007],
  shutdown: ['FAILED'],
  restarted: ['FAILED'],
  error: ['FAILED'],
  unknown: ['COMPLETED'],
}

describe.each(causeNames)('%s is written', (cause) => {
  const said = column[cause]
  const ids = { id: 'wacid.1' }

  test.each(['ringing', 'answered'] as const)('%s', (phase) => {
    const written = codec.write({ cause, actor: 'unknown', phase, at: 1749197480999 }, { ids })
    if (said === 'REJECTED') {
      expect(written).toEqual({ ...ids, type: 'call', status: 'REJECTED', timestamp: '1749197480' })
      return
    }
    const [status, code] = said
    expect(written).toEqual({
      ...ids,
      event: 'terminate',
      timestamp: '1749197480',
      status,
      ...(phase === 'answered' ? { end_time: '1749197480' } : {}),
      ...(code === undefined ? {} : { errors: [{ code }] }),
    })
  })
})
