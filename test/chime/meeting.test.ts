/** The meeting leg of a caller, hung up (the requirement's fourth case): it leaves, the caller stays, and who else is there goes on. */
import { expect, it } from 'vitest'
import { action, answer, type Event, hangup } from './handler.ts'
import { stage, until } from './stage.ts'

const join = action('JoinChimeMeeting', { JoinToken: 'token', MeetingId: 'meeting-1' })

it('the caller leaves the meeting, hears what runs next, and ACTION_SUCCESSFUL tells of the Hangup; the other stays in it', async () => {
  let leaver: string | undefined
  const { phone, endpoint, record, records } = await stage({
    handler(event: Event) {
      const { InvocationEventType: type, ActionData: data, CallDetails } = event
      const mine = CallDetails.TransactionId === leaver
      if (type === 'NEW_INBOUND_CALL') return answer(join)
      if (type === 'DIGITS_RECEIVED') return answer(action('Hangup', { ParticipantTag: 'LEG-B', SipResponseCode: '0' }))
      if (type === 'ACTION_SUCCESSFUL' && data.Type === 'JoinChimeMeeting')
        return answer(
          action('ReceiveDigits', {
            InputDigitsRegex: '^9$',
            InBetweenDigitsDurationInMilliseconds: 100,
            FlushDigitsDurationInMilliseconds: 200,
          }),
        )
      if (mine && type === 'ACTION_SUCCESSFUL' && data.Type === 'Hangup')
        return answer(action('SendDigits', { Digits: '77' }))
      return answer()
    },
  })
  const caller = await phone()
  const a = await caller.call('+15550100')
  await a.answered()
  await until(() => endpoint.types().includes('ACTION_SUCCESSFUL'))
  leaver = endpoint.events[0].CallDetails.TransactionId as string
  const b = await caller.call('+15550101')
  await b.answered()
  await until(() => endpoint.types().filter((type) => type === 'ACTION_SUCCESSFUL').length === 4)

  await a.press('9')
  await until(() => a.digits === '77')
  const mine = endpoint.events.filter(({ CallDetails }) => CallDetails.TransactionId === leaver)
  const since = mine.slice(mine.findIndex(({ InvocationEventType: type }) => type === 'DIGITS_RECEIVED'))
  expect(
    since.slice(0, 3).map(({ InvocationEventType: type, ActionData }) => [type, ActionData.Parameters.ParticipantTag]),
  ).toEqual([
    ['DIGITS_RECEIVED', undefined],
    ['HANGUP', 'LEG-B'],
    ['ACTION_SUCCESSFUL', 'LEG-B'],
  ])
  expect(since[1].CallDetails.Participants).toMatchObject([
    { ParticipantTag: 'LEG-A', Status: 'Connected' },
    { ParticipantTag: 'LEG-B', Status: 'Disconnected' },
  ])
  for (const call of [a, b]) expect(call.state.name).toBe('answered')
  expect(await records()).toEqual([])

  a.hangup()
  expect((await record(a)).legs.map(({ ending }) => [ending.cause, ending.actor])).toEqual([
    ['hangup', 'caller'],
    ['hangup', 'app'],
  ])
  expect(b.state.name).toBe('answered')
  b.hangup()
  await record(b)
  // Both legs of both: four in all.
  await until(() => endpoint.hangups().length === 4)
  expect(new Set(endpoint.hangups().map(({ ActionData }) => ActionData.Parameters.CallId)).size).toBe(4)
})

it('JoinChimeMeeting on a bridged call is refused', async () => {
  const { phone, endpoint } = await stage({
    handler: (event) =>
      event.InvocationEventType === 'NEW_INBOUND_CALL'
        ? answer(join, join)
        : event.InvocationEventType === 'ACTION_FAILED'
          ? answer(hangup())
          : answer(),
  })
  const call = await (await phone()).call('+15550100')
  expect(await call.ended()).toMatchObject({ by: 'them', how: 'BYE' })
  expect(endpoint.events.find(({ InvocationEventType: type }) => type === 'ACTION_FAILED').ActionData).toMatchObject({
    Type: 'JoinChimeMeeting',
    Error: expect.stringContaining('bridged'),
  })
})
