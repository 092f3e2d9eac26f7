import { describe, expect, it } from 'vitest'
import { allTokens, createFaces, tokens } from './faces.ts'

describe('ending one call', () => {
  it('says how it ended and what went on the wire', async () => {
    const { ask, control } = createFaces()
    const id = control.add()
    control.answerLeg(id)
    expect(await ask(`/api/calls/${id}/end`, { body: { cause: 'blocked', detail: 'abuse' } })).toMatchObject({
      status: 200,
      body: {
        call: id,
        result: 'ended',
        ending: { cause: 'blocked', actor: 'api', phase: 'answered', detail: 'abuse' },
        sent: [{ leg: `${id}-a`, message: 'BYE', reason: 'Q.850;cause=16' }],
      },
    })
  })

  it('is a plain hangup where nothing is said', async () => {
    const { ask, control } = createFaces()
    const { body } = await ask(`/api/calls/${control.add()}/end`, { method: 'POST' })
    expect(body.ending).toMatchObject({ cause: 'hangup', actor: 'api', phase: 'offered' })
  })

  it('a second end changes nothing and gets the first result', async () => {
    const { ask, control } = createFaces()
    const id = control.add()
    const first = await ask(`/api/calls/${id}/end`, { body: { cause: 'blocked' } })
    control.clock.advance(60_000)
    const second = await ask(`/api/calls/${id}/end`, { body: { cause: 'busy' } })
    expect(second).toMatchObject({ status: 200, body: first.body })
    expect(control.records).toHaveLength(1)
  })

  it('what something else had ended is already ended', async () => {
    const { ask, control } = createFaces()
    const id = control.add()
    control.step(id, {
      type: 'end',
      at: control.clock.now(),
      leg: `${id}-a`,
      reason: { cause: 'cancelled', actor: 'party' },
      heard: 'wire',
    })
    expect(await ask(`/api/calls/${id}/end`, { body: {} })).toMatchObject({
      status: 200,
      body: { result: 'already-ended', ending: { cause: 'cancelled', actor: 'caller' }, sent: [] },
    })
  })

  it('an unknown call, or an unknown leg, is a 404', async () => {
    const { ask, control } = createFaces()
    expect(await ask('/api/calls/none/end', { body: {} })).toMatchObject({
      status: 404,
      body: { code: 'call.unknown' },
    })
    const id = control.add()
    expect(await ask(`/api/calls/${id}/end`, { body: { leg: 'none' } })).toMatchObject({
      status: 404,
      body: { code: 'leg.unknown' },
    })
    expect(control.find(id)?.state.name).toBe('live')
  })

  it('a cause that is not in the catalogue is refused', async () => {
    const { ask, control } = createFaces()
    const id = control.add()
    expect(await ask(`/api/calls/${id}/end`, { body: { cause: 'bored' } })).toMatchObject({ status: 400 })
    expect(control.find(id)?.state.name).toBe('live')
  })
})

