/** Softphones that registered, called by the server: what each of them does, and what comes of it. */
import { describe, expect, it } from 'vitest'
import type { PhoneOptions } from '../../src/testing/index.ts'
import { type Stage, stage, until, wireOf } from './stage.ts'

const alice: PhoneOptions = { user: 'alice', password: 'alice-secret' }

async function registered(set: Stage, options: PhoneOptions = alice) {
  const phone = await set.phone(options)
  expect(await phone.register(300)).toBe(300)
  return phone
}

/** Calls alice as the API does, and returns the call's id. */
async function place(set: Stage, more: { ringSeconds?: number; durationSeconds?: number } = {}) {
  const placed = await set.server.control.place({ to: 'alice', ...more })
  if (!placed.ok) throw new Error(placed.message)
  return placed.call
}

async function recordOf(set: Stage, id: string) {
  await until(async () => (await set.server.control.ledger.record(id)) !== undefined)
  return (await set.server.control.ledger.record(id))!
}

describe('a registered phone that is called', () => {
  it('declines', async () => {
    const set = await stage()
    const phone = await registered(set)
    const id = await place(set)
    const call = await phone.incoming()
    call.decline()
    expect(await call.ended()).toMatchObject({ told: 'delivered' })
    expect(await recordOf(set, id)).toMatchObject({
      ending: { cause: 'declined', actor: 'callee', phase: 'ringing', codes: { sip: 603 } },
      direction: 'out',
      to: 'alice',
    })
    expect(wireOf(call)).toEqual(['← INVITE', '→ 100 INVITE', '→ 180 INVITE', '→ 603 INVITE', '← ACK'])
  })

  it('is busy', async () => {
    const set = await stage()
    const phone = await registered(set, { ...alice, onCall: (call) => call.busy() })
    const id = await place(set)
    expect((await recordOf(set, id)).ending).toMatchObject({ cause: 'busy', actor: 'callee', phase: 'offered' })
    // Its refusal is acknowledged a moment after the record stands.
    await until(() => phone.calls.length === 0)
  })

  it('lets it ring', async () => {
    const set = await stage()
    const phone = await registered(set)
    const id = await place(set, { ringSeconds: 1 })
    const call = await phone.incoming()
    expect(await call.ended()).toEqual({ by: 'them', how: 'CANCEL', reasons: ['Q.850;cause=19'] })
    const { ending, legs } = await recordOf(set, id)
    expect(ending).toMatchObject({ cause: 'no-answer', actor: 'timer', phase: 'ringing' })
    expect(legs[0]?.sent).toBe('CANCEL')
  })

  it('answers, and hangs up', async () => {
    const set = await stage()
    const phone = await registered(set)
    const id = await place(set)
    const call = await phone.incoming()
    await call.answer()
    await until(() => set.server.control.find(id)?.legs[0]?.state.name === 'answered')
    call.hangup({ protocol: 'Q.850', cause: 16 })
    expect(await call.ended()).toMatchObject({ told: 'delivered' })
    expect((await recordOf(set, id)).ending).toMatchObject({ cause: 'hangup', actor: 'callee', phase: 'answered' })
  })

  it('answers, and is hung up by the API', async () => {
    const set = await stage()
    const phone = await registered(set)
    const id = await place(set)
    const call = await phone.incoming()
    await call.answer()
    await until(() => set.server.control.find(id)?.legs[0]?.state.name === 'answered')
    await set.server.control.end(id, { cause: 'hangup', actor: 'api' })
    expect(await call.ended()).toEqual({ by: 'them', how: 'BYE', reasons: ['Q.850;cause=16'] })
    expect((await recordOf(set, id)).ending).toMatchObject({ cause: 'hangup', actor: 'api', phase: 'answered' })
  })

  it('is gone since it unregistered: unavailable', async () => {
    const set = await stage()
    const phone = await registered(set)
    await phone.unregister()
    const { ending } = await recordOf(set, await place(set))
    expect(ending).toMatchObject({ cause: 'unavailable', actor: 'platform' })
    expect(phone.trace.filter(({ method }) => method === 'INVITE')).toEqual([])
  })

  it('is dead, and still registered: nobody answers', async () => {
    const set = await stage()
    const phone = await registered(set)
    await phone.close(0)
    const { ending } = await recordOf(set, await place(set, { ringSeconds: 1 }))
    expect(ending).toMatchObject({ cause: 'no-answer', actor: 'timer', phase: 'offered' })
  })
})

