/** The HANGUPs that a function has not had when the process dies are stored with the record (P3). */
import { expect, test } from 'vitest'
import { beginCall } from '../../../src/call/begin.ts'
import type { Call } from '../../../src/call/call.ts'
import type { Input } from '../../../src/call/input.ts'
import { recordOf } from '../../../src/call/record.ts'
import { reduce } from '../../../src/call/reduce.ts'
import { parseInvocation } from '../../../src/dialects/chime/index.ts'
import { lastWords, renumbered } from '../../../src/platforms/chime/last-words.ts'
import type { Delivery } from '../../../src/switchboard/ports.ts'
import { answer, bridge, type Event, hangup, pause, World } from './world.ts'

test('the last HANGUP is stored with the record, for later; the script brings it, and says so', async () => {
  const world = await World.of((event: Event) =>
    event.InvocationEventType === 'NEW_INBOUND_CALL' ? answer(hangup({ SipResponseCode: 486 })) : answer(),
  )
  expect(world.deliveries).toMatchObject([
    { id: `${world.call}:hangup:${world.leg('A')}`, url: 'function:function-1', state: 'pending', kind: 'hangup' },
  ])
  const [stored] = world.deliveries
  expect(stored!.next! - stored!.created).toBe(120_000)
  const { function: _, ...heard } = world.events.at(-1)
  expect(JSON.parse(stored!.body)).toEqual(heard)
  expect(world.brought).toEqual([[stored!.id, 'delivered']])
})

test('one that the function would not take is failed, for a replay by hand', async () => {
  const world = await World.of((event: Event) => {
    if (event.InvocationEventType === 'HANGUP') throw new Error('out of order')
    return answer(hangup())
  })
  expect(world.brought).toEqual([[world.deliveries[0]!.id, 'failed']])
})

test('each leg of a bridge that ends while the other is being told is brought once', async () => {
  const world = await World.of(async (event: Event, here) => {
    if (event.InvocationEventType === 'HANGUP') await here.wait(1_000)
    return event.InvocationEventType === 'NEW_INBOUND_CALL' ? answer(bridge()) : answer()
  })
  await world.input('B', 'answered')
  await world.leaves('B')
  await world.leaves('A')
  expect(world.deliveries.map(({ id }) => id.split(':').at(-1))).toEqual([world.leg('B'), world.leg('A')])
  await world.pass(3_000)
  expect(world.brought.map(([id]) => id).sort()).toEqual(world.deliveries.map(({ id }) => id).sort())
  expect(world.story.slice(-2)).toEqual(['HANGUP LEG-B 0', 'HANGUP LEG-A 0'])
  expect(world.hangupsStored).toMatchObject([{ Sequence: 3 }, { Sequence: 4 }])
  expect(world.hangupsStored.at(-1)).toEqual(world.hangupsTold.at(-1))
})

test('legs that end in one millisecond are numbered as they ended', async () => {
  const world = await World.of(async ({ InvocationEventType: type }: Event, here) => {
    if (type === 'ACTION_SUCCESSFUL') await here.wait(1_000)
    return type === 'NEW_INBOUND_CALL' ? answer(bridge()) : answer()
  })
  await world.input('B', 'answered')
  await world.leaves('B')
  await world.switchboard.end(world.call, { cause: 'hangup', actor: 'api' })
  await world.pass(2_000)
  expect(world.story.slice(-2)).toEqual(['HANGUP LEG-B 0', 'HANGUP LEG-A 0'])
  expect(world.hangupsStored).toEqual(world.hangupsTold)
})

test('what is told between the end and the HANGUP is in what is stored: its number, and the attributes that it was answered with', async () => {
  const world = await World.of(async ({ InvocationEventType: type }: Event, here) => {
    if (type === 'NEW_INBOUND_CALL') return answer(pause(30_000))
    if (type === 'ACTION_FAILED') await here.wait(1_000)
    return { ...answer(), TransactionAttributes: { said: type } }
  })
  await world.leaves('A')
  // The failure is being told, as number 2: a crash now repeats no number.
  expect(world.story.at(-1)).toBe('ACTION_FAILED Pause')
  expect(world.hangupsStored).toMatchObject([{ Sequence: 3 }])
  expect(world.numbered.at(-1)).toEqual([world.call, 2])
  await world.pass(1_000)
  expect(world.hangupsTold).toMatchObject([
    { Sequence: 3, CallDetails: { TransactionAttributes: { said: 'ACTION_FAILED' } } },
  ])
  expect(world.hangupsStored).toEqual(world.hangupsTold)
})

