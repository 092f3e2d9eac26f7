import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Cause, causeNames } from '../../../src/call/causes.ts'
import { type Actor, actors, type Ending, phases } from '../../../src/call/ending.ts'
import { codec as plivo } from '../../../src/dialects/plivo/index.ts'
import { hangupCodes } from '../../../src/dialects/vobiz/causes.ts'
import { codec } from '../../../src/dialects/vobiz/codec.ts'

const runs = process.env.ONHOOK_LONG ? 100_000 : 1_000

const ending = (cause: Cause, actor: Actor, more: Partial<Ending> = {}): Ending => ({
  cause,
  actor,
  phase: 'answered',
  at: 0,
  ...more,
})

type Cell = readonly [cause: Cause, actor: Actor, code: number, word: string, name: string, source: string]

// Causes in their usual hands; the codes and words of the catalogue's Vobiz column.
const cells: readonly Cell[] = [
  ['hangup', 'caller', 4000, 'NORMAL_CLEARING', 'Normal Hangup', 'Caller'],
  ['hangup', 'callee', 4000, 'NORMAL_CLEARING', 'Normal Hangup', 'Callee'],
  ['hangup', 'app', 4000, 'NORMAL_CLEARING', 'Normal Hangup', 'Answer XML'],
  ['hangup', 'api', 4000, 'NORMAL_CLEARING', 'Normal Hangup', 'API Request'],
  ['script-end', 'platform', 4010, 'NORMAL_CLEARING', 'End Of XML Instructions', 'Vobiz'],
  ['scheduled', 'timer', 6000, 'ALLOTTED_TIMEOUT', 'Scheduled Hangup', 'Answer XML'],
  ['scheduled', 'api', 6000, 'ALLOTTED_TIMEOUT', 'Scheduled Hangup', 'API Request'],
  ['busy', 'timer', 3010, 'USER_BUSY', 'Busy Line', 'Answer XML'],
  ['declined', 'timer', 3020, 'CALL_REJECTED', 'Rejected', 'Answer XML'],
  ['time-limit', 'timer', 6000, 'ALLOTTED_TIMEOUT', 'Scheduled Hangup', 'Vobiz'],
  ['cancelled', 'caller', 1000, 'ORIGINATOR_CANCEL', 'Canceled', 'Caller'],
  ['no-answer', 'timer', 6010, 'NO_ANSWER', 'Ring Timeout Reached', 'Vobiz'],
  ['no-answer', 'network', 3000, 'NO_ANSWER', 'No Answer', 'Carrier'],
  ['no-answer', 'unknown', 3000, 'NO_ANSWER', 'No Answer', 'Unknown'],
  ['busy', 'app', 3010, 'USER_BUSY', 'Busy Line', 'Answer XML'],
  ['busy', 'network', 3010, 'USER_BUSY', 'Busy Line', 'Carrier'],
  ['declined', 'app', 3020, 'CALL_REJECTED', 'Rejected', 'Answer XML'],
  ['declined', 'callee', 3020, 'CALL_REJECTED', 'Rejected', 'Callee'],
  ['unwanted', 'callee', 3130, 'CALL_REJECTED', 'Spam block', 'Callee'],
  ['blocked', 'platform', 2040, 'OUTGOING_CALL_BARRED', 'Destination Number Barred', 'Vobiz'],
  ['blocked', 'network', 3040, 'CALL_REJECTED', 'Forbidden', 'Carrier'],
  ['unavailable', 'platform', 2020, 'USER_NOT_REGISTERED', 'Endpoint Not Registered', 'Vobiz'],
  ['unavailable', 'network', 3000, 'SUBSCRIBER_ABSENT', 'No Answer', 'Carrier'],
  ['not-found', 'network', 3050, 'UNALLOCATED_NUMBER', 'Unallocated number', 'Carrier'],
  ['not-found', 'platform', 2000, 'INVALID_NUMBER_FORMAT', 'Invalid Destination Address', 'Vobiz'],
  ['incompatible', 'platform', 5010, 'NORMAL_TEMPORARY_FAILURE', 'Internal Error', 'Vobiz'],
  ['answered-elsewhere', 'platform', 9000, 'LOSE_RACE', 'Lost Race', 'Vobiz'],
  ['declined-elsewhere', 'platform', 9000, 'LOSE_RACE', 'Lost Race', 'Vobiz'],
  ['transferred', 'api', 4000, 'NORMAL_CLEARING', 'Normal Hangup', 'API Request'],
  ['superseded', 'caller', 1000, 'ORIGINATOR_CANCEL', 'Canceled', 'Caller'],
  ['media-failed', 'platform', 6020, 'MEDIA_TIMEOUT', 'Media Timeout', 'Vobiz'],
  ['media-lost', 'platform', 6020, 'MEDIA_TIMEOUT', 'Media Timeout', 'Vobiz'],
  ['capture-failed', 'platform', 5010, 'NORMAL_TEMPORARY_FAILURE', 'Internal Error', 'Vobiz'],
  ['session-expired', 'network', 5000, 'NETWORK_OUT_OF_ORDER', 'Network Error', 'Carrier'],
  ['no-ack', 'network', 5000, 'NETWORK_OUT_OF_ORDER', 'Network Error', 'Carrier'],
  ['peer-gone', 'network', 5000, 'NETWORK_OUT_OF_ORDER', 'Network Error', 'Carrier'],
  ['account-limit', 'platform', 5030, 'NORMAL_CIRCUIT_CONGESTION', 'Concurrency Limit Breached', 'Vobiz'],
  ['congestion', 'platform', 5010, 'SWITCH_CONGESTION', 'Internal Error', 'Vobiz'],
  ['congestion', 'network', 3090, 'SWITCH_CONGESTION', 'Network congestion from carrier', 'Carrier'],
  ['app-unreachable', 'platform', 7011, '', 'Error Reaching Answer URL', 'Error'],
  ['app-invalid', 'platform', 8011, '', 'Invalid Answer XML', 'Error'],
  ['app-failed', 'platform', 5010, 'NORMAL_TEMPORARY_FAILURE', 'Internal Error', 'Error'],
  ['machine-detected', 'platform', 9100, 'NORMAL_CLEARING', 'Machine Detected', 'Vobiz'],
  ['network-failed', 'network', 3080, 'NORMAL_TEMPORARY_FAILURE', 'Internal server error from carrier', 'Carrier'],
  ['network-failed', 'platform', 5000, 'NETWORK_OUT_OF_ORDER', 'Network Error', 'Vobiz'],
  ['shutdown', 'platform', 5010, 'NORMAL_TEMPORARY_FAILURE', 'Internal Error', 'Vobiz'],
  ['restarted', 'platform', 5010, 'NORMAL_TEMPORARY_FAILURE', 'Internal Error', 'Vobiz'],
  ['error', 'platform', 5010, 'NORMAL_TEMPORARY_FAILURE', 'Internal Error', 'Vobiz'],
  ['unknown', 'unknown', 0, 'UNKNOWN', 'Unknown', 'Unknown'],
]