describe('registering', () => {
  it('with a wrong password is refused, and nobody can tell which names exist', async () => {
    const set = await stage()
    for (const user of ['alice', 'nobody']) {
      const phone = await set.phone({ user, password: 'wrong' })
      await expect(phone.register()).rejects.toMatchObject({ code: 'phone.not-registered' })
      const statuses = phone.trace.filter(({ status }) => status !== null).map(({ status }) => status)
      expect(statuses).toEqual([401, 401])
    }
  })

  it.each(['udp', 'tcp'] as const)('over %s brings calls back the same way', async (transport) => {
    const listen = [{ transport, host: '127.0.0.1', port: 0 }]
    const set = await stage({
      config: { sip: { listen, users: [{ name: 'alice', password: 'alice-secret' }] } },
    })
    const phone = await registered(set, { ...alice, transport })
    await place(set)
    const call = await phone.incoming()
    call.decline()
    expect(await call.ended()).toMatchObject({ told: 'delivered' })
  })
})

describe('two devices of one user', () => {
  it('one answers: the other hears that it was completed elsewhere', async () => {
    const set = await stage()
    const desk = await registered(set)
    const mobile = await registered(set)
    const id = await place(set)
    const [here, there] = await Promise.all([desk.incoming(), mobile.incoming()])
    await here.answer()
    expect(await there.ended()).toEqual({
      by: 'them',
      how: 'CANCEL',
      reasons: ['SIP;cause=200;text="Call completed elsewhere"'],
    })
    here.hangup()
    const { ending, legs } = await recordOf(set, id)
    expect(ending).toMatchObject({ cause: 'hangup', actor: 'callee', phase: 'answered' })
    expect(legs).toHaveLength(1)
    const states = legs[0]!.branches.map(({ state }) => (state.name === 'ended' ? state.ending.cause : state.name))
    expect(states.sort()).toEqual(['answered-elsewhere', 'won'])
  })

  it('one declines for all: the other stops ringing', async () => {
    const set = await stage()
    const desk = await registered(set)
    const mobile = await registered(set)
    const id = await place(set)
    const [here, there] = await Promise.all([desk.incoming(), mobile.incoming()])
    here.decline()
    expect(await there.ended()).toMatchObject({ how: 'CANCEL', reasons: [expect.stringContaining('SIP;cause=603')] })
    expect((await recordOf(set, id)).ending).toMatchObject({ cause: 'declined', actor: 'callee' })
  })

  it('one is busy: the other rings on, and may answer', async () => {
    const set = await stage()
    const desk = await registered(set)
    const mobile = await registered(set)
    const id = await place(set)
    const [here, there] = await Promise.all([desk.incoming(), mobile.incoming()])
    here.busy()
    await here.ended()
    await there.answer()
    there.hangup()
    expect((await recordOf(set, id)).ending).toMatchObject({ cause: 'hangup', actor: 'callee', phase: 'answered' })
  })

  it('the call is withdrawn: both stop ringing', async () => {
    const set = await stage()
    const desk = await registered(set)
    const mobile = await registered(set)
    const id = await place(set)
    const calls = await Promise.all([desk.incoming(), mobile.incoming()])
    await set.server.control.end(id, { cause: 'hangup', actor: 'api' })
    for (const call of calls) expect(await call.ended()).toMatchObject({ by: 'them', how: 'CANCEL' })
  })
})
