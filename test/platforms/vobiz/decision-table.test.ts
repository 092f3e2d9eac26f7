import { describe, expect, it } from 'vitest'
import { answerUrl, type Reply, World } from './world.ts'

/**
 * What `<Hangup>` does, by state and document: one row per case, each walked on a virtual clock to its end. `wire` is
 * what the caller was sent, by cause: which status or Reason says it is the SIP network's matter.
 */
type Row = Readonly<{
  row: string
  /** Inside `<Response>`, or a whole reply. */
  document: string | Reply | readonly Reply[]
  also?: Readonly<Record<string, Reply | readonly Reply[]>>
  app?: Readonly<Record<string, unknown>>
  /** Milliseconds from offer to end. */
  at: number
  wire: readonly string[]
  code: number
  word: string
  name: string
  source: string
  status: string
  seconds?: number
  heard?: readonly string[]
}>

const fallbackUrl = 'https://app.example.com/fallback'
const nextUrl = 'https://app.example.com/next'
const rejected = {
  code: 3020,
  word: 'CALL_REJECTED',
  name: 'Rejected',
  source: 'Answer XML',
  status: 'failed',
} as const
const busy = { code: 3010, word: 'USER_BUSY', name: 'Busy Line', source: 'Answer XML', status: 'busy' } as const
const normal = {
  code: 4000,
  word: 'NORMAL_CLEARING',
  name: 'Normal Hangup',
  source: 'Answer XML',
  status: 'completed',
} as const
const ranOut = {
  code: 4010,
  word: 'NORMAL_CLEARING',
  name: 'End Of XML Instructions',
  source: 'Vobiz',
  status: 'completed',
} as const
const scheduled = {
  code: 6000,
  word: 'ALLOTTED_TIMEOUT',
  name: 'Scheduled Hangup',
  source: 'Answer XML',
  status: 'completed',
} as const
const invalidXml = {
  at: 0,
  wire: ['refuse app-invalid'],
  code: 8011,
  word: '',
  name: 'Invalid Answer XML',
  source: 'Error',
  status: 'failed',
} as const
const unreachable = {
  wire: ['refuse app-unreachable'],
  code: 7011,
  word: '',
  name: 'Error Reaching Answer URL',
  source: 'Error',
  status: 'failed',
} as const
const invalidRedirect = { at: 0, wire: ['refuse app-invalid'], word: '', source: 'Error', status: 'failed' } as const

const talk = '<Play loop="0">https://x/a.wav</Play>'
const hello = '<Speak>hello</Speak>'