// What carriers and phones answered to an outgoing call, where the vendors' table tells more than our causes do.
const heard: readonly (readonly [sip: number, cause: Cause, actor: Actor, code: number, word: string])[] = [
  [408, 'no-answer', 'network', 3070, 'NO_USER_RESPONSE'],
  [480, 'no-answer', 'network', 3000, 'NO_ANSWER'],
  [484, 'not-found', 'network', 2000, 'INVALID_NUMBER_FORMAT'],
  [486, 'busy', 'callee', 3010, 'USER_BUSY'],
  [500, 'error', 'network', 3080, 'NORMAL_TEMPORARY_FAILURE'],
  [502, 'network-failed', 'network', 2010, 'DESTINATION_OUT_OF_ORDER'],
  [503, 'network-failed', 'network', 3080, 'NORMAL_TEMPORARY_FAILURE'],
  [603, 'declined', 'callee', 3110, 'CALL_REJECTED'],
  [604, 'not-found', 'network', 3120, 'UNALLOCATED_NUMBER'],
  // Its Reason said more than its status, or it was not heard from there.
  [500, 'busy', 'callee', 3010, 'USER_BUSY'],
  [603, 'hangup', 'callee', 4000, 'NORMAL_CLEARING'],
  [603, 'declined', 'app', 3020, 'CALL_REJECTED'],
  [408, 'no-answer', 'timer', 6010, 'NO_ANSWER'],
]

describe('what a final response is called', () => {
  it.each(heard)('%i, %s by %s, is %i %s', (sip, cause, actor, code, word) => {
    expect(codec.write(ending(cause, actor, { phase: 'ringing', codes: { sip } }))).toMatchObject({
      HangupCauseCode: String(code),
      HangupCause: word,
    })
  })
})

