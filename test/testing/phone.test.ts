import { describe, expect, it, onTestFinished } from 'vitest'
import {
  createPhone,
  type IncomingCall,
  ladderText,
  type OutgoingCall,
  type Phone,
  type PhoneOptions,
  rungsOf,
} from '../../src/testing/index.ts'
import { wireOf } from './stage.ts'

async function phone(options: PhoneOptions = {}): Promise<Phone> {
  const made = await createPhone(options)
  onTestFinished(() => made.close())
  return made
}

/** Two phones, and a call from one to the other that rings. */
async function ringing(
  options: PhoneOptions = {},
): Promise<{ alice: Phone; bob: Phone; out: OutgoingCall; into: IncomingCall }> {
  const alice = await phone({ user: 'alice', ...options })
  const bob = await phone({ user: 'bob', ...options })
  const out = await alice.call(bob.uri)
  const into = await bob.incoming()
  await out.ringing()
  return { alice, bob, out, into }
}

async function talking(options?: PhoneOptions) {
  const made = await ringing(options)
  await made.into.answer()
  await made.out.answered()
  return made
}

describe('ends of a call between two phones', () => {
  it('the caller cancels', async () => {
    const { out, into } = await ringing()
    expect(out.cancel({ protocol: 'SIP', cause: 200, text: 'Call completed elsewhere' })).toBe(true)
    expect(await into.ended()).toEqual({
      by: 'them',
      how: 'CANCEL',
      reasons: ['SIP;cause=200;text="Call completed elsewhere"'],
    })
    expect(await out.ended()).toMatchObject({ by: 'us', how: 'CANCEL', told: 'delivered' })
    expect(wireOf(out)).toEqual([
      '→ INVITE',
      '← 100 INVITE',
      '← 180 INVITE',
      '→ CANCEL SIP;cause=200;text="Call completed elsewhere"',
      '← 200 CANCEL',
      '← 487 INVITE',
      '→ ACK',
    ])
  })

  it.each([
    ['busy', 486],
    ['decline', 603],
  ] as const)('the callee says %s', async (verb, status) => {
    const { out, into } = await ringing()
    into[verb]({ protocol: 'Q.850', cause: 21 })
    expect(await out.ended()).toMatchObject({ by: 'them', how: 'refusal', status, reasons: ['Q.850;cause=21'] })
    expect(await into.ended()).toMatchObject({ by: 'us', how: 'refusal', status, told: 'delivered' })
  })

  it.each(['out', 'into'] as const)('the %s end hangs up', async (side) => {
    const call = await talking()
    const [first, second] = side === 'out' ? [call.out, call.into] : [call.into, call.out]
    first.hangup({ protocol: 'Q.850', cause: 16 })
    expect(await second.ended()).toEqual({ by: 'them', how: 'BYE', reasons: ['Q.850;cause=16'] })
    expect(await first.ended()).toEqual({ by: 'us', how: 'BYE', reasons: ['Q.850;cause=16'], told: 'delivered' })
  })

  it('a cancel after the answer is too late, and a second end says nothing', async () => {
    const { out, into } = await talking()
    expect(out.cancel()).toBe(false)
    out.hangup()
    out.hangup()
    await into.ended()
    expect(wireOf(into).filter((line) => line.includes('BYE'))).toHaveLength(2)
  })

  it('nobody is there', async () => {
    const alone = await phone()
    const gone = await createPhone()
    const { uri } = gone
    await gone.close()
    const call = await alone.call(uri)
    expect(await call.ended()).toMatchObject({ by: 'nobody', how: 'no-response' })
  })

  it('the far end died in the middle of the call: the BYE is not confirmed', async () => {
    const { bob, out } = await talking({ timing: { t1: 5, t2: 40, t4: 50 } })
    // Without a word, as if it had been killed.
    for (const call of bob.calls) call.hangup = () => {}
    await bob.close(0)
    out.hangup()
    expect(await out.ended()).toMatchObject({ by: 'us', how: 'BYE', told: 'unconfirmed' })
  })
})

describe('sound', () => {
  it.each(['udp', 'tcp'] as const)('both hear each other, with signalling over %s', async (transport) => {
    const { out, into } = await talking({ transport })
    out.speak(440)
    into.speak(1000)
    await Promise.all([into.hears({ frequency: 440 }), out.hears({ frequency: 1000 })])
    out.speak(0)
    await into.hears('silence')
    await expect(into.hears('sound', 100)).rejects.toMatchObject({ code: 'phone.not-heard' })
  })

  it('keys arrive once, in order', async () => {
    const { out, into } = await talking()
    await out.press('19#')
    await expect.poll(() => into.digits).toBe('19#')
  })

  it('none is agreed where a phone has none', async () => {
    const { out, into } = await talking({ sound: 'none' })
    await expect(out.hears('sound')).rejects.toMatchObject({ code: 'phone.not-heard' })
    expect(into.packetsReceived).toBe(0)
  })

  it('whoever listens hears of the end', async () => {
    const { out, into } = await talking()
    const listening = out.hears('sound')
    into.hangup()
    await expect(listening).rejects.toMatchObject({ code: 'phone.not-heard' })
  })
})