const rows: readonly Row[] = [
  { row: 'H1', document: '<Hangup reason="rejected"/>', at: 0, wire: ['refuse declined'], ...rejected },
  { row: 'H2', document: '<Hangup reason="busy"/>', at: 0, wire: ['refuse busy'], ...busy },
  { row: 'H3', document: '<Hangup/>', at: 0, wire: ['refuse declined'], ...rejected },
  {
    row: 'H3, observed',
    document: '<Hangup/>',
    app: { compat: { bareFirstHangup: 'normal' } },
    at: 0,
    wire: ['refuse hangup'],
    ...normal,
  },
  {
    row: 'H4',
    document: `<PreAnswer>${hello}</PreAnswer><Hangup/>`,
    at: 2000,
    wire: ['183', 'refuse declined'],
    heard: ['hello'],
    ...rejected,
  },
  {
    row: 'H4 by reason',
    document: '<PreAnswer><Wait length="2"/></PreAnswer><Hangup reason="busy"/>',
    at: 2000,
    wire: ['183', 'refuse busy'],
    ...busy,
  },
  {
    row: 'H5',
    document: '<Wait length="3"/><Hangup reason="busy"/>',
    at: 3000,
    wire: ['180', 'refuse busy'],
    ...busy,
  },
  {
    row: 'not first, no reason, not answered: Normal Hangup',
    document: '<Wait length="3"/><Hangup/>',
    at: 3000,
    wire: ['180', 'refuse hangup'],
    ...normal,
  },
  { row: 'H6', document: `${hello}<Hangup/>`, at: 2000, wire: ['200', 'BYE hangup'], ...normal, seconds: 2 },
  {
    row: 'H7 busy',
    document: `${hello}<Hangup reason="busy"/>`,
    at: 2000,
    wire: ['200', 'BYE busy'],
    ...busy,
    status: 'completed',
    seconds: 2,
  },
  {
    row: 'H7 rejected',
    document: `${hello}<Hangup reason="rejected"/>`,
    at: 2000,
    wire: ['200', 'BYE declined'],
    ...rejected,
    status: 'completed',
    seconds: 2,
  },
  {
    row: 'H8',
    document: `${hello}<Hangup schedule="60"/>${talk}`,
    at: 62_000,
    wire: ['200', 'BYE scheduled'],
    ...scheduled,
    seconds: 62,
  },
  {
    row: 'H9',
    document: `${hello}<Hangup schedule="60" reason="busy"/>${talk}`,
    at: 62_000,
    wire: ['200', 'BYE busy'],
    ...busy,
    status: 'completed',
    seconds: 62,
  },
  {
    row: 'H9, as documented once',
    document: `<Hangup schedule="60" reason="rejected"/>${talk}`,
    app: { compat: { scheduledReason: 'ignore' } },
    at: 60_000,
    wire: ['200', 'BYE scheduled'],
    ...scheduled,
    seconds: 60,
  },
  { row: 'H10 alone', document: '<Hangup schedule="60"/>', at: 0, wire: ['refuse script-end'], ...ranOut },
  {
    row: 'H10 last',
    document: `${hello}<Hangup schedule="60"/>`,
    at: 2000,
    wire: ['200', 'BYE script-end'],
    ...ranOut,
    seconds: 2,
  },
  {
    row: 'H10, as the sample means it',
    document: `${hello}<Hangup schedule="60"/>`,
    app: { compat: { scheduleLast: 'wait' } },
    at: 62_000,
    wire: ['200', 'BYE scheduled'],
    ...scheduled,
    seconds: 62,
  },
  {
    row: 'H11',
    document: `<Hangup schedule="60"/>${hello}`,
    at: 2000,
    wire: ['200', 'BYE script-end'],
    ...ranOut,
    seconds: 2,
  },
  {
    row: 'H12',
    document: `<Hangup schedule="5"/><Wait length="1"/>${talk}`,
    at: 5000,
    wire: ['180', '200', 'BYE scheduled'],
    ...scheduled,
    seconds: 4,
  },
  {
    row: 'H13',
    document: '<Hangup schedule="5"/><Wait length="30"/>',
    at: 5000,
    wire: ['180', 'refuse scheduled'],
    ...scheduled,
    status: 'timeout',
  },
  {
    row: 'H13 by reason',
    document: '<Hangup schedule="5" reason="busy"/><Wait length="30"/>',
    at: 5000,
    wire: ['180', 'refuse busy'],
    ...busy,
  },
  {
    row: 'H14, the first is earliest',
    document: `<Hangup schedule="5"/><Hangup schedule="60" reason="busy"/>${talk}`,
    at: 5000,
    wire: ['200', 'BYE scheduled'],
    ...scheduled,
    seconds: 5,
  },
  {
    row: 'H14, the last is earliest',
    document: `<Hangup schedule="60"/>${hello}<Hangup schedule="5" reason="busy"/>${talk}`,
    at: 7000,
    wire: ['200', 'BYE busy'],
    ...busy,
    status: 'completed',
    seconds: 7,
  },
  {
    row: 'H15',
    document: `<Hangup schedule="10"/>${hello}<Redirect>${nextUrl}</Redirect>`,
    also: { [nextUrl]: `<Response>${talk}</Response>` },
    at: 10_000,
    wire: ['200', 'BYE scheduled'],
    heard: ['hello', 'https://x/a.wav'],
    ...scheduled,
    seconds: 10,
  },
  { row: 'H18', document: '<Hangup reason="test"/>', at: 0, wire: ['refuse declined'], ...rejected },
  { row: 'H18 strict', document: '<Hangup reason="test"/>', app: { compat: { mode: 'strict' } }, ...invalidXml },
  {
    row: 'H19',
    document: `${hello}<Hangup schedule="0"/>${talk}`,
    at: 2000,
    wire: ['200', 'BYE hangup'],
    ...normal,
    seconds: 2,
  },
  { row: 'H19 strict', document: '<Hangup schedule="-1"/>', app: { compat: { mode: 'strict' } }, ...invalidXml },
  { row: 'H20', document: `<Hangup schedule="abc"/>${talk}`, ...invalidXml },
  {
    row: 'H20 strict',
    document: `<Hangup schedule="60s"/>${talk}`,
    app: { compat: { mode: 'strict' } },
    ...invalidXml,
  },
  { row: 'H21 text', document: `${hello}<Hangup>bye</Hangup>`, ...invalidXml },
  { row: 'H21 child', document: `${hello}<Hangup><Speak>x</Speak></Hangup>`, ...invalidXml },
  {
    row: 'H22 not run',
    document: `<Hangup reason="busy"/>${talk}<Redirect>${nextUrl}</Redirect>`,
    at: 0,
    wire: ['refuse busy'],
    heard: [],
    ...busy,
  },
  { row: 'H22 but checked', document: '<Hangup/><Bogus/>', ...invalidXml },
  { row: 'H23', document: '<PreAnswer><Hangup/></PreAnswer>', ...invalidXml },
  { row: 'H24', document: '', at: 0, wire: ['refuse script-end'], ...ranOut },
  { row: 'H25', document: '<Answer/>', ...invalidXml },
  { row: 'H26 HTML', document: { type: 'text/html', body: '<Response/>' }, ...invalidXml },
  { row: 'H26 plain text', document: { type: 'text/plain; charset=utf-8', body: '<Response/>' }, ...invalidXml },
  { row: 'H26 JSON', document: { type: 'application/json', body: '{}' }, ...invalidXml },
  { row: 'H26 empty', document: { body: '' }, ...invalidXml },
  { row: 'H26 100 KB', document: { body: `<Response><!--${'x'.repeat(102_400)}--></Response>` }, ...invalidXml },
  { row: 'H26 broken entity', document: `<Speak>Tom & Jerry</Speak>`, ...invalidXml },
  {
    row: 'H26, type ignored',
    document: { type: 'text/html', body: '<Response><Hangup reason="busy"/></Response>' },
    app: { compat: { contentType: 'ignore' } },
    at: 0,
    wire: ['refuse busy'],
    ...busy,
  },
  {
    row: 'H26, then the fallback',
    document: '<Bogus/>',
    also: { [fallbackUrl]: '<Response><Hangup reason="busy"/></Response>' },
    app: { fallbackUrl },
    at: 0,
    wire: ['refuse busy'],
    ...busy,
  },
  { row: 'H27 404', document: { status: 404 }, at: 0, ...unreachable },
  { row: 'H27 401', document: { status: 401 }, at: 0, ...unreachable },
  { row: 'H27 TLS', document: { error: 'tls' }, at: 0, ...unreachable },
  { row: 'H27 redirects', document: { error: 'redirects' }, at: 0, ...unreachable },
  { row: 'H27 500, retried', document: { status: 500 }, at: 3500, ...unreachable, wire: ['180', ...unreachable.wire] },
  { row: 'H27 refused', document: { error: 'connect' }, at: 3500, ...unreachable, wire: ['180', ...unreachable.wire] },
  { row: 'H27 timeout', document: { after: 99_000 }, at: 10_000, ...unreachable, wire: ['180', ...unreachable.wire] },
  {
    row: 'H27, then the fallback',
    document: { status: 404 },
    also: { [fallbackUrl]: '<Response><Hangup reason="busy"/></Response>' },
    app: { fallbackUrl },
    at: 0,
    wire: ['refuse busy'],
    ...busy,
  },
  {
    row: 'H27, and the fallback is broken',
    document: { status: 404 },
    also: { [fallbackUrl]: 'hello' },
    app: { fallbackUrl },
    ...invalidXml,
  },
  {
    row: 'H28 no URL',
    document: '<Redirect>next</Redirect>',
    code: 7024,
    name: 'Invalid Redirect URL',
    ...invalidRedirect,
  },
  {
    row: 'H28 ftp',
    document: '<Redirect>ftp://x/</Redirect>',
    code: 7024,
    name: 'Invalid Redirect URL',
    ...invalidRedirect,
  },
  {
    row: 'H28 method',
    document: `<Redirect method="PUT">${nextUrl}</Redirect>`,
    code: 7034,
    name: 'Invalid Method For Redirect URL',
    ...invalidRedirect,
  },
  {
    row: '7014',
    document: `<Redirect>${nextUrl}</Redirect>`,
    also: { [nextUrl]: { status: 404 } },
    at: 0,
    ...unreachable,
    code: 7014,
    name: 'Error Reaching Redirect URL',
  },
  {
    row: '8014',
    document: `${hello}<Redirect>${nextUrl}</Redirect>`,
    also: { [nextUrl]: '<Response><Bogus/></Response>' },
    ...invalidXml,
    at: 2000,
    wire: ['200', 'BYE app-invalid'],
    status: 'completed',
    seconds: 2,
    code: 8014,
    name: 'Invalid Redirect XML',
  },
  {
    row: 'a circle of redirects',
    document: `<Redirect>${answerUrl}</Redirect>`,
    ...invalidXml,
    code: 8014,
    name: 'Invalid Redirect XML',
  },
  {
    row: 'an element that is not carried out yet',
    document: '<Dial>14155550000</Dial>',
    at: 0,
    wire: ['refuse app-failed'],
    code: 5010,
    word: 'NORMAL_TEMPORARY_FAILURE',
    name: 'Internal Error',
    source: 'Error',
    status: 'failed',
  },
]