describe('writing', () => {
  it.each(cells)('%s by %s is %i %s', (cause, actor, code, word, name, source) => {
    expect(codec.write(ending(cause, actor))).toEqual({
      HangupCause: word,
      HangupCauseCode: String(code),
      HangupCauseName: name,
      HangupSource: source,
    })
  })

  it('has a cell for every cause', () => {
    expect(new Set(cells.map(([cause]) => cause))).toEqual(new Set(causeNames))
  })

  it('names Plivo where Vobiz names itself', () => {
    expect(plivo.write(ending('script-end', 'platform')).HangupSource).toBe('Plivo')
    expect(plivo.write(ending('hangup', 'caller')).HangupSource).toBe('Caller')
  })

  it('puts an API hangup before the answer down as cancelled', () => {
    expect(codec.write(ending('hangup', 'api', { phase: 'ringing' }))).toMatchObject({
      HangupCauseCode: '1000',
      HangupSource: 'API Request',
    })
  })

  it.each([7011, 7012, 7013, 7014])('keeps the finer code %i', (platform) => {
    const written = codec.write(ending('app-unreachable', 'platform', { codes: { platform } }))
    expect(written).toMatchObject({ HangupCauseCode: String(platform), HangupSource: 'Error', HangupCause: '' })
  })

  it('lets no code of another cause, or of another vendor, overrule the cause', () => {
    expect(codec.write(ending('busy', 'app', { codes: { platform: 4000 } })).HangupCauseCode).toBe('3010')
    expect(codec.write(ending('busy', 'app', { codes: { platform: 'busy' } })).HangupCauseCode).toBe('3010')
  })

  it('carries the identifier that it is given', () => {
    expect(codec.write(ending('busy', 'app'), { ids: { CallUUID: 'u' } }).CallUUID).toBe('u')
    expect(codec.identify?.('CallUUID=u&HangupCauseCode=4000')).toEqual({ CallUUID: 'u' })
    expect(codec.text?.(codec.write(ending('busy', 'app')))).toBe(
      'HangupCause=USER_BUSY&HangupCauseCode=3010&HangupCauseName=Busy+Line&HangupSource=Answer+XML',
    )
  })
})

describe('reading', () => {
  it.each(hangupCodes)('code $code is $cause, as number, as text, by name', ({ code, name, cause }) => {
    for (const wire of [code, String(code), name, { HangupCauseCode: code }, { hangup_cause_code: String(code) }]) {
      expect(codec.read(wire, { at: 1 })).toMatchObject({ cause, raw: { dialect: 'vobiz', value: wire } })
    }
    expect(codec.read(code, { at: 1 }).codes?.platform).toBe(code)
  })

  const live: readonly [word: string, code: string, source: string, cause: Cause, actor: Actor][] = [
    ['NORMAL_CLEARING', '4000', 'Callee', 'hangup', 'callee'],
    ['NORMAL_CLEARING', '4000', 'Call recipient', 'hangup', 'callee'],
    ['NORMAL_CLEARING', '4000', 'Answer XML', 'hangup', 'app'],
    ['NORMAL_CLEARING', '4010', 'Vobiz', 'script-end', 'platform'],
    ['NO_ANSWER', '6010', 'Vobiz', 'no-answer', 'timer'],
    ['ALLOTTED_TIMEOUT', '6000', 'Vobiz', 'time-limit', 'timer'],
    ['ALLOTTED_TIMEOUT', '6000', 'Answer XML', 'scheduled', 'timer'],
    ['LOSE_RACE', '9000', 'Vobiz', 'answered-elsewhere', 'platform'],
    ['USER_BUSY', '3010', 'Carrier', 'busy', 'network'],
    ['', '8011', 'Error', 'app-invalid', 'platform'],
    ['CALL_REJECTED', '3020', 'Answer XML', 'declined', 'app'],
    ['ORIGINATOR_CANCEL', '1000', 'API Request', 'cancelled', 'api'],
  ]
  it.each(live)('what was heard live: %s %s %s', (HangupCause, HangupCauseCode, HangupSource, cause, actor) => {
    expect(codec.read({ HangupCause, HangupCauseCode, HangupSource }, { at: 0 })).toMatchObject({ cause, actor })
  })

  it.each([
    ['REJECTED', 'declined'],
    ['INVALID_NUMBER', 'not-found'],
    ['SERVICE_UNAVAILABLE', 'network-failed'],
    ['SERVER_ERROR', 'error'],
    ['PROTOCOL_ERROR', 'error'],
    ['NORMAL_TEMPORARY_FAILURE', 'error'],
    ['UNKNOWN', 'unknown'],
    ['normal_clearing', 'hangup'],
  ] as const)('the bare word %s', (word, cause) => {
    expect(codec.read(word, { at: 0 }).cause).toBe(cause)
    expect(codec.read({ HangupCause: word }, { at: 0 }).cause).toBe(cause)
  })

  const forms: readonly [name: string, wire: unknown, cause: Cause, phase: string][] = [
    [
      'a form',
      'CallUUID=u&HangupCauseCode=4000&HangupSource=Caller&AnswerTime=2026-06-11+21%3A33%3A28',
      'hangup',
      'answered',
    ],
    ['a form of a refused call', 'HangupCauseCode=3010&Duration=0&AnswerTime=', 'busy', 'ringing'],
    ['JSON', '{"HangupCauseCode":"4000","Duration":"13"}', 'hangup', 'answered'],
    ['a call record', { hangup_cause_code: 3000, hangup_source: 'Carrier', answer_time: '' }, 'no-answer', 'ringing'],
    [
      'a Dial event',
      { DialBLegHangupCauseCode: '9000', DialBLegHangupCause: 'LOSE_RACE' },
      'answered-elsewhere',
      'ringing',
    ],
    ['a Dial action', { DialHangupCause: 'sip_auth_failed' }, 'blocked', 'ringing'],
    ['a code nobody published', { HangupCauseCode: '3999', HangupCause: 'USER_BUSY' }, 'busy', 'answered'],
    ['a document', '<Response><Hangup reason="busy"/></Response>', 'busy', 'offered'],
    ['a bare element', '<Hangup/>', 'declined', 'offered'],
    ['a broken document', '<Response><Hangup></Response>', 'app-invalid', 'offered'],
  ]
  it.each(forms)('%s', (_name, wire, cause, phase) => {
    expect(codec.read(wire, { at: 0 })).toMatchObject({ cause, phase })
  })

  it('reads a document by how far the call has come', () => {
    const wire = '<Response><Speak>x</Speak><Hangup/></Response>'
    expect(codec.read(wire, { at: 0 })).toMatchObject({ cause: 'hangup', actor: 'app', phase: 'answered' })
    expect(codec.read('<Hangup/>', { at: 0, phase: 'answered' })).toMatchObject({ cause: 'hangup', phase: 'answered' })
  })

  it('says that it does not know', () => {
    for (const wire of [null, undefined, '', 'hello', [], {}, { a: 1 }, 4.5, 'a=b']) {
      expect(codec.read(wire, { at: 7, phase: 'early' })).toMatchObject({ cause: 'unknown', phase: 'early', at: 7 })
    }
  })
})

