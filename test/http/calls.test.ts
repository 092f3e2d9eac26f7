import { describe, expect, it } from 'vitest'
import { createFaces } from './faces.ts'

describe('live calls', () => {
  it('are shown with each leg, what is armed, and how far they have come', async () => {
    const { ask, control } = createFaces()
    const id = control.add({ from: '+1555', to: '+44' })
    const at = control.clock.now()
    control.step(id, { type: 'arm', at, timer: { id: 'limit', due: at + 1000, cause: 'time-limit', until: 'any' } })
    control.answerLeg(id)
    control.step(id, {
      type: 'dial',
      at,
      leg: { id: 'b', direction: 'out', network: 'sip', from: '+1', to: 'alice' },
      bridge: { to: `${id}-a`, rule: 'together' },
    })
    control.step(id, { type: 'branch-offered', at, leg: 'b', branch: 'b1', address: 'sip:alice@host' })
    control.step(id, { type: 'ringing', at, leg: 'b', branch: 'b1' })
    const { body } = await ask('/api/calls')
    expect(body).toEqual({
      next: null,
      items: [
        {
          id,
          state: 'live',
          phase: 'answered',
          platform: 'vobiz',
          direction: 'in',
          from: '+1555',
          to: '+44',
          began: at,
          answered: at,
          legs: [
            {
              id: `${id}-a`,
              role: 'caller',
              direction: 'in',
              network: 'sip',
              from: '+1555',
              to: '+44',
              ids: {},
              state: 'answered',
              began: at,
              rang: null,
              answered: at,
              branches: [],
            },
            {
              id: 'b',
              role: 'callee',
              direction: 'out',
              network: 'sip',
              from: '+1',
              to: 'alice',
              ids: {},
              state: 'ringing',
              began: at,
              rang: at,
              answered: null,
              branches: [{ id: 'b1', address: 'sip:alice@host', state: 'ringing' }],
            },
          ],
          bridges: [{ first: `${id}-a`, second: 'b', rule: 'together' }],
          timers: [{ id: 'limit', due: at + 1000, cause: 'time-limit' }],
        },
      ],
    })
  })

  it('come in pages that miss none and repeat none, while calls come and go', async () => {
    const { ask, control } = createFaces()
    const ids = Array.from({ length: 25 }, () => control.add())
    const seen: string[] = []
    let cursor = ''
    for (let page = 0; page < 10; page++) {
      const { body } = await ask(`/api/calls?limit=10${cursor}`)
      seen.push(...body.items.map(({ id }: { id: string }) => id))
      if (body.next === null) break
      cursor = `&cursor=${body.next}`
      if (page === 0) {
        control.step(ids[9]!, { type: 'end', at: control.clock.now(), reason: { cause: 'hangup', actor: 'api' } })
        ids.push(control.add())
      }
    }
    expect(seen).toEqual(ids)
  })

  it.each([
    ['to=%2B44*', ['+441', '+442']],
    ['to=441', ['+441']],
    ['platform=direct', ['+442']],
    ['direction=out', ['+1']],
    ['network=matrix', ['+1']],
    ['phase=offered', ['+441', '+442']],
    ['phase=queued', ['+1']],
    ['phase=offered&platform=vobiz', ['+441']],
  ])('by %s', async (query, expected) => {
    const { ask, control } = createFaces()
    control.add({ to: '+441' })
    control.add({ to: '+442', platform: 'direct' })
    control.add({ to: '+1', direction: 'out', network: 'matrix' })
    const { body } = await ask(`/api/calls?${query}`)
    expect(body.items.map(({ to }: { to: string }) => to)).toEqual(expected)
  })
})

describe('one call', () => {
  it('is shown as it lives, then as its record', async () => {
    const { ask, control } = createFaces()
    const id = control.add()
    expect((await ask(`/api/calls/${id}`)).body).toMatchObject({ state: 'live', call: { id, state: 'live' } })
    await ask(`/api/calls/${id}/end`, { body: {} })
    expect((await ask(`/api/calls/${id}`)).body).toMatchObject({
      state: 'ended',
      record: { id, ending: { cause: 'hangup' }, annex: [] },
    })
    control.records.length = 0
    expect((await ask(`/api/calls/${id}`)).body).toMatchObject({
      state: 'live',
      call: { state: 'ended', ending: { cause: 'hangup' } },
    })
  })

  it('that nobody knows is a 404', async () => {
    expect(await createFaces().ask('/api/calls/none')).toMatchObject({ status: 404, body: { code: 'call.unknown' } })
  })
})

describe('placing a call', () => {
  const wanted = {
    to: '+44',
    from: '+1',
    fromName: 'me',
    trunk: 'carrier',
    route: '+1555',
    ringSeconds: 20,
    durationSeconds: 60,
    headers: { 'X-A': 'b' },
  }

  it('hands over what was asked, and says where the call is', async () => {
    const { ask, control, lines } = createFaces()
    const { status, body, headers } = await ask('/api/calls', { body: wanted })
    expect([status, headers.get('location')]).toEqual([201, `/api/calls/${body.call}`])
    expect(body).toMatchObject({ to: '+44', trunk: 'carrier', leg: `${body.call}-a` })
    expect(control.placed).toEqual([wanted])
    expect(lines).toMatchObject([{ audit: true, action: 'place', call: body.call, result: 'placed' }])
  })

  it('takes an app as the configuration does', async () => {
    const { ask, control } = createFaces()
    const app = { platform: 'vobiz', answerUrl: 'https://app.example/' }
    await ask('/api/calls', { body: { to: 'alice', app } })
    expect(control.placed).toEqual([{ to: 'alice', app }])
  })

  it('that the configuration does not allow is refused with the reason and the remedy', async () => {
    const { ask, control, lines } = createFaces()
    control.answer = {
      ok: false,
      code: 'dial.no-rule',
      message: 'no rule lets this address be called',
      remedy: 'Add one',
    }
    expect(await ask('/api/calls', { body: { to: '+44' } })).toMatchObject({
      status: 422,
      body: {
        code: 'place.refused',
        reason: 'dial.no-rule',
        detail: 'no rule lets this address be called',
        remedy: 'Add one',
      },
    })
    expect(lines).toMatchObject([{ audit: true, action: 'place', result: 'dial.no-rule' }])
  })

  it('is refused with 503 if the server began to drain meanwhile', async () => {
    const { ask, control } = createFaces()
    control.answer = { ok: false, code: 'place.draining', message: 'the server takes no new calls' }
    expect(await ask('/api/calls', { body: { to: '+44' } })).toMatchObject({
      status: 503,
      body: { code: 'server.draining' },
    })
  })

  it.each(['starting', 'draining'] as const)('is refused with 503 while the server is %s', async (state) => {
    const { ask, control } = createFaces()
    control.state = { ...control.state, state }
    expect(await ask('/api/calls', { body: { to: '+44' } })).toMatchObject({
      status: 503,
      body: { code: 'server.draining' },
    })
    expect(control.placed).toEqual([])
  })
})
