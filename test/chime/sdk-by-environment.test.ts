/** An unmodified AWS client that knows nothing but one variable (checklist 36), and the headers that it may not set (37). */
import {
  BadRequestException,
  ChimeSDKVoiceClient,
  CreateSipMediaApplicationCallCommand,
  UpdateSipMediaApplicationCallCommand,
} from '@aws-sdk/client-chime-sdk-voice'
import { expect, it, onTestFinished, vi } from 'vitest'
import { answer, hangup } from './handler.ts'
import { desk, stage, until } from './stage.ts'

it('AWS_ENDPOINT_URL_CHIME_SDK_VOICE is all that it needs to call, to update, and to be refused', async () => {
  const { server, application, line, endpoint } = await stage({
    handler: ({ InvocationEventType: type }) => (type === 'CALL_UPDATE_REQUESTED' ? answer(hangup()) : answer()),
  })
  const phone = await line(desk)
  onTestFinished(() => void vi.unstubAllEnvs())
  const environment = {
    AWS_ENDPOINT_URL_CHIME_SDK_VOICE: server.httpAddress,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'example',
  }
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value)
  const client = new ChimeSDKVoiceClient()
  onTestFinished(() => client.destroy())
  const create = (SipHeaders: Record<string, string>) =>
    client.send(
      new CreateSipMediaApplicationCallCommand({
        SipMediaApplicationId: application,
        FromPhoneNumber: '+15550100',
        ToPhoneNumber: desk,
        SipHeaders,
      }),
    )
  for (const name of ['X-Amzn-Thing', 'x-amzn-mediainsights', 'Route', 'Contact'])
    await expect(create({ [name]: '1' })).rejects.toThrow(BadRequestException)
  expect(endpoint.events).toEqual([])
  const { SipMediaApplicationCall: made } = await create({ 'X-Ticket': '7', 'User-to-User': 'abc' })
  const call = await phone.incoming()
  expect(call.request.headers.get('X-Ticket')).toBe('7')
  expect(call.request.headers.get('User-to-User')).toBe('abc')
  await call.answer()
  await until(() => endpoint.types().includes('CALL_ANSWERED'))
  await client.send(
    new UpdateSipMediaApplicationCallCommand({
      SipMediaApplicationId: application,
      TransactionId: made!.TransactionId!,
      Arguments: {},
    }),
  )
  expect(await call.ended()).toMatchObject({ by: 'them', how: 'BYE' })
})
