import { expect, test } from 'vitest'
import { mediaForTest } from '../far-end.ts'
import { connected, until } from './peers.ts'

test('two of ours hear each other: keys and a first packet', async () => {
  const [caller, callee] = await connected(mediaForTest())
  let heard = ''
  let first = false
  callee.session.onDigit((digit) => {
    heard += digit
  })
  callee.session.onFirstPacket(() => {
    first = true
  })
  expect(await caller.session.sendDigits('17#')).toBe('finished')
  await until(() => heard === '17#' && first)
  expect(caller.states).toEqual(['connecting', 'connected'])
})
