import { describe, expect, test } from 'vitest'
import type { Ending } from '../../../src/call/ending.ts'
import {
  byeReasonsFor,
  cancelReasonsFor,
  readBye,
  readCancel,
  readFinalResponse,
  rejectFor,
} from '../../../src/dialects/sip/index.ts'

/** An ending as a leg has it that heard this. */
const of = (heard: ReturnType<typeof readBye>): Ending => ({
  ...heard,
  actor: heard.actor === 'party' ? 'callee' : heard.actor,
  phase: 'ringing',
  at: 0,
})

describe('what was heard is passed on', () => {
  test.each([400, 404, 408, 410, 415, 433, 480, 484, 486, 488, 500, 502, 503, 504, 580, 600, 603, 604, 606, 607, 608])(
    'a %i of the other leg',
    (status) => {
      expect(rejectFor(of(readFinalResponse({ status, reason: 'Whatever' }))).status).toBe(status)
    },
  )

  test('with its own Q.850 value, and no other protocol', () => {
    const heard = of(readFinalResponse({ status: 500, reasons: ['SIP;cause=500', 'Q.850;cause=1;location=LN'] }))
    expect(rejectFor(heard)).toEqual({ status: 404, phrase: 'Not Found', reasons: ['Q.850;cause=1;location=LN'] })
  })

  test('but no challenge and no redirection', () => {
    expect(rejectFor(of(readFinalResponse({ status: 401 }))).status).toBe(403)
    expect(rejectFor(of(readFinalResponse({ status: 407 }))).status).toBe(403)
    expect(rejectFor(of(readFinalResponse({ status: 302 }))).status).toBe(404)
  })

  test('nor a status that now says something else', () => {
    const busy = of(readFinalResponse({ status: 486 }))
    expect(rejectFor({ ...busy, cause: 'app-failed' }).status).toBe(500)
  })

  test("the caller's own Reason goes to every device that rings", () => {
    const heard = of(
      readCancel({ reasons: ['Q.850;cause=26, SIP;cause=200;text="Call completed elsewhere";x=1', 'sip;cause=1'] }),
    )
    expect(cancelReasonsFor(heard)).toEqual(['Q.850;cause=26', 'SIP;cause=200;text="Call completed elsewhere";x=1'])
  })

  test("the other side's own Reason goes with the BYE", () => {
    const heard = of(readBye({ reasons: ['Q.850;cause=16;text="Terminated"'] }))
    expect(byeReasonsFor(heard)).toEqual(['Q.850;cause=16;text="Terminated"'])
    expect(cancelReasonsFor(heard), 'not with a CANCEL: that is another message').toEqual(['Q.850;cause=16'])
  })

  test('a view speaks through its ending, with codes of its own', () => {
    const heard = of(readFinalResponse({ status: 600 }))
    expect(rejectFor({ ending: heard, relation: 'peer' }).status).toBe(600)
    expect(rejectFor({ ending: heard, relation: 'peer', codes: { sip: 486 } }).status).toBe(486)
  })

  test('the code of the device that refused for all goes to the others', () => {
    const lost = (sip: number): Ending => ({
      cause: 'declined-elsewhere',
      actor: 'callee',
      phase: 'ringing',
      at: 0,
      codes: { sip },
    })
    expect(cancelReasonsFor(lost(607))).toEqual(['SIP;cause=607'])
    expect(cancelReasonsFor(lost(600))).toEqual(['SIP;cause=600'])
    expect(cancelReasonsFor({ ...lost(0), codes: {} })).toEqual(['SIP;cause=603'])
  })
})

describe('what is untrue on the next hop stays here', () => {
  test('private numbers in the clothes of SIP', () => {
    const heard = of(readBye({ reasons: ['SIP;cause=604;text="MEDIA_TIMEOUT"'] }))
    expect(byeReasonsFor(heard)).toEqual(['Q.850;cause=102;text="Media timeout"'])
  })

  test('SIP;cause=200 in a BYE', () => {
    expect(byeReasonsFor(of(readBye({ reasons: ['SIP;cause=200;text="ACK timeout"'] })))).toEqual([
      'SIP;cause=408;text="ACK timeout"',
    ])
  })

  test('anything that would break a header', () => {
    const heard = of(readBye({ reasons: ['Q.850;cause=16;text="a\r\nX-Evil: 1'] }))
    expect(byeReasonsFor(heard)).toEqual(['Q.850;cause=16;text="a X-Evil: 1"'])
  })
})