describe('hold', () => {
  it.each(['out', 'into'] as const)(
    'the %s end holds: neither is heard, until it takes the call back',
    async (side) => {
      const { out, into } = await talking()
      const [holder, held] = side === 'out' ? [out, into] : [into, out]
      holder.speak(1000)
      held.speak(440)
      await Promise.all([holder.hears({ frequency: 440 }), held.hears({ frequency: 1000 })])
      await holder.hold()
      await Promise.all([holder.hears('silence'), held.hears('silence')])
      const { packetsReceived } = held
      await expect(held.hears('sound', 100)).rejects.toMatchObject({ code: 'phone.not-heard' })
      expect(held.packetsReceived).toBe(packetsReceived)
      await holder.resume()
      await Promise.all([holder.hears({ frequency: 440 }), held.hears({ frequency: 1000 })])
      holder.hangup()
      expect(await held.ended()).toMatchObject({ by: 'them', how: 'BYE' })
    },
  )

  it('is for calls that are up', async () => {
    const { out, into } = await ringing()
    await expect(out.hold()).rejects.toMatchObject({ code: 'phone.too-late' })
    into.busy()
    await out.ended()
    await expect(out.resume()).rejects.toMatchObject({ code: 'phone.too-late' })
  })

  it('that crosses the end of the call fails', async () => {
    const { out, into } = await talking()
    const holding = out.hold()
    into.hangup()
    await expect(holding).rejects.toMatchObject({ code: 'phone.too-late' })
  })
})

describe('waiting', () => {
  it('for an answer ends with the call', async () => {
    const { out, into } = await ringing()
    const waiting = out.answered()
    into.busy()
    await expect(waiting).rejects.toMatchObject({ code: 'phone.over' })
    await expect(out.answered()).rejects.toMatchObject({ code: 'phone.over' })
  })

  it('has its limit', async () => {
    const { out, bob } = await ringing()
    await expect(out.answered(20)).rejects.toMatchObject({ code: 'phone.timeout' })
    await expect(bob.incoming(20)).rejects.toMatchObject({ code: 'phone.timeout' })
  })

  it('for an answer that comes too late fails there', async () => {
    const { out, into } = await ringing()
    out.cancel()
    await into.ended()
    await expect(into.answer()).rejects.toMatchObject({ code: 'phone.too-late' })
  })
})

it('closing leaves nothing open, and tells those that still talk', async () => {
  const resources = () => process.getActiveResourcesInfo().filter((name) => name !== 'Immediate').length
  const before = resources()
  const alice = await createPhone({ user: 'alice' })
  const bob = await createPhone({ user: 'bob' })
  const out = await alice.call(bob.uri)
  const into = await bob.incoming()
  await into.answer()
  await out.answered()
  const nobody = bob.incoming()
  const refused = expect(nobody).rejects.toMatchObject({ code: 'phone.closed' })
  await alice.close()
  expect(into.end).toMatchObject({ by: 'them', how: 'BYE' })
  await bob.close()
  await refused
  await expect(alice.call(bob.uri)).rejects.toMatchObject({ code: 'phone.closed' })
  await expect.poll(resources).toBeLessThanOrEqual(before)
  expect([...alice.faults, ...bob.faults]).toEqual([])
})

describe('ladders', () => {
  it('have an arrow for each message, and count what was repeated', async () => {
    const { out, into } = await ringing({ timing: { t1: 20, t2: 40, t4: 50 } })
    into.busy({ protocol: 'Q.850', cause: 17 })
    await out.ended()
    const [head, ...arrows] = ladderText(out.trace).split('\n')
    expect(head).toMatch(/^phone +server$/)
    expect(arrows.map((line) => line.replace(/─+/g, '─').replace(/ +\d+ ms/, ''))).toEqual([
      '│ INVITE ─▶│',
      '│◀─ 100 Trying │',
      '│◀─ 180 Ringing │',
      '│◀─ 486 Busy Here │  Q.850;cause=17',
      '│ ACK ─▶│',
    ])
    expect(new Set(arrows.map((line) => line.indexOf('│', 1))).size).toBe(1)
    const again = [...out.trace, { ...out.trace[0]!, again: true }]
    expect(rungsOf(again)[0]?.notes).toEqual(['sent 2 times'])
    expect(rungsOf(again)).toHaveLength(out.trace.length)
  })
})
