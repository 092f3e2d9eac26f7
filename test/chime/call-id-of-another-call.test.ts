/**
 * A handler that keeps the CallId of another call in a variable (checklist 8): that call lives and hears nothing, whatever is asked for it;
 * the handler is told at each try, and its own call ends all the same.
 */
import { expect, it } from 'vitest'
import { action, answer, type Event, hangup } from './handler.ts'
import { stage, until } from './stage.ts'

const stay = action('Pause', { DurationInMilliseconds: 30_000 })
const key = action('SendDigits', { Digits: '1', ToneDurationInMilliseconds: 50 })

it.each([
  ['Hangup', hangup],
  ['Speak', (id: string) => action('Speak', { CallId: id, Text: 'you should not hear this' })],
  ['SendDigits', (id: string) => action('SendDigits', { CallId: id, Digits: '5' })],
  ['Hangup with a tag beside', (id: string) => action('Hangup', { CallId: id, ParticipantTag: 'LEG-A' })],
])('%s', async (_, about) => {
  let first: string | undefined
  const { phone, endpoint, record, records } = await stage({
    handler(event: Event) {
      const [participant] = event.CallDetails.Participants
      if (event.InvocationEventType === 'HANGUP') return answer()
      if (first === undefined) {
        first = participant.CallId as string
        return answer(key, stay)
      }
      if (participant.CallId === first) return answer()
      return event.InvocationEventType === 'ACTION_FAILED' ? answer(hangup()) : answer(about(first))
    },
  })
  const caller = await phone()
  const one = await caller.call('+15550100')
  await one.answered()
  await until(() => endpoint.types().includes('ACTION_SUCCESSFUL'))
  await new Promise((resolve) => setTimeout(resolve, 100))
  const messages = one.trace.length
  const events = () => endpoint.events.filter(({ CallDetails }) => CallDetails.Participants[0].CallId === first)
  const told = events().length
  const digits = one.digits

  const two = await caller.call('+15550101')
  expect(await two.ended()).toMatchObject({ by: 'them', how: 'refusal', status: 480 })
  expect((await record(two)).ending).toMatchObject({ cause: 'hangup', actor: 'app' })
  await until(() => endpoint.hangups().length === 1)
  const failed = endpoint.events.find(({ InvocationEventType: type }) => type === 'ACTION_FAILED')
  expect(failed.ActionData).toMatchObject({
    ErrorType: 'InvalidActionParameter',
    ErrorMessage: 'CallId or ParticipantTag parameter for action is invalid',
  })
  await new Promise((resolve) => setTimeout(resolve, 100))
  expect(one.state.name).toBe('answered')
  expect(one.trace.length).toBe(messages)
  expect(one.digits).toBe(digits)
  expect(events()).toHaveLength(told)
  expect(await records()).toHaveLength(1)
})

it('that its default branch sends for ever: its call ends when its invocations are used up', async () => {
  // As a published handler does: one action object for all calls, and every event that it does not know is answered with it.
  const shared = { Type: 'Hangup', Parameters: { SipResponseCode: '0', CallId: 'of-the-call-before' } }
  const { phone, endpoint, record, server } = await stage({
    handler: ({ InvocationEventType: type }) => (type === 'NEW_INBOUND_CALL' ? answer(key, shared) : answer(shared)),
  })
  const call = await (await phone()).call('+15550100')
  expect(await call.ended(60_000)).toMatchObject({
    by: 'them',
    how: 'BYE',
    reasons: ['SIP;cause=500', 'Q.850;cause=41'],
  })
  expect((await record(call)).ending).toMatchObject({
    cause: 'app-failed',
    actor: 'platform',
    detail: 'more than 1000 invocations',
  })
  await until(() => endpoint.hangups().length === 1)
  expect(endpoint.events).toHaveLength(1001)
  expect(endpoint.hangups()[0].ActionData.Parameters.SipResponseCode).toBe(480)
  await until(() => [...server.control.live()].length === 0)
}, 90_000)
