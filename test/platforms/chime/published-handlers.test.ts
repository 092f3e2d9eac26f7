/** What handlers do that AWS published, their mistakes included: each has a defined outcome, and no call outlives it. */
import { describe, expect, test } from 'vitest'
import { answer, bridge, type Event, hangup, speak, World } from './world.ts'

const play = (Key: string) => ({
  Type: 'PlayAudio',
  Parameters: { AudioSource: { Type: 'S3', BucketName: 'prompts', Key } },
})

async function passing(world: World, milliseconds: number): Promise<void> {
  for (let passed = 0; passed < milliseconds; passed += 500) await world.pass(500)
}

describe('a handler', () => {
  test('whose list grows with every event is told so past ten, and then its call ends', async () => {
    const all: unknown[] = []
    const world = await World.of(() => {
      for (let n = 0; n < 4; n++) all.push(speak(`${all.length}`))
      return answer(...all)
    })
    await passing(world, 60_000)
    expect(world.story.slice(0, 4)).toEqual([
      'NEW_INBOUND_CALL',
      'ACTION_SUCCESSFUL Speak',
      'ACTION_SUCCESSFUL Speak',
      'INVALID_LAMBDA_RESPONSE',
    ])
    expect(world.record.ending).toMatchObject({ cause: 'app-invalid', actor: 'platform' })
    expect(world.wire.at(-1)).toBe('A BYE app-invalid 480')
  })

  test('that answers every failure with a prompt that fails too goes round until its invocations are used up', async () => {
    const world = await World.of({
      limits: { invocations: 30 },
      handler: () => answer(play('missing'), hangup()),
    })
    await passing(world, 1_000)
    expect(world.record.ending).toMatchObject({ cause: 'app-failed', actor: 'platform' })
    expect(new Set(world.story.slice(1))).toEqual(new Set(['ACTION_FAILED PlayAudio', 'HANGUP LEG-A 480']))
  })

  test('that redials without end stops when its caller leaves, and nobody rings any more', async () => {
    const world = await World.of((event) => (event.InvocationEventType === 'HANGUP' ? answer() : answer(bridge())))
    await world.input('B', 'ringing')
    await world.leaves('B', { cause: 'busy', codes: { sip: 486 } })
    expect(world.wire.slice(-1)).toEqual(['C INVITE'])
    await world.leaves('A')
    expect(world.wire.at(-1)).toBe('C CANCEL cancelled')
    expect(world.story.filter((line) => line === 'HANGUP LEG-A 0')).toHaveLength(1)
    const { length } = world.wire
    await passing(world, 60_000)
    expect(world.wire).toHaveLength(length)
    expect(world.records).toHaveLength(1)
  })

  test('that bridges first may let its caller wait as long as the called one rings', async () => {
    const world = await World.of((event) =>
      event.InvocationEventType === 'NEW_INBOUND_CALL' ? answer(bridge({ CallTimeoutSeconds: 60 })) : answer(),
    )
    await world.input('B', 'ringing')
    await passing(world, 45_000)
    await world.input('B', 'answered')
    expect(world.wire).toEqual(['A 180', 'B INVITE', 'A 180', 'A 200'])
  })

  test('that has nothing to say after nobody answered does not let its caller ring for ever', async () => {
    const world = await World.of((event) =>
      event.InvocationEventType === 'NEW_INBOUND_CALL' ? answer(bridge({ CallTimeoutSeconds: 40 })) : answer(),
    )
    await passing(world, 60_000)
    expect(world.story).toEqual(['NEW_INBOUND_CALL', 'ACTION_FAILED CallAndBridge'])
    await passing(world, 11_000)
    expect(world.record.ending).toMatchObject({ cause: 'no-answer', actor: 'timer' })
  })

  test('that redials without end is stopped by its invocations, if nobody ever answers', async () => {
    const world = await World.of({
      limits: { invocations: 5 },
      handler: () => answer(bridge({ CallTimeoutSeconds: 10 })),
    })
    await passing(world, 90_000)
    expect(world.record.ending).toMatchObject({ cause: 'app-failed', actor: 'platform' })
    expect(world.wire.filter((line) => line.endsWith('INVITE'))).toHaveLength(5)
  })

  test('that forgets the survivor of its bridge leaves it alone, with a warning; the orphan guard ends it', async () => {
    const world = await World.of({
      limits: { orphan: 60_000 },
      handler: (event) => (event.InvocationEventType === 'NEW_INBOUND_CALL' ? answer(bridge()) : answer()),
    })
    await world.input('B', 'answered')
    await world.leaves('B')
    expect(world.warnings.map(({ code }) => code)).toContain('chime.orphan')
    expect(world.records).toEqual([])
    await passing(world, 61_000)
    expect(world.record.ending).toMatchObject({ cause: 'time-limit', actor: 'timer' })
    expect(world.story.filter((line) => line.startsWith('HANGUP'))).toHaveLength(2)
  })

  test('that keeps the CallId of its last call hangs up nobody of this one, and hears of it', async () => {
    const world = await World.of((event) => {
      if (event.InvocationEventType === 'NEW_INBOUND_CALL') return answer(speak(), hangup({ CallId: 'of-yesterday' }))
      return answer()
    })
    await passing(world, 3_000)
    expect(world.story).toEqual(['NEW_INBOUND_CALL', 'ACTION_FAILED Hangup'])
    expect(world.wire).toEqual(['A 180', 'A 200'])
    await world.leaves('A')
    expect(world.records).toHaveLength(1)
  })

  test('that gives the same stale list to every event hangs up once', async () => {
    const list = [speak('bye'), hangup({ ParticipantTag: '', SipResponseCode: '0' })]
    const world = await World.of({ args: {}, handler: () => answer(...list) })
    await world.input('A', 'ringing')
    await world.input('A', 'answered')
    await passing(world, 5_000)
    expect(world.story).toEqual(['NEW_OUTBOUND_CALL', 'RINGING', 'CALL_ANSWERED', 'HANGUP LEG-A 0'])
    expect(world.wire.filter((line) => line.includes('BYE'))).toHaveLength(1)
  })

  test('that ends the second leg at any hangup ends the first one’s bridge, and a dead leg is not ended again', async () => {
    const world = await World.of((event: Event) => {
      if (event.InvocationEventType === 'NEW_INBOUND_CALL') return answer(bridge())
      const second = event.CallDetails.Participants[1]
      return event.InvocationEventType === 'HANGUP' && second ? answer(hangup({ CallId: second.CallId })) : answer()
    })
    await world.input('B', 'answered')
    await world.leaves('B')
    await passing(world, 5_000)
    expect(world.wire.filter((line) => line.startsWith('B') && line.includes('BYE'))).toEqual([])
    expect(world.wire.filter((line) => line.startsWith('A BYE'))).toEqual([])
    expect(world.story.filter((line) => line.startsWith('HANGUP'))).toEqual(['HANGUP LEG-B 0'])
    await world.leaves('A')
    expect(world.records).toHaveLength(1)
  })
})
