/** Many calls at a time, each with two legs, and ends at random moments: HANGUP events are as many as legs. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { IncomingCall } from '../../src/testing/incoming-call.ts'
import type { PhoneCall } from '../../src/testing/index.ts'
import { action, answer, type Handler, hangup } from './handler.ts'
import { desk, stage, until } from './stage.ts'

const calls = process.env.ONHOOK_LONG === undefined ? 60 : 500
const span = calls * 40

/** Bridges; hangs the survivor up when one leg has left. */
const bridging: Handler = (event) => {
  const participants = event.CallDetails.Participants
  if (event.InvocationEventType === 'NEW_INBOUND_CALL') {
    return answer(
      action('CallAndBridge', {
        CallTimeoutSeconds: 20,
        CallerIdNumber: participants[0].From,
        Endpoints: [{ BridgeEndpointType: 'PSTN', Uri: desk }],
      }),
    )
  }
  if (event.InvocationEventType === 'HANGUP' || event.InvocationEventType === 'ACTION_FAILED') {
    const alive = participants.filter(({ Status }: { Status?: string }) => Status !== 'Disconnected')
    return answer(...alive.map(({ CallId }: { CallId: string }) => hangup(CallId)))
  }
  return answer()
}

it(`of ${calls} bridged calls at a time no HANGUP is lost, and none comes twice`, async () => {
  const plan = fc.sample(
    fc.record({
      after: fc.noBias(fc.nat(span)),
      who: fc.constantFrom('caller', 'callee', 'both'),
      answers: fc.nat(span / 2),
    }),
    calls,
  )
  const taken: IncomingCall[] = []
  const { phone, line, endpoint, records, server } = await stage({
    handler: bridging,
    config: { limits: { callsPerSecond: 10_000, calls: 10_000, drainSeconds: 0, durationSeconds: 300 } },
  })
  const later = (milliseconds: number, act: () => unknown) => setTimeout(act, milliseconds)
  const { promise: allAreThere, resolve: startTheClock } = Promise.withResolvers<void>()
  // Some leave before the next have come; the others are all there at the same time.
  const hangUp = (after: number, call: Pick<PhoneCall, 'hangup'>) => {
    if (after < span / 10) later(after, () => call.hangup())
    else void allAreThere.then(() => later(after, () => call.hangup()))
  }
  await line(desk, {
    sound: 'none',
    onCall(call) {
      taken.push(call)
      const { answers, after, who } = plan[Number(/\+1555(\d{7})/.exec(call.from)?.[1])]!
      call.ring()
      later(answers, () => void call.answer().catch(() => {}))
      if (who !== 'caller') hangUp(after, call)
    },
  })
  const caller = await phone({ sound: 'none' })
  const placed: PhoneCall[] = []
  // In handfuls, as a machine that does other work besides can take them.
  for (const [index, { who, after }] of plan.entries()) {
    const call = await caller.call('+15550100', { from: `+1555${String(index).padStart(7, '0')}` })
    placed.push(call)
    if (who !== 'callee') hangUp(after, call)
    if (index % 25 === 24) await until(() => placed.every(({ state }) => state.name !== 'calling'), 60_000)
  }
  expect([...server.control.live()].length).toBeGreaterThan(calls * 0.7)
  startTheClock()
  await Promise.all(placed.map((call) => call.ended(120_000)))
  await until(async () => (await records()).length === calls, 120_000)

  // A leg that never answered its bridge was no participant: the handler hears of it as CallAndBridge's failure.
  const legs = (await records()).flatMap((record) =>
    record.legs.filter(({ answered }, at) => at === 0 || answered !== null).map(({ id }) => id),
  )
  expect(legs.length).toBeGreaterThan(calls)
  // An attempt that took 5 s is made again: the same event, with the same number. On a machine this busy that may be.
  const events = () => [...new Map(endpoint.events.map((event) => [JSON.stringify(event), event])).values()]
  const told = () =>
    events().flatMap(({ InvocationEventType: type, ActionData }) =>
      type === 'HANGUP' ? [ActionData.Parameters.CallId] : [],
    )
  await until(() => told().length >= legs.length, 60_000)
  expect(told().sort()).toEqual(legs.sort())
  // Every leg has an identity of its own, of the form that AWS's have.
  expect(new Set(legs).size).toBe(legs.length)
  for (const leg of legs) expect(leg).toMatch(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/)
  // Every call's events are counted without a gap.
  const byCall = Map.groupBy(events(), ({ CallDetails }) => CallDetails.TransactionId)
  expect(byCall.size).toBe(calls)
  for (const all of byCall.values())
    expect(new Set(all.map(({ Sequence }) => Sequence))).toEqual(new Set(all.map((_, at) => at + 1)))
  expect(taken.every(({ state }) => state.name === 'ended')).toBe(true)
}, 240_000)
