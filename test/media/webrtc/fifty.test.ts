import { expect, test } from 'vitest'
import { mediaForTest } from '../far-end.ts'
import { connected, until } from './peers.ts'

test('fifty peers at once hear each other', async () => {
  const media = mediaForTest()
  const pairs = await Promise.all(Array.from({ length: 25 }, () => connected(media)))
  const heard = pairs.map(() => '')
  for (const [n, [, callee]] of pairs.entries()) {
    callee.session.onDigit((digit) => {
      heard[n] += digit
    })
  }
  const keys = pairs.map((_, n) => String(n).padStart(2, '0'))
  await Promise.all(pairs.map(([caller], n) => caller.session.sendDigits(keys[n]!)))
  await until(() => heard.join() === keys.join())
  for (const [caller, callee] of pairs) {
    caller.session.close()
    callee.session.close()
  }
  const stats = await Promise.all(pairs.flatMap(([caller, callee]) => [caller.session.closed, callee.session.closed]))
  expect(stats).toHaveLength(50)
})
