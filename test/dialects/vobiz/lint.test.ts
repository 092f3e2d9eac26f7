import { describe, expect, it } from 'vitest'
import { plivoProfile } from '../../../src/dialects/plivo/profile.ts'
import { type Compat, lenient } from '../../../src/dialects/vobiz/compat.ts'
import { type LintEnd, lint } from '../../../src/dialects/vobiz/lint.ts'

const told = (end: LintEnd) => (end.type === 'ends' ? end.code : end.type === 'continues' ? end.url : end.type)

function outcomes(inner: string, compat: Partial<Compat> = {}) {
  const report = lint(`<Response>${inner}</Response>`, { compat: { ...lenient, ...compat } })
  return report.outcomes.map(({ state, answers, first, ends }) => ({ state, answers, first, ends: ends.map(told) }))
}

type Row = readonly [
  row: string,
  inner: string,
  unanswered: readonly [answers: boolean, first: string | null, ...ends: (number | string)[]],
  answered: readonly [first: string | null, ...ends: (number | string)[]],
]

const rows: readonly Row[] = [
  ['H1', '<Hangup reason="rejected"/>', [false, '603', 3020], ['BYE', 3020]],
  ['H2', '<Hangup reason="busy"/>', [false, '486', 3010], ['BYE', 3010]],
  ['H3, H6', '<Hangup/>', [false, '603', 3020], ['BYE', 4000]],
  ['H4', '<PreAnswer><Speak>x</Speak></PreAnswer><Hangup/>', [false, '183', 3020], ['BYE', 4000]],
  ['H5', '<Wait length="3"/><Hangup reason="busy"/>', [false, '180', 3010], ['BYE', 3010]],
  ['the page: not first, no reason', '<Wait length="3"/><Hangup/>', [false, '180', 4000], ['BYE', 4000]],
  ['H6', '<Speak>x</Speak><Hangup/>', [true, '200', 4000], ['BYE', 4000]],
  ['H8', '<Hangup schedule="60"/><Play loop="0">http://x/</Play>', [true, '200', 6000], ['BYE', 6000]],
  ['H9', '<Hangup schedule="60" reason="busy"/><Play loop="0">http://x/</Play>', [true, '200', 3010], ['BYE', 3010]],
  ['H10', '<Hangup schedule="60"/>', [false, '603', 4010], ['BYE', 4010]],
  ['H10', '<Speak>x</Speak><Hangup schedule="60"/>', [true, '200', 4010], ['BYE', 4010]],
  ['H11', '<Hangup schedule="60"/><Wait length="10"/>', [false, '180', 4010], ['BYE', 4010]],
  ['H11', '<Hangup schedule="60"/><Speak>x</Speak>', [true, '200', 6000, 4010], ['BYE', 6000, 4010]],
  ['H13', '<Hangup schedule="5"/><Wait length="30"/>', [false, '180', 6000], ['BYE', 6000]],
  [
    'H14',
    '<Hangup schedule="9"/><Hangup schedule="5" reason="busy"/><Wait length="30"/>',
    [false, '180', 3010],
    ['BYE', 3010],
  ],
  ['H24', '', [false, '603', 4010], ['BYE', 4010]],
  ['Redirect', '<Redirect>http://x/</Redirect>', [false, null, 'http://x/'], [null, 'http://x/']],
  ['for ever', '<Play loop="0">http://x/</Play>', [true, '200', 'goes-on'], [null, 'goes-on']],
  ['Dial', '<Dial>1</Dial>', [false, '500', 5010], ['BYE', 5010]],
  ['invalid', '<Hangup>x</Hangup>', [false, '503', 8011], ['BYE', 8011]],
]

describe('what a document will do', () => {
  it.each(rows)('%s: %s', (_row, inner, [answers, first, ...ends], [answeredFirst, ...answeredEnds]) => {
    expect(outcomes(inner)).toEqual([
      { state: 'unanswered', answers, first, ends },
      { state: 'answered', answers: false, first: answeredFirst, ends: answeredEnds },
    ])
  })

  it('carries the faults and warnings of the document', () => {
    expect(lint('<Response><Hangup schedule="60"/></Response>')).toMatchObject({
      ok: true,
      warnings: [{ code: 'vobiz.schedule-last' }],
    })
    expect(lint('<Response><Say/></Response>')).toMatchObject({
      ok: false,
      faults: [{ code: 'vobiz.unknown-element' }],
    })
    expect(lint('<Response><GetDigits/></Response>', { profile: plivoProfile }).ok).toBe(true)
  })

  const switches: readonly [compat: Partial<Compat>, inner: string, unanswered: unknown][] = [
    [{ bareFirstHangup: 'normal' }, '<Hangup/>', { first: '480', ends: [4000] }],
    [{ bareHangupAfterPreAnswer: 'normal' }, '<PreAnswer/><Hangup/>', { first: '183', ends: [4000] }],
    [{ emptyResponse: 'stay' }, '', { first: null, ends: ['goes-on'] }],
    [{ scheduleLast: 'wait' }, '<Hangup schedule="60"/>', { first: '603', ends: [6000] }],
    [{ scheduledReason: 'ignore' }, '<Hangup schedule="5" reason="busy"/><Wait length="9"/>', { ends: [6000] }],
  ]
  it.each(switches)('the switch %j', (compat, inner, expected) => {
    expect(outcomes(inner, compat)[0]).toMatchObject(expected as object)
  })
})
