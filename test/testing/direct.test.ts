/** A caller connected to a user's phones: they hear each other, and each hears why the other is gone. */
import { describe, expect, it } from 'vitest'
import { type Stage, stage, until } from './stage.ts'

const routes = [{ to: 'alice', from: 'loopback', direct: {} }]

async function connected(set: Stage) {
  const callee = await set.phone({ user: 'alice', password: 'alice-secret' })
  await callee.register()
  const caller = await set.phone({ user: '+15550123' })
  const out = await caller.call('alice')
  const into = await callee.incoming()
  return { caller, callee, out, into }
}

async function talking(set: Stage) {
  const made = await connected(set)
  await made.into.answer()
  await made.out.answered()
  return made
}

async function recordOf(set: Stage, to = 'alice') {
  const records = async () => (await set.server.control.ledger.records({ to }, { limit: 10 })).items
  await until(async () => (await records()).length > 0)
  const [record, ...more] = await records()
  expect(more).toEqual([])
  return record!
}

describe('a direct call', () => {
  it('carries sound both ways', async () => {
    const { out, into } = await talking(await stage({ routes }))
    out.speak(440)
    into.speak(1000)
    await Promise.all([into.hears({ frequency: 440 }), out.hears({ frequency: 1000 })])
  })

  it.each(['out', 'into'] as const)('ends on both sides when the %s side hangs up', async (side) => {
    const set = await stage({ routes })
    const call = await talking(set)
    const [first, second] = side === 'out' ? [call.out, call.into] : [call.into, call.out]
    first.hangup({ protocol: 'Q.850', cause: 16, text: 'Bye' })
    expect(await second.ended()).toMatchObject({
      by: 'them',
      how: 'BYE',
      reasons: [expect.stringContaining('cause=16')],
    })
    const { ending, legs } = await recordOf(set)
    const actor = side === 'out' ? 'caller' : 'callee'
    expect(ending).toMatchObject({ cause: 'hangup', actor, phase: 'answered' })
    expect(legs).toHaveLength(2)
    for (const leg of legs) expect(leg.ending).toMatchObject({ cause: 'hangup', actor })
  })

  it.each([
    ['busy', 486, 'busy'],
    ['decline', 603, 'declined'],
  ] as const)('%s: the caller hears %i', async (verb, status, cause) => {
    const set = await stage({ routes })
    const { out, into } = await connected(set)
    into[verb]()
    expect(await out.ended()).toMatchObject({ by: 'them', how: 'refusal', status })
    expect((await recordOf(set)).ending).toMatchObject({ cause, actor: 'callee' })
  })

  it.each([
    [[], ['Q.850;cause=16'], 'cancelled', 'caller'],
    [[{ protocol: 'Q.850', cause: 19 }], ['Q.850;cause=19'], 'no-answer', 'network'],
    // We are one of the devices that the caller's side rings.
    [
      [{ protocol: 'SIP', cause: 200, text: 'Call completed elsewhere' }],
      ['SIP;cause=200;text="Call completed elsewhere"'],
      'answered-elsewhere',
      'callee',
    ],
  ] as const)('the caller gives up, saying %j: the callee hears %j', async (said, heard, cause, actor) => {
    const set = await stage({ routes })
    const { out, into } = await connected(set)
    await out.ringing()
    out.cancel(...said)
    expect(await into.ended()).toEqual({ by: 'them', how: 'CANCEL', reasons: heard })
    expect((await recordOf(set)).ending).toMatchObject({ cause, actor, phase: 'ringing' })
  })

  it('nobody is registered: unavailable', async () => {
    const set = await stage({ routes })
    const caller = await set.phone()
    const call = await caller.call('alice')
    expect(await call.ended()).toMatchObject({ by: 'them', how: 'refusal', status: 480 })
    expect((await recordOf(set)).ending).toMatchObject({ cause: 'unavailable' })
  })
})
