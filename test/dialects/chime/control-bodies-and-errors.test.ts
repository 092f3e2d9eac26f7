import { describe, expect, test } from 'vitest'
import {
  type ControlErrorName,
  callReplyBody,
  controlError,
  controlErrors,
  parseCallReply,
  parseCreateCall,
  parseUpdateCall,
  readControlError,
  serialiseCreateCall,
  serialiseUpdateCall,
} from '../../../src/dialects/chime/index.ts'

const numbers = { FromPhoneNumber: '+15550100', ToPhoneNumber: '+15550101' }
const many = (n: number) => Object.fromEntries(Array.from({ length: n }, (_, i) => [`k${i}`, 'v']))

describe('control bodies', () => {
  test('create', () => {
    const body = { ...numbers, SipHeaders: { 'X-a': '1' }, ArgumentsMap: { k: 'v' } }
    expect(parseCreateCall(JSON.stringify(body))).toMatchObject({ ok: true, value: body })
    expect(serialiseCreateCall(body)).toMatchObject({ ok: true, value: body })
  })

  test.each([
    [{}, '$.FromPhoneNumber'],
    [{ ...numbers, ToPhoneNumber: 'sip:a@b' }, '$.ToPhoneNumber'],
    [{ ...numbers, ArgumentsMap: many(21) }, '$.ArgumentsMap'],
    [{ ...numbers, SipHeaders: [] }, '$.SipHeaders'],
    ['{', '$'],
    [null, '$'],
  ])('a create that the service refuses: %j', (body, place) => {
    const parsed = parseCreateCall(body)
    expect(parsed.ok ? [] : parsed.faults.map((fault) => fault.place)).toContain(place)
  })

  test('update', () => {
    expect(parseUpdateCall({ Arguments: {} })).toMatchObject({ ok: true })
    expect(parseUpdateCall({ Arguments: many(20) })).toMatchObject({ ok: true })
    expect(parseUpdateCall({ Arguments: many(21) })).toMatchObject({ ok: false })
    expect(parseUpdateCall({})).toMatchObject({ ok: false, faults: [{ code: 'chime.missing', place: '$.Arguments' }] })
    expect(serialiseUpdateCall({ Arguments: { a: 'b' } })).toMatchObject({ ok: true, value: { Arguments: { a: 'b' } } })
  })

  test('the reply', () => {
    expect(parseCallReply(JSON.stringify(callReplyBody('t')))).toMatchObject({ ok: true, value: callReplyBody('t') })
    expect(parseCallReply({})).toMatchObject({ ok: false })
  })
})

describe.each(Object.keys(controlErrors) as ControlErrorName[])('%s', (name) => {
  const { status, code } = controlErrors[name]

  test('is known by its header, by its code', () => {
    const { headers, body } = controlError(name, 'why')
    expect(readControlError({ status, errorType: headers['x-amzn-ErrorType'], body })).toEqual({
      name,
      code,
      message: 'why',
    })
    expect(readControlError({ status, body }).name).toBe(name)
  })

  test('is known by a header with a namespace and a URL', () => {
    const errorType = `com.amazonaws.chime#${name}:http://internal.amazon.com/`
    expect(readControlError({ status: 0, errorType }).name).toBe(name)
  })
})

test('an unknown error is known by its status, or not at all', () => {
  expect(readControlError({ status: 404 }).name).toBe('NotFoundException')
  expect(readControlError({ status: 418, body: 'teapot' })).toEqual({ name: null, code: null, message: null })
})
