import { expect, test } from 'vitest'
import { Outbox } from '../../../src/media/engine/outbox.ts'

test('what is said to the sound’s thread leaves behind a request that the same turn gives rise to', async () => {
  const order: string[] = []
  const posted = Promise.withResolvers<void>()
  const outbox = new Outbox<string>((messages) => {
    order.push(...messages)
    posted.resolve()
  })
  outbox.send('stop')
  outbox.send('close')
  // A script hears of the end some promises later, and its HTTP client puts the request off to the end of the turn.
  for (let hops = 0; hops < 20; hops++) await undefined
  setImmediate(() => order.push('request'))
  await posted.promise
  expect(order).toEqual(['request', 'stop', 'close'])
})
