import fc from 'fast-check'
import { expect, test } from 'vitest'
import { answer, bridge, type Event, hangup, pause, speak, World } from './world.ts'

const join = { Type: 'JoinChimeMeeting', Parameters: { JoinToken: 't', MeetingId: 'm' } }
const keys = {
  Type: 'SpeakAndGetDigits',
  Parameters: { SpeechParameters: { Text: 'x' }, RepeatDurationInMilliseconds: 800, MaxNumberOfDigits: 2 },
}

const action = fc.oneof(
  fc.constantFrom(speak(), pause(700), bridge(), bridge({ CallTimeoutSeconds: 3 }), join, keys, hangup()),
  fc.constantFrom('LEG-A', 'LEG-B').map((tag) => hangup({ ParticipantTag: tag })),
  fc.constantFrom(480, 486, 0, 'x').map((code) => hangup({ SipResponseCode: code })),
  fc.constant(hangup({ CallId: 'of another call' })),
  fc.constantFrom('LEG-A', 'LEG-B').map((tag) => speak('y', { ParticipantTag: tag })),
)
const reply = fc.record({
  value: fc.oneof(
    {
      weight: 6,
      arbitrary: fc.array(action, { maxLength: 4 }).map((actions) => ({
        ...answer(...actions),
        ...(actions.length === 2 ? { TransactionAttributes: { first: JSON.stringify(actions[0]) } } : {}),
      })),
    },
    {
      weight: 2,
      arbitrary: fc.constantFrom<unknown>({ SchemaVersion: '1.0' }, [], null, 'x{', { SchemaVersion: '0' }),
    },
    { weight: 1, arbitrary: fc.constant({ fault: 'function' as const }) },
  ),
  after: fc.constantFrom(0, 0, 0, 30, 2_000, 6_000, 25_000),
})
const happening = fc.oneof(
  fc.record({ type: fc.constant('leave' as const), leg: fc.constantFrom('A' as const, 'B' as const, 'C' as const) }),
  fc.record({
    type: fc.constant('input' as const),
    leg: fc.constantFrom('A' as const, 'B' as const),
    what: fc.constantFrom('ringing' as const, 'early' as const, 'answered' as const),
  }),
  fc.record({ type: fc.constant('press' as const), keys: fc.constantFrom('1', '12', '#') }),
  fc.record({ type: fc.constant('update' as const) }),
  fc.record({ type: fc.constant('api' as const) }),
  fc.record({ type: fc.constant('pass' as const), time: fc.constantFrom(10, 500, 1_500, 6_000) }),
)

/** What a HANGUP says of its own leg; another one may have ended since. */
const essence = ({ Sequence, ActionData, CallDetails }: Event) => {
  const { Participants, TransactionAttributes } = CallDetails
  const own = Participants.find(({ CallId }: Event) => CallId === ActionData.Parameters.CallId)
  return { Sequence, ActionData, TransactionAttributes, own, legs: Participants.map(({ CallId }: Event) => CallId) }
}

const runs = process.env.ONHOOK_LONG === undefined ? 300 : 20_000

test('whatever handlers answer and parties do: one HANGUP for each leg, one record, nothing left (checklist of hangups)', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(reply, { maxLength: 12 }),
      fc.array(happening, { maxLength: 12 }),
      fc.boolean(),
      async (replies, happenings, placed) => {
        const left = [...replies]
        const world = await World.of({
          limits: { invocations: 60 },
          ...(placed ? { args: { a: 'b' } } : {}),
          handler: async (_: Event, here) => {
            const next = left.shift()
            if (next === undefined) return answer()
            if (next.after > 0) await here.wait(next.after)
            return next.value
          },
        })
        for (const one of happenings) {
          if (one.type === 'leave') {
            if (world.leg(one.leg) !== '') await world.leaves(one.leg)
          } else if (one.type === 'input') {
            if (world.leg(one.leg) !== '' && (one.leg === 'B' || placed)) await world.input(one.leg, one.what)
          } else if (one.type === 'press') world.sound('A').press(one.keys)
          else if (one.type === 'update') await world.update({ x: 'y' })
          else if (one.type === 'api') void world.switchboard.end(world.call, { cause: 'hangup', actor: 'api' })
          else await world.pass(one.time)
        }
        // Whoever is still there leaves, and every slow answer comes in.
        for (let round = 0; round < 4; round++) {
          await world.pass(30_000)
          for (const leg of ['A', 'B', 'C'] as const) if (world.leg(leg) !== '') await world.leaves(leg)
        }
        await world.pass(200_000)
        await world.pass(200_000)

        expect(world.faults).toEqual([])
        expect(world.records).toHaveLength(1)
        const told = new Map<string, number>()
        for (const event of world.events) {
          if (event.InvocationEventType !== 'HANGUP') continue
          const key = `${event.ActionData.Parameters.CallId} ${event.Sequence} ${event.function}`
          // The same event again is a retry of one invocation.
          told.set(key, 1)
        }
        const legs = [...told.keys()].map((key) => key.split(' ')[0])
        const known = new Set(
          world.events.flatMap((event) => event.CallDetails.Participants.map((p: Event) => p.CallId)),
        )
        expect([...legs].sort()).toEqual([...known].sort())
        // What a crash would have repeated, or a replay by hand brings, is what was said.
        const said = new Map(world.hangupsTold.map((event) => [event.ActionData.Parameters.CallId, essence(event)]))
        for (const stored of world.hangupsStored)
          expect(essence(stored)).toEqual(said.get(stored.ActionData.Parameters.CallId))
        // The last word is a HANGUP, with nobody left.
        expect(world.events.at(-1).InvocationEventType).toBe('HANGUP')
        expect(world.events.at(-1).CallDetails.Participants.map((p: Event) => p.Status)).not.toContain('Connected')
        // Nobody is hung up on twice, nor after having left.
        const ends = world.wire.filter((line) => /^. (BYE|CANCEL|refuse)/.test(line)).map((line) => line[0])
        expect(new Set(ends).size).toBe(ends.length)
        // No gap and no step back; retries repeat a number, and another application begins anew.
        const numbers = [...new Set(world.events.map((event) => event.Sequence as number))].sort((a, b) => a - b)
        expect(numbers).toEqual(numbers.map((_, n) => n + 1))
        expect(world.switchboard.size).toBe(0)
        expect(world.clock.armed).toBe(0)
      },
    ),
    { numRuns: runs },
  )
}, 600_000)