test.each([
  ['the number on disk', 4, 0, 5],
  ['a later one, told just before the crash', 4, 6, 7],
  ['the first event, told and not on disk yet', 0, 0, 2],
])('the first HANGUP after a crash has the number after %s', (_, sequence, before, expected) => {
  const applications = [{ id: 'app-1', function: 'f', region: 'us-east-1' }]
  const data = { applications, account: '111122223333', sequence }
  const leg = { id: 'a', direction: 'in', network: 'sip', from: '+15550100', to: '+15550101' } as const
  const { call: begun } = beginCall({ id: 'c', at: Date.UTC(2026, 5, 11), app: { platform: 'chime', data }, leg })
  const { call } = reduce(begun, {
    type: 'end',
    at: Date.UTC(2026, 5, 12),
    reason: { cause: 'restarted', actor: 'platform' },
  })
  if (call.state.name !== 'ended') throw new Error('it lives')
  const { ending } = call.state
  const seeds = lastWords({ type: 'call-ended', ending }, call, recordOf(call, ending), (id) =>
    id === 'c' ? before : 0,
  )
  expect(seeds.map(({ body }) => JSON.parse(body).Sequence)).toEqual([expected])
})

test('HANGUPs that an earlier life has stored get the numbers after the last that it told, and keep their order', () => {
  const stored = [5, 6].map((Sequence) => ({ id: `d${Sequence}`, kind: 'hangup', body: JSON.stringify({ Sequence }) }))
  const pending = [...stored, { id: 'cdr', kind: 'call-detail-record', body: '{}' }] as unknown as Delivery[]
  const numbers = (told: number) => renumbered(pending, told).map(({ id, body }) => [id, JSON.parse(body).Sequence])
  expect(numbers(4)).toEqual([])
  expect(numbers(5)).toEqual([
    ['d5', 6],
    ['d6', 7],
  ])
  expect(renumbered(pending.slice(2), 9)).toEqual([])
})

test('a call found live after a restart: a HANGUP for each leg, at once, 480, numbered on', () => {
  const at = Date.UTC(2026, 5, 11)
  const applications = [{ id: 'app-1', function: 'f', region: 'us-east-1' }]
  const data = { applications, account: '111122223333', sequence: 4, joined: ['b'], toldOf: [] }
  const inputs: Input[] = [
    { type: 'answered', at, leg: 'a' },
    { type: 'dial', at, leg: { id: 'b', direction: 'out', network: 'sip', from: '+1', to: '+15550123' } },
    { type: 'answered', at, leg: 'b' },
    { type: 'end', at, reason: { cause: 'restarted', actor: 'platform' } },
  ]
  const leg = { id: 'a', direction: 'in', network: 'sip', from: '+15550100', to: '+15550101' } as const
  let call: Call = beginCall({ id: 'c', at, app: { platform: 'chime', data }, leg }).call
  for (const input of inputs) call = reduce(call, input).call
  if (call.state.name !== 'ended') throw new Error('it lives')
  const { ending } = call.state
  const seeds = lastWords({ type: 'call-ended', ending }, call, recordOf(call, ending), () => 0)
  expect(seeds.map(({ after }) => after)).toEqual([undefined, undefined])
  const events = seeds.map(({ body }) => {
    const parsed = parseInvocation(body)
    if (!parsed.ok || parsed.value.InvocationEventType !== 'HANGUP') throw new Error(body)
    return parsed.value
  })
  expect(events).toMatchObject([
    { Sequence: 5, ActionData: { Parameters: { CallId: 'a', ParticipantTag: 'LEG-A', SipResponseCode: 480 } } },
    { Sequence: 6, ActionData: { Parameters: { CallId: 'b', ParticipantTag: 'LEG-B', SipResponseCode: 480 } } },
  ])
})
