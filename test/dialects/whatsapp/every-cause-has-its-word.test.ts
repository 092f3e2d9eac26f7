import { describe, expect, test } from 'vitest'
import { type Cause, causeNames } from '../../../src/call/causes.ts'
import type { Ending } from '../../../src/call/ending.ts'
import { codec, documentedReasons, observedReasons, saysObserved } from '../../../src/dialects/whatsapp/index.ts'

/** The WhatsApp column of the catalogue; null where no reason is written. */
const column: Record<Cause, string | null> = {
  hangup: null,
  'script-end': null,
  scheduled: null,
  'time-limit': null,
  cancelled: null,
  'no-answer': 'timeout',
  busy: 'busy',
  declined: 'declined',
  unwanted: 'declined',
  blocked: 'declined',
  unavailable: 'timeout',
  'not-found': 'declined',
  incompatible: 'connection_lost',
  'answered-elsewhere': 'accept_elsewhere',
  'declined-elsewhere': 'declined',
  transferred: null,
  superseded: null,
  'media-failed': 'connection_lost',
  'media-lost': 'connection_lost',
  'capture-failed': 'connection_lost',
  'session-expired': 'connection_lost',
  'no-ack': 'connection_lost',
  'peer-gone': 'connection_lost',
  'account-limit': 'busy',
  congestion: 'connection_lost',
  'app-unreachable': 'connection_lost',
  'app-invalid': 'connection_lost',
  'app-failed': 'connection_lost',
  'machine-detected': null,
  'network-failed': 'connection_lost',
  shutdown: 'connection_lost',
  restarted: 'connection_lost',
  error: 'connection_lost',
  unknown: null,
}

const ended = (cause: Cause): Ending => ({ cause, actor: 'unknown', phase: 'answered', at: 0 })
const terminate = (reason: string | null) => ({
  tag: 'call',
  attrs: {},
  content: [{ tag: 'terminate', attrs: reason === null ? {} : { reason } }],
})

describe('each cause is told in the documented words', () => {
  test.each(causeNames)('%s', (cause) => {
    expect(codec.write(ended(cause))).toEqual(terminate(column[cause]))
    expect(codec.write(ended(cause), { vocabulary: 'documented' })).toEqual(terminate(column[cause]))
  })

  test('and those are the five of the page', () => {
    const written = new Set(Object.values(column).filter((word) => word !== null))
    expect([...written].sort()).toEqual([...documentedReasons].sort())
  })
})

describe('in the observed vocabulary', () => {
  test.each([
    ['answered-elsewhere', 'accepted_elsewhere'],
    ['declined-elsewhere', 'rejected_elsewhere'],
    ['no-answer', 'timeout'],
    ['hangup', null],
    ['cancelled', null],
    ['media-failed', 'setup_failed'],
    ['media-lost', 'media_rx_timeout'],
    ['capture-failed', 'mic_permission_denied'],
    ['blocked', 'blocked'],
  ] as const)('%s is %s', (cause, reason) => {
    expect(codec.write(ended(cause), { vocabulary: 'observed' })).toEqual(terminate(reason))
  })

  test.each(causeNames)('%s is never told in a token that no client sends, nor with an empty one', (cause) => {
    for (const phase of ['ringing', 'answered'] as const) {
      for (const direction of ['in', 'out'] as const) {
        const [child] = codec.write(ended(cause), { vocabulary: 'observed', phase, direction }).content as unknown as [
          { attrs: { reason?: string } },
        ]
        expect([undefined, ...observedReasons]).toContain(child.attrs.reason)
        expect(['accept_elsewhere', 'connection_lost', 'declined', '']).not.toContain(child.attrs.reason)
      }
    }
  })

  test.each(causeNames)('%s is heard as the table says', (cause) => {
    const before = ['cancelled', 'superseded', 'declined'].includes(saysObserved[cause])
    const context = { at: 0, phase: before ? ('ringing' as const) : ('answered' as const) }
    const wire = codec.write(ended(cause), { vocabulary: 'observed' })
    expect(codec.read(wire, context).cause).toBe(saysObserved[cause])
  })

  test('a callee refuses with a reject before the answer, and with a terminate after it', () => {
    const refuse = (cause: Cause, phase: 'ringing' | 'answered', direction: 'in' | 'out') =>
      codec.write(ended(cause), { vocabulary: 'observed', phase, direction }).content
    expect(refuse('declined', 'ringing', 'in')).toEqual([{ tag: 'reject', attrs: {} }])
    expect(refuse('busy', 'ringing', 'in')).toEqual([{ tag: 'reject', attrs: { reason: 'busy' } }])
    expect(refuse('busy', 'answered', 'in')).toEqual([{ tag: 'terminate', attrs: { reason: 'busy' } }])
    expect(refuse('declined', 'ringing', 'out')).toEqual([{ tag: 'terminate', attrs: { reason: 'rejected' } }])
  })
})

test('the identifiers of the leg are written in the order of the page', () => {
  const ids = { 'call-creator': 'A@lid', 'call-id': 'C', id: '7', to: 'B:2@lid', from: 'A@lid' }
  const node = codec.write(ended('busy'), { ids })
  expect(codec.text?.(node)).toBe(
    '<call from="A@lid" to="B:2@lid" id="7">\n  <terminate call-id="C" call-creator="A@lid" reason="busy"/>\n</call>',
  )
})
