import { expect, test } from 'vitest'
import { answer, type Event, World } from './world.ts'

const attendee = '599d6b9b-a1e6-49b4-9779-e91064e80255'
const token = Buffer.from(`${attendee}:98a52f24-64d5-429d-b142-542f4c017fd8`).toString('base64')
const join = { Type: 'JoinChimeMeeting', Parameters: { JoinToken: token, MeetingId: 'm' } }

test.each([
  ['by the id that the token bears', attendee],
  ['by the token', token],
])('an attendee is muted %s', async (_, name) => {
  const change = (Operation: string, list: string[]) => ({
    Type: 'ModifyChimeMeetingAttendees',
    Parameters: { ParticipantTag: 'LEG-B', Operation, MeetingId: 'm', AttendeeList: list },
  })
  const world = await World.of((event: Event) => {
    if (event.InvocationEventType === 'NEW_INBOUND_CALL') return answer(join)
    if (event.ActionData?.Type === 'JoinChimeMeeting') return answer(change('Mute', [name]))
    return answer()
  })
  expect(world.story.at(-1)).toBe('ACTION_SUCCESSFUL ModifyChimeMeetingAttendees')
  expect(world.sound('A').muted).toBe(true)
})

test('one who is not there fails the action, and is named', async () => {
  const mute = {
    Type: 'ModifyChimeMeetingAttendees',
    Parameters: { Operation: 'Mute', MeetingId: 'm', AttendeeList: ['nobody'] },
  }
  const world = await World.of((event: Event) =>
    event.InvocationEventType === 'NEW_INBOUND_CALL' ? answer(join, mute) : answer(),
  )
  expect(world.events.find((event) => event.InvocationEventType === 'ACTION_FAILED')?.ActionData).toMatchObject({
    ErrorList: ['nobody'],
  })
})
