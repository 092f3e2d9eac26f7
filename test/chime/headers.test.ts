/** Headers that a function sees of the caller's INVITE, under the names that they came with, and those that it may put on its own. */
import { expect, it } from 'vitest'
import { action, answer, type Event } from './handler.ts'
import { desk, stage, until } from './stage.ts'

it('X-…, User-to-User and Diversion go both ways; no others do', async () => {
  const uui = '56a390f3d2b7310023a2;encoding=hex'
  const diversion = '<tel:+15550177>;reason=unconditional'
  const { phone, line, endpoint } = await stage({
    handler: (event: Event) =>
      event.InvocationEventType === 'NEW_INBOUND_CALL'
        ? answer(
            action('CallAndBridge', {
              CallerIdNumber: event.CallDetails.Participants[0].From,
              Endpoints: [{ BridgeEndpointType: 'AWS', Uri: desk, Arn: 'arn:aws:chime:us-east-1:1:vc/abc' }],
              SipHeaders: { 'X-Back': 'z', 'User-to-User': uui, Diversion: diversion },
            }),
          )
        : answer(),
  })
  const callee = await line(desk)
  const call = await (await phone()).call('+15550100', {
    headers: [
      ['x-reservation-id', '17'],
      ['X-Test-Value', 'String'],
      ['User-to-User', uui],
      ['Diversion', diversion],
      ['P-Asserted-Identity', '<sip:+15550199@example.com>'],
      ['Subject', 'none of its business'],
    ],
  })
  const second = await callee.incoming()
  expect(endpoint.events[0].CallDetails.Participants[0].SipHeaders).toEqual({
    'x-reservation-id': '17',
    'X-Test-Value': 'String',
    'User-to-User': uui,
    Diversion: diversion,
  })
  expect(second.request.headers.get('X-Back')).toBe('z')
  expect(second.request.headers.get('User-to-User')).toBe(uui)
  expect(second.request.headers.get('Diversion')).toBe(diversion)
  expect(second.request.headers.get('X-Test-Value')).toBeUndefined()
  await second.answer()
  await until(() => endpoint.types().includes('ACTION_SUCCESSFUL'))
  const [a, b] = endpoint.events.at(-1).CallDetails.Participants
  expect(a.SipHeaders).toMatchObject({ 'X-Test-Value': 'String' })
  expect(b).not.toHaveProperty('SipHeaders')
  call.hangup()
  await until(() => endpoint.hangups().length === 1)
})
