import { describe, expect, it } from 'vitest'
import { LedgerError } from '../../src/ledger/errors.ts'
import { createFaces } from './faces.ts'
import { delivery } from './fake-control.ts'

describe('records', () => {
  it('come in pages, newest first', async () => {
    const { ask, control } = createFaces()
    const ids = Array.from({ length: 5 }, () => control.add())
    for (const id of ids) await control.end(id, { cause: 'busy', actor: 'api' })
    const first = await ask('/api/records?limit=3')
    const second = await ask(`/api/records?limit=3&cursor=${first.body.next}`)
    const shown = [...first.body.items, ...second.body.items].map(({ id }: { id: string }) => id)
    expect(shown).toEqual(ids.toReversed())
    expect(second.body.next).toBeNull()
  })

  it.each(['/api/records', '/api/deliveries'])('%s refuses a cursor that is not its own', async (path) => {
    const { ask, control } = createFaces()
    const refuse = () => Promise.reject(new LedgerError('ledger.cursor'))
    Object.assign(control.ledger, { records: refuse, deliveries: refuse })
    const { status, body } = await ask(`${path}?cursor=zzz`)
    expect([status, body.code, body.faults[0].place]).toEqual([400, 'http.bad-request', 'query.cursor'])
  })

  it('are the whole account, with what was learnt later', async () => {
    const { ask, control } = createFaces()
    const id = control.add()
    await control.end(id, {
      cause: 'busy',
      actor: 'api',
      codes: { sip: 486 },
      raw: { dialect: 'sip', value: 'SIP/2.0 486' },
    })
    const late = {
      type: 'late' as const,
      leg: `${id}-a`,
      at: 5,
      ending: { cause: 'cancelled' as const, actor: 'caller' as const, phase: 'offered' as const, at: 5 },
    }
    control.records[0] = {
      ...control.records[0]!,
      annex: [late, { type: 'told', leg: `${id}-a`, at: 6, outcome: 'delivered' }],
    }
    const { body } = await ask(`/api/records/${id}`)
    expect(body).toEqual(JSON.parse(JSON.stringify(control.records[0])))
    expect(body.ending).toMatchObject({ codes: { sip: 486 }, raw: { dialect: 'sip', value: 'SIP/2.0 486' } })
  })

  it('are asked for by every filter, with moments in either form', async () => {
    const { ask, control } = createFaces()
    await ask(
      '/api/records?cause=busy&actor=api&phase=ringing&network=sip&platform=vobiz&from=%2B1&to=%2B2&since=2026-11-20T10:00:00Z&until=1794000000000',
    )
    expect(control.asked.records).toEqual([
      {
        cause: 'busy',
        actor: 'api',
        phase: 'ringing',
        network: 'sip',
        platform: 'vobiz',
        from: '+1',
        to: '+2',
        since: Date.parse('2026-11-20T10:00:00Z'),
        until: 1_794_000_000_000,
      },
    ])
    await ask('/api/records')
    expect(control.asked.records[1]).toEqual({})
  })

  it('that are not there are a 404', async () => {
    expect(await createFaces().ask('/api/records/none')).toMatchObject({
      status: 404,
      body: { code: 'record.unknown' },
    })
  })
})

describe('deliveries', () => {
  it('are listed with their attempts, by call and state', async () => {
    const { ask, control } = createFaces()
    control.deliveries.push(delivery('d1'), delivery('d2', 'failed'))
    const { body } = await ask('/api/deliveries?state=failed&call=0190-000001')
    expect(body).toMatchObject({
      next: null,
      items: [{ id: 'd2', state: 'failed', attempts: [{ status: 200, milliseconds: 12 }] }],
    })
    expect(body.items[0]).not.toHaveProperty('policy')
    expect(control.asked.deliveries).toEqual([{ state: 'failed', call: '0190-000001' }])
  })

  it('are read one by one', async () => {
    const { ask, control } = createFaces()
    control.deliveries.push(delivery('d1'))
    expect(await ask('/api/deliveries/d1')).toMatchObject({ status: 200, body: { id: 'd1', body: 'Event=Hangup' } })
    expect(await ask('/api/deliveries/d9')).toMatchObject({ status: 404, body: { code: 'delivery.unknown' } })
  })

  it('are made due again by hand, under the same identity, on the record', async () => {
    const { ask, control, lines } = createFaces()
    control.deliveries.push(delivery('d1', 'failed'))
    expect(await ask('/api/deliveries/d1/replay', { method: 'POST' })).toMatchObject({
      status: 202,
      body: { id: 'd1', state: 'pending', next: control.clock.now() },
    })
    expect(await ask('/api/deliveries/d9/replay', { method: 'POST' })).toMatchObject({ status: 404 })
    expect(lines).toMatchObject([
      { audit: true, by: 'local', action: 'replay', delivery: 'd1', result: 'due' },
      { audit: true, action: 'replay', delivery: 'd9', result: 'unknown' },
    ])
  })
})