describe('ending many', () => {
  function three() {
    const faces = createFaces()
    const { control } = faces
    const [a, b, c] = [
      control.add({ to: '+441' }),
      control.add({ to: '+442', platform: 'direct' }),
      control.add({ to: '+1' }),
    ]
    control.answerLeg(b)
    return { ...faces, ids: [a, b, c] as const }
  }

  it('a dry run says what would end, and ends nothing', async () => {
    const { ask, control, ids, lines } = three()
    const { body } = await ask('/api/calls/end', { body: { filter: { to: '+44*' }, dryRun: true } })
    expect(body).toMatchObject({ dryRun: true, counts: { 'would-end': 2, ended: 0 } })
    expect(body.results).toMatchObject([
      { call: ids[0], result: 'would-end', to: '+441' },
      { call: ids[1], result: 'would-end', to: '+442' },
    ])
    expect([control.ends, lines.length]).toEqual([0, 0])
  })

  it('a dry run knows what only the store still knows', async () => {
    const { ask, control, ids } = three()
    await ask(`/api/calls/${ids[0]}/end`, { body: { cause: 'blocked' } })
    control.calls.delete(ids[0])
    const { body } = await ask('/api/calls/end', { body: { calls: [ids[0], 'none'], dryRun: true } })
    expect(body.results).toMatchObject([
      { call: ids[0], result: 'already-ended', to: '+441', ending: { cause: 'blocked', actor: 'api' } },
      { call: 'none', result: 'unknown' },
    ])
  })

  it('a result for each call, with its real cause', async () => {
    const { ask, control, ids } = three()
    const { body } = await ask('/api/calls/end', {
      body: { calls: [ids[2], 'none', ids[0], ids[0]], cause: 'shutdown' },
    })
    expect(body.counts).toEqual({ 'would-end': 0, ended: 3, 'already-ended': 0, unknown: 1 })
    expect(body.results.map(({ call, result }: { call: string; result: string }) => `${call} ${result}`)).toEqual([
      `${ids[2]} ended`,
      'none unknown',
      `${ids[0]} ended`,
      `${ids[0]} ended`,
    ])
    expect(body.results[0]).toMatchObject({
      ending: { cause: 'shutdown', actor: 'api' },
      sent: [{ message: 'BYE' }],
      to: '+1',
    })
    expect(control.records).toHaveLength(2)
    expect(control.find(ids[1])?.state.name).toBe('live')
  })

  it.each([
    [{ phase: 'answered' }, [1]],
    [{ platform: 'direct' }, [1]],
    [{ network: 'matrix' }, []],
    [{ direction: 'in', from: '+1555*' }, [0, 1, 2]],
  ])('the filter %j', async (filter, expected) => {
    const { ask, ids } = three()
    const { body } = await ask('/api/calls/end', { body: { filter } })
    expect(body.results.map(({ call }: { call: string }) => call)).toEqual(expected.map((index) => ids[index]))
  })

  it('only those that are older', async () => {
    const { ask, control, ids } = three()
    control.clock.advance(10_000)
    control.add()
    const { body } = await ask('/api/calls/end', { body: { filter: { olderThanSeconds: 5 } } })
    expect(body.results.map(({ call }: { call: string }) => call)).toEqual(ids)
  })

  it('all, only when that is said', async () => {
    const { ask, control } = three()
    expect((await ask('/api/calls/end', { body: { all: true } })).body.counts.ended).toBe(3)
    expect([...control.live()]).toEqual([])
  })

  it.each([{}, { filter: {} }, { all: true, filter: {} }, { calls: [], filter: {} }])(
    '%j does not say which',
    async (body) => {
      const { ask, control } = three()
      expect(await ask('/api/calls/end', { body })).toMatchObject({ status: 422, body: { code: 'end.no-filter' } })
      expect(control.ends).toBe(0)
    },
  )

  it('a thousand, with other work going on between', async () => {
    const { ask, control } = createFaces()
    for (let count = 0; count < 1000; count++) control.add()
    let turns = 0
    let counting = true
    const count = () => {
      turns++
      if (counting) setImmediate(count)
    }
    setImmediate(count)
    const { body } = await ask('/api/calls/end', { body: { all: true } })
    counting = false
    expect(body.counts.ended).toBe(1000)
    expect(turns).toBeGreaterThanOrEqual(9)
  })
})

describe('every manual end leaves an audit line', () => {
  it('with who, what and the outcome, and no full number', async () => {
    const { ask, control, lines } = createFaces({ tokens: allTokens })
    const id = control.add({ from: '+15550100123' })
    await ask(`/api/calls/${id}/end`, { body: { cause: 'blocked' }, token: tokens.end })
    await ask('/api/calls/none/end', { body: {}, token: tokens.admin })
    await ask('/api/calls/end', { body: { calls: [id] }, token: tokens.end })
    expect(lines).toMatchObject([
      { level: 'info', audit: true, by: 'the-end-one', action: 'end', call: id, cause: 'blocked', result: 'ended' },
      { audit: true, by: 'the-admin-one', call: 'none', result: 'unknown' },
      { audit: true, by: 'the-end-one', call: id, result: 'ended' },
    ])
    expect(JSON.stringify(lines)).not.toContain('5550100123')
  })
})