describe('the decision table', () => {
  it.each(rows)('$row', async ({ document, also = {}, app = {}, ...expected }) => {
    const reply = typeof document === 'string' ? { body: rooted(document) } : document
    const world = await World.of({ replies: { [answerUrl]: reply, ...also }, app })
    await world.pass(200_000)
    const { ending } = world.record
    expect({ at: world.lasted, wire: world.wire }).toEqual({ at: expected.at, wire: expected.wire })
    expect(world.webhook).toMatchObject({
      Event: 'Hangup',
      HangupCauseCode: String(expected.code),
      HangupCause: expected.word,
      HangupCauseName: expected.name,
      HangupSource: expected.source,
      CallStatus: expected.status,
      Duration: String(expected.seconds ?? 0),
    })
    expect(world.webhook.AnswerTime === '').toBe(ending.phase !== 'answered')
    if (expected.heard !== undefined) expect(world.media.heard).toEqual(expected.heard)
    expect(world.faults).toEqual([])
    expect(world.clock.armed).toBe(0)
  })

  it('has a row for each of the table’s that needs neither Dial nor the REST API', () => {
    const covered = new Set(rows.flatMap(({ row }) => /^H\d+/.exec(row) ?? []))
    const elsewhere = ['H16', 'H17']
    const all = Array.from({ length: 28 }, (_, index) => `H${index + 1}`)
    expect(all.filter((row) => !covered.has(row))).toEqual(elsewhere)
  })
})

function rooted(inner: string): string {
  return inner === '<Answer/>' ? inner : `<Response>${inner}</Response>`
}

describe('H17: a party that hangs up before the timer', () => {
  it('disarms it, and there is one record and one webhook', async () => {
    const world = await World.ofDocument(`<Hangup schedule="60"/>${talk}`)
    await world.pass(5_000)
    await world.leave()
    await world.pass(100_000)
    expect(world.record.ending).toMatchObject({ cause: 'hangup', actor: 'caller' })
    expect(world.webhook).toMatchObject({ HangupSource: 'Caller', HangupCauseCode: '4000', Duration: '5' })
    expect(world.clock.armed).toBe(0)
  })

  it('while ringing it is a withdrawn call', async () => {
    const world = await World.ofDocument('<Hangup schedule="60"/><Wait length="50"/>')
    await world.pass(5_000)
    await world.leave()
    await world.pass(100_000)
    expect(world.webhook).toMatchObject({
      HangupSource: 'Caller',
      HangupCauseCode: '1000',
      CallStatus: 'cancel',
      Duration: '0',
      AnswerTime: '',
    })
    expect(world.clock.armed).toBe(0)
  })
})
