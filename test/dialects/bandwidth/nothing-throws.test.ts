import fc from 'fast-check'
import { expect, test } from 'vitest'
import { causeNames } from '../../../src/call/causes.ts'
import { phases } from '../../../src/call/ending.ts'
import {
  codec,
  disconnectCauses,
  parseBody,
  parseBxml,
  parseWebhook,
  readRestError,
  readTime,
  serialiseBxml,
  serialiseWebhook,
  verbNames,
  webhookTypes,
} from '../../../src/dialects/bandwidth/index.ts'
import { patience, runs } from '../runs.ts'

const json = fc.jsonValue() as fc.Arbitrary<unknown>
const event = fc.record(
  {
    eventType: fc.oneof(fc.constantFrom(...webhookTypes, 'hangup', 'timeout'), json),
    cause: fc.oneof(fc.constantFrom(...disconnectCauses), json),
    sipResponseCode: fc.oneof(fc.integer(), json),
    errorMessage: json,
    answerTime: json,
    endTime: fc.oneof(fc.string(), json),
    direction: json,
    hangUpSource: json,
    transcription: json,
  },
  { requiredKeys: [] },
)
const anything = fc.oneof(
  fc.anything(),
  json,
  event,
  event.map((value) => JSON.stringify(value)),
  fc.string(),
)
const context = fc.record(
  { at: fc.nat(), phase: fc.constantFrom(...phases), direction: fc.constantFrom('in' as const, 'out' as const) },
  { requiredKeys: ['at'] },
)

test(
  'nothing throws, and the raw value survives',
  () => {
    fc.assert(
      fc.property(anything, context, (value, context) => {
        const ending = codec.read(value, context)
        expect(causeNames).toContain(ending.cause)
        expect(phases).toContain(ending.phase)
        expect(ending.raw).toEqual({ dialect: 'bandwidth', value })
        const written = codec.write(ending, context)
        expect(disconnectCauses).toContain(written.cause)
        expect(parseWebhook(written)).toMatchObject({ ok: true })
        codec.identify?.(value)
        parseWebhook(value)
        serialiseWebhook(value as never)
        parseBody('create-call', value)
        parseBody('update-call', value)
        parseBody('call-state', value)
        readRestError(400, value)
        readTime(value)
      }),
      runs,
    )
  },
  patience,
)

test(
  'no document throws',
  () => {
    const name = fc.constantFrom(...verbNames, 'Response', 'Bxml', 'x', '')
    const piece = fc.oneof(
      name.map((tag) => `<${tag}/>`),
      name.map((tag) => `<${tag}>`),
      name.map((tag) => `</${tag}>`),
      fc.constantFrom(
        'duration="1"',
        ' ',
        '&amp;',
        '&',
        '<',
        '>',
        '<!--',
        '-->',
        '<![CDATA[',
        ']]>',
        '\u0000',
        '\ud800',
      ),
      fc.string(),
    )
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        parseBxml(pieces.join(''))
        parseBxml(`<Response>${pieces.join('')}</Response>`)
      }),
      runs,
    )
  },
  patience,
)

test(
  'what is written without a fault is read without a word of doubt',
  () => {
    const text = fc.oneof(fc.string(), fc.constantFrom('+15550100', 'sip:a@b', 'room', '12', ' '))
    const attributes = fc.dictionary(
      fc.constantFrom('redirectUrl', 'tag', 'duration', 'name', 'gatherUrl', 'mute'),
      fc.oneof(text, fc.nat(99), fc.boolean()),
    )
    const leaf = fc.record({ name: fc.constantFrom(...verbNames), text, attributes }, { requiredKeys: ['name'] })
    const verb = fc.record(
      { name: fc.constantFrom(...verbNames), text, attributes, children: fc.array(leaf, { maxLength: 2 }) },
      { requiredKeys: ['name'] },
    )
    fc.assert(
      fc.property(fc.array(verb, { maxLength: 3 }), (verbs) => {
        const written = serialiseBxml({ verbs: verbs as never })
        if (!written.ok) return
        const read = parseBxml(written.value)
        expect(read.ok).toBe(true)
        if (read.ok) expect(read.warnings.filter(({ code }) => code !== 'bandwidth.bxml-unreachable')).toEqual([])
      }),
      runs,
    )
  },
  patience,
)

test.each(['valueOf', 'constructor', 'toString', '__proto__', 'hasOwnProperty'])(
  'the name %s, which every object has, is no word of the dialect',
  (name) => {
    expect(parseWebhook({ eventType: name })).toMatchObject({ ok: true, value: { type: 'other' } })
    expect(codec.read({ eventType: 'disconnect', cause: name }, { at: 0 }).cause).toBe('unknown')
    expect(codec.read({ eventType: 'disconnect', cause: 'error', errorMessage: name }, { at: 0 }).cause).toBe('error')
    expect(codec.read({ eventType: 'hangup', cause: name }, { at: 0 }).cause).toBe('unknown')
    expect(parseBxml(`<Response><Conference ${name}="1">room</Conference></Response>`)).toMatchObject({
      ok: true,
      warnings: [{ code: 'bandwidth.bxml-unknown-attribute' }],
    })
    expect(parseBxml(`<Response><${name}/></Response>`)).toMatchObject({ ok: false })
  },
)
