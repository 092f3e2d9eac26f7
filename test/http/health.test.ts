import { expect, it } from 'vitest'
import { createFaces } from './faces.ts'

it('/livez answers as long as the process does', async () => {
  const { ask, control } = createFaces()
  control.state = { state: 'draining', checks: [{ name: 'ledger', ok: false }], recovered: 0 }
  expect(await ask('/livez')).toMatchObject({ status: 200, body: { status: 'alive' } })
})

it.each([
  ['ready', true, 200, 'ready'],
  ['ready', false, 503, 'failing'],
  ['starting', true, 503, 'starting'],
  ['draining', true, 503, 'draining'],
] as const)('/readyz: %s, checks well: %s, gives %d %s', async (state, ok, status, said) => {
  const { ask, control } = createFaces()
  control.state = { state, checks: [{ name: 'ledger', ok, detail: '/var/lib/onhook' }], recovered: 2 }
  expect(await ask('/readyz')).toMatchObject({
    status,
    body: { status: said, checks: [{ name: 'ledger', ok }], recovered: 2 },
  })
})

it('/readyz keeps paths and addresses to itself', async () => {
  const { ask, control } = createFaces()
  control.state = { state: 'ready', checks: [{ name: 'ledger', ok: false, detail: '/var/lib/onhook' }], recovered: 0 }
  expect(JSON.stringify((await ask('/readyz')).body)).not.toContain('/var/lib')
})