describe('laws', () => {
  const anyEnding = fc.record({
    cause: fc.constantFrom(...causeNames),
    actor: fc.constantFrom(...actors),
    phase: fc.constantFrom(...phases),
    at: fc.nat(),
  })

  it('what is written is read as the cause that the dialect says it can say', () => {
    fc.assert(
      fc.property(anyEnding, (given) => {
        for (const one of [codec, plivo]) {
          const { cause } = one.read(one.write(given), { at: 0 })
          // Documented: an API hangup before the answer is in these vendors' words a cancelled call.
          const cancelledByApi = given.cause === 'hangup' && given.actor === 'api' && given.phase !== 'answered'
          expect(cause).toBe(cancelledByApi ? 'cancelled' : one.says[given.cause])
        }
      }),
      { numRuns: runs },
    )
  })

  it('what is read is written back in the same words', () => {
    for (const one of [codec, plivo]) {
      const platform = one === codec ? 'Vobiz' : 'Plivo'
      for (const { code, name, word, sources } of hangupCodes) {
        for (const source of [...sources, 'Call recipient']) {
          const wire = {
            HangupCause: word,
            HangupCauseCode: String(code),
            HangupCauseName: name,
            HangupSource: source === 'platform' ? platform : source,
          }
          expect(one.write(one.read(wire, { at: 0 }))).toEqual(wire)
        }
      }
    }
  })

  it('speaks for one vendor what it heard from the other', () => {
    const heard = codec.read({ HangupCauseCode: '4010', HangupSource: 'Vobiz' }, { at: 0 })
    expect(plivo.write(heard)).toMatchObject({ HangupCauseCode: '4010', HangupSource: 'Plivo' })
  })

  it('nothing throws, and the raw value survives', () => {
    fc.assert(
      fc.property(fc.oneof(fc.anything(), fc.string(), fc.json()), (wire) => {
        const read = codec.read(wire, { at: 0 })
        expect(read.raw?.value).toBe(wire)
        codec.write(read)
      }),
      { numRuns: runs },
    )
  })
})
