import { describe, expect, test } from 'vitest'
import { parseResponse, serialiseResponse } from '../../../src/dialects/chime/index.ts'

const hangup = { Type: 'Hangup', Parameters: { SipResponseCode: '0' } }
const version = { SchemaVersion: '1.0' }

describe('a response', () => {
  test.each([
    [version, 'keep'],
    [{ ...version, Actions: null }, 'keep'],
    [{ ...version, Actions: [] }, 'empty'],
    [{ ...version, Actions: [hangup] }, 'replace'],
    [{ ...version, Actions: Array(10).fill(hangup) }, 'replace'],
    [JSON.stringify({ ...version, Actions: [hangup] }), 'replace'],
  ])('%j', (response, name) => {
    expect(parseResponse(response)).toMatchObject({ ok: true, value: { actions: { name } } })
  })

  test.each([
    [version, { name: 'keep' }],
    [{ ...version, TransactionAttributes: null }, { name: 'keep' }],
    [
      { ...version, TransactionAttributes: {} },
      { name: 'replace', value: {} },
    ],
    [
      { ...version, TransactionAttributes: { a: 'b', nested: { c: 1 } } },
      { name: 'replace', value: { a: 'b', nested: { c: 1 } } },
    ],
  ])('attributes of %j', (response, attributes) => {
    expect(parseResponse(response)).toMatchObject({ ok: true, value: { attributes } })
  })

  test.each([
    [undefined, 'chime.response-empty', '$'],
    [null, 'chime.response-empty', '$'],
    ['', 'chime.response-empty', '$'],
    ['null', 'chime.response-empty', '$'],
    ['""', 'chime.response-empty', '$'],
    [0, 'chime.response-type', '$'],
    [[], 'chime.response-type', '$'],
    ['<html>', 'chime.json', '$'],
    ['Task timed out', 'chime.json', '$'],
    [{ errorType: 'Error', errorMessage: 'x' }, 'chime.schema-version', '$.SchemaVersion'],
    [{ SchemaVersion: '2.0' }, 'chime.schema-version', '$.SchemaVersion'],
    [{ SchemaVersion: 1 }, 'chime.schema-version', '$.SchemaVersion'],
    [{ ...version, Actions: 'Hangup' }, 'chime.actions', '$.Actions'],
    [{ ...version, Actions: [null] }, 'chime.actions', '$.Actions[0]'],
    [{ ...version, Actions: Array(11).fill(hangup) }, 'chime.too-many-actions', '$.Actions'],
    [{ ...version, Actions: [hangup, { Type: 'Answer' }] }, 'chime.unknown-action', '$.Actions[1].Type'],
    [{ ...version, TransactionAttributes: [] }, 'chime.actions', '$.TransactionAttributes'],
    [
      { ...version, TransactionAttributes: Object.fromEntries(Array.from({ length: 101 }, (_, i) => [i, ''])) },
      'chime.attributes-too-many',
      '$.TransactionAttributes',
    ],
    [
      { ...version, TransactionAttributes: { a: 'x'.repeat(20_500) } },
      'chime.attributes-too-large',
      '$.TransactionAttributes',
    ],
  ])('is unusable: %j', (response, code, place) => {
    expect(parseResponse(response)).toMatchObject({ ok: false, faults: [{ code, place }] })
  })

  test('a wrong parameter fails its action, not the response', () => {
    const response = { ...version, Actions: [{ Type: 'Hangup', Parameters: { SipResponseCode: '603' } }, hangup] }
    const parsed = parseResponse(response)
    expect(parsed).toMatchObject({
      ok: true,
      value: {
        actions: {
          list: [
            {
              valid: false,
              type: 'Hangup',
              faults: [{ code: 'chime.value', place: '$.Actions[0].Parameters.SipResponseCode' }],
            },
            { valid: true, action: { Type: 'Hangup', Parameters: { SipResponseCode: 0 } } },
          ],
        },
      },
    })
  })

  test('is written strictly', () => {
    expect(serialiseResponse({})).toMatchObject({ ok: true, value: version })
    expect(serialiseResponse({ actions: [], attributes: {} })).toMatchObject({
      value: { ...version, Actions: [], TransactionAttributes: {} },
    })
    const eleven = Array(11).fill({ Type: 'Hangup', Parameters: {} })
    expect(serialiseResponse({ actions: eleven })).toMatchObject({
      ok: false,
      faults: [{ code: 'chime.too-many-actions' }],
    })
    const wrong = [{ Type: 'Hangup', Parameters: { SipResponseCode: 603 } }] as never
    expect(serialiseResponse({ actions: wrong })).toMatchObject({
      ok: false,
      faults: [{ place: '$.Actions[0].Parameters.SipResponseCode' }],
    })
  })
})

test.each([99, 100])('lists and objects in one another: %i', (levels) => {
  // The answer and its attributes are two of them.
  const nested = JSON.parse(`${'['.repeat(levels - 2)}1${']'.repeat(levels - 2)}`)
  const parsed = parseResponse({ ...version, TransactionAttributes: { nested } })
  expect(parsed.ok).toBe(true)
})

test.each([101, 100_000])('%i of them are too many', (levels) => {
  const nested = `${'['.repeat(levels - 2)}1${']'.repeat(levels - 2)}`
  expect(parseResponse(`{"SchemaVersion":"1.0","TransactionAttributes":{"nested":${nested}}}`)).toMatchObject({
    ok: false,
    faults: [{ code: 'chime.response-too-deep', place: '$' }],
  })
})
