import { describe, expect, test } from 'vitest'
import { type Cause, causeNames } from '../../../src/call/causes.ts'
import type { Actor, Phase } from '../../../src/call/ending.ts'
import { codec, type Detail, type FinalStatus } from '../../../src/dialects/vonage/index.ts'

describe('a final event is read', () => {
  const rows: readonly (readonly [object, Cause, Actor, Phase])[] = [
    [{ status: 'completed' }, 'hangup', 'unknown', 'answered'],
    [{ status: 'completed', disconnected_by: 'user', direction: 'outbound' }, 'hangup', 'callee', 'answered'],
    [{ status: 'completed', disconnected_by: 'user', direction: 'inbound' }, 'hangup', 'caller', 'answered'],
    [{ status: 'completed', disconnected_by: 'user' }, 'hangup', 'unknown', 'answered'],
    [{ status: 'completed', disconnected_by: 'platform' }, 'hangup', 'platform', 'answered'],
    [{ status: 'disconnected' }, 'hangup', 'unknown', 'answered'],
    [{ status: 'busy' }, 'busy', 'callee', 'ringing'],
    [{ status: 'cancelled' }, 'cancelled', 'unknown', 'ringing'],
    [{ status: 'unanswered' }, 'no-answer', 'unknown', 'ringing'],
    [{ status: 'unanswered', detail: 'unavailable' }, 'unavailable', 'network', 'ringing'],
    [{ status: 'unanswered', detail: 'declined' }, 'declined', 'callee', 'ringing'],
    [{ status: 'rejected' }, 'declined', 'unknown', 'ringing'],
    [{ status: 'rejected', detail: 'declined' }, 'declined', 'callee', 'ringing'],
    [{ status: 'rejected', detail: 'restricted' }, 'blocked', 'network', 'ringing'],
    [{ status: 'rejected', sip_code: 403 }, 'blocked', 'unknown', 'ringing'],
    [{ status: 'timeout' }, 'no-answer', 'timer', 'ringing'],
    [{ status: 'failed' }, 'error', 'unknown', 'offered'],
    [{ status: 'failed', detail: 'invalid_number' }, 'not-found', 'network', 'offered'],
    [{ status: 'failed', detail: 'cannot_route' }, 'not-found', 'network', 'offered'],
    [{ status: 'failed', detail: 'number_out_of_service' }, 'not-found', 'network', 'offered'],
    [{ status: 'failed', detail: 'internal_error' }, 'error', 'network', 'offered'],
    [{ status: 'failed', detail: 'carrier_timeout' }, 'network-failed', 'network', 'offered'],
    [{ status: 'failed', detail: 'no_detail', sip_code: 404 }, 'not-found', 'unknown', 'offered'],
  ]

  test.each(rows)('%j', (event, cause, actor, phase) => {
    const wire = { uuid: 'u', conversation_uuid: 'CON-1', ...event }
    expect(codec.read(wire, { at: 0 })).toMatchObject({ cause, actor, phase, raw: { dialect: 'vonage', value: wire } })
    const query = new URLSearchParams(
      Object.entries(wire).map(([key, value]): [string, string] => [key, String(value)]),
    )
    expect(codec.read(`?${query}`, { at: 0 }), 'by GET').toMatchObject({ cause, actor, phase })
  })

  test.each(['started', 'ringing', 'answered', 'human', 'machine', 'record'])('%s ends no call', (status) => {
    expect(codec.read({ status }, { at: 0 })).toMatchObject({ cause: 'unknown', detail: `${status} ends no call` })
  })

  test('with its time, its code and its words', () => {
    const event = {
      status: 'failed',
      detail: 'cannot_route',
      reason: 'No route',
      sip_code: 404,
      timestamp: '2020-01-01T12:00:00.000Z',
    }
    expect(codec.read(event, { at: 0 })).toMatchObject({
      at: Date.parse('2020-01-01T12:00:00Z'),
      codes: { sip: 404, platform: 'cannot_route' },
      detail: 'No route',
    })
  })
})

const column: Record<Cause, readonly [FinalStatus, Detail?]> = {
  hangup: ['completed'],
  'script-end': ['completed'],
  scheduled: ['completed'],
  'time-limit': ['completed'],
  cancelled: ['cancelled'],
  'no-answer': ['unanswered'],
  busy: ['busy'],
  declined: ['rejected', 'declined'],
  unwanted: ['rejected', 'declined'],
  blocked: ['rejected', 'restricted'],
  unavailable: ['unanswered', 'unavailable'],
  'not-found': ['failed', 'invalid_number'],
  incompatible: ['failed'],
  'answered-elsewhere': ['cancelled'],
  'declined-elsewhere': ['cancelled'],
  transferred: ['completed'],
  superseded: ['cancelled'],
  'media-failed': ['failed'],
  'media-lost': ['completed'],
  'capture-failed': ['failed'],
  'session-expired': ['completed'],
  'no-ack': ['failed'],
  'peer-gone': ['completed'],
  'account-limit': ['rejected', 'restricted'],
  congestion: ['failed', 'internal_error'],
  'app-unreachable': ['failed'],
  'app-invalid': ['failed'],
  'app-failed': ['failed'],
  'machine-detected': ['completed'],
  'network-failed': ['failed', 'carrier_timeout'],
  shutdown: ['failed', 'internal_error'],
  restarted: ['failed', 'internal_error'],
  error: ['failed', 'internal_error'],
  unknown: ['failed'],
}

test.each(causeNames)('%s is written', (cause) => {
  const [status, detail] = column[cause]
  const written = codec.write({ cause, actor: 'unknown', phase: 'ringing', at: 0 })
  expect(written).toEqual({
    status,
    ...(detail === undefined ? {} : { detail }),
    timestamp: '1970-01-01T00:00:00.000Z',
  })
})

test('our own ring limit is a timeout', () => {
  expect(codec.write({ cause: 'no-answer', actor: 'timer', phase: 'ringing', at: 0 }).status).toBe('timeout')
})

test('identifiers and direction go with it', () => {
  const ids = { uuid: 'u', conversation_uuid: 'CON-1', from: '1', to: '2' }
  const written = codec.write({ cause: 'hangup', actor: 'caller', phase: 'answered', at: 0 }, { ids, direction: 'in' })
  expect(written).toMatchObject({ ...ids, direction: 'inbound' })
  expect(codec.identify?.(written)).toEqual(ids)
})
