import { expect, it } from 'vitest'
import { Secret } from '../../src/config/secret.ts'
import { allTokens, createFaces, tokens } from './faces.ts'

const key = (value: string) => ({ headers: { 'idempotency-key': value } })

it('a call that is placed twice under one key is placed once', async () => {
  const { ask, control } = createFaces()
  const first = await ask('/api/calls', { body: { to: 'alice' }, ...key('k1') })
  const second = await ask('/api/calls', { body: { to: 'alice' }, ...key('k1') })
  expect([first.status, second.status]).toEqual([201, 201])
  expect(second.body).toEqual(first.body)
  expect(second.headers.get('location')).toBe(first.headers.get('location'))
  expect([first.headers.get('idempotent-replay'), second.headers.get('idempotent-replay')]).toEqual([null, 'true'])
  expect(control.placed).toHaveLength(1)
})

it('also when both arrive at once', async () => {
  const { ask, control } = createFaces()
  const both = await Promise.all([1, 2].map(() => ask('/api/calls', { body: { to: 'alice' }, ...key('k1') })))
  expect(both[1]?.body).toEqual(both[0]?.body)
  expect(control.placed).toHaveLength(1)
})

it('another key, another token, or another address is another request', async () => {
  const second = { name: 'second', token: new Secret('another-token-for-all'), scopes: ['admin' as const] }
  const { ask, control } = createFaces({ tokens: [...allTokens, second] })
  await ask('/api/calls', { body: { to: 'alice' }, token: tokens.admin, ...key('k1') })
  await ask('/api/calls', { body: { to: 'alice' }, token: tokens.admin, ...key('k2') })
  await ask('/api/calls', { body: { to: 'alice' }, token: 'another-token-for-all', ...key('k1') })
  expect(control.placed).toHaveLength(3)
  const [a, b] = [control.add(), control.add()]
  for (const id of [a, b]) await ask(`/api/calls/${id}/end`, { body: {}, token: tokens.end, ...key('k1') })
  expect(control.ends).toBe(2)
})

it('one key with two bodies is a mistake, and does nothing', async () => {
  const { ask, control } = createFaces()
  await ask('/api/calls', { body: { to: 'alice' }, ...key('k1') })
  expect(await ask('/api/calls', { body: { to: 'bob' }, ...key('k1') })).toMatchObject({
    status: 422,
    body: { code: 'idempotency.mismatch' },
  })
  expect(control.placed).toHaveLength(1)
})

it('a refusal is kept, a failure of ours is not', async () => {
  const { ask, control } = createFaces()
  control.answer = { ok: false, code: 'dial.no-rule', message: 'no' }
  await ask('/api/calls', { body: { to: 'alice' }, ...key('k1') })
  control.answer = undefined
  expect((await ask('/api/calls', { body: { to: 'alice' }, ...key('k1') })).status).toBe(422)
  const { place } = control
  control.place = async () => {
    throw new Error('disk')
  }
  expect((await ask('/api/calls', { body: { to: 'alice' }, ...key('k2') })).status).toBe(500)
  control.place = place
  expect((await ask('/api/calls', { body: { to: 'alice' }, ...key('k2') })).status).toBe(201)
})

it('is forgotten after a day', async () => {
  const { ask, control } = createFaces()
  await ask('/api/calls', { body: { to: 'alice' }, ...key('k1') })
  control.clock.advance(24 * 3600 * 1000)
  await ask('/api/calls', { body: { to: 'alice' }, ...key('k1') })
  expect(control.placed).toHaveLength(2)
})

it('an end under a key gets the very same answer', async () => {
  const { ask, control } = createFaces()
  const id = control.add()
  const first = await ask(`/api/calls/${id}/end`, { body: { cause: 'blocked' }, ...key('k1') })
  const second = await ask(`/api/calls/${id}/end`, { body: { cause: 'blocked' }, ...key('k1') })
  expect(second.body).toEqual(first.body)
  expect(control.ends).toBe(1)
})

it('of several that wait for one that fails, one tries again, and the others get its answer', async () => {
  const { ask, control } = createFaces()
  const { place } = control
  const failing = Promise.withResolvers<never>()
  control.place = () => failing.promise
  const all = [1, 2, 3, 4].map(() => ask('/api/calls', { body: { to: 'alice' }, ...key('k') }))
  await new Promise((resolve) => setImmediate(resolve))
  control.place = place
  failing.reject(new Error('disk'))
  const statuses = (await Promise.all(all)).map(({ status }) => status).sort()
  expect(statuses).toEqual([201, 201, 201, 500])
  expect(control.placed).toHaveLength(1)
})
