/** PutSipMediaApplicationLoggingConfiguration turns the lines of an application's invocations on and off. */
import {
  CreateSipMediaApplicationCallCommand,
  CreateSipMediaApplicationCommand,
  PutSipMediaApplicationLoggingConfigurationCommand,
} from '@aws-sdk/client-chime-sdk-voice'
import { expect, it } from 'vitest'
import { createLogger } from '../../src/http/log.ts'
import { answer } from './handler.ts'
import { desk, stage, until } from './stage.ts'

it.each([
  [true, ['NEW_OUTBOUND_CALL', 'RINGING', 'HANGUP']],
  [false, []],
])('logs: %j', async (EnableSipMediaApplicationMessageLogs, logged) => {
  const lines: string[] = []
  const log = createLogger({ level: 'info', destination: { write: (line) => void lines.push(line) } })
  const { sdk, line, endpoint } = await stage({ log, handler: () => answer() })
  const phone = await line(desk)
  const client = sdk()
  const made = await client.send(
    new CreateSipMediaApplicationCommand({
      AwsRegion: 'us-east-1',
      Name: 'logged',
      Endpoints: [{ LambdaArn: 'arn:aws:lambda:us-east-1:000000000000:function:app' }],
    }),
  )
  const SipMediaApplicationId = made.SipMediaApplication!.SipMediaApplicationId!
  await client.send(
    new PutSipMediaApplicationLoggingConfigurationCommand({
      SipMediaApplicationId,
      SipMediaApplicationLoggingConfiguration: { EnableSipMediaApplicationMessageLogs },
    }),
  )
  await client.send(
    new CreateSipMediaApplicationCallCommand({
      SipMediaApplicationId,
      FromPhoneNumber: '+15550100',
      ToPhoneNumber: desk,
    }),
  )
  const call = await phone.incoming()
  call.ring()
  await until(() => endpoint.types().includes('RINGING'))
  call.refuse(486)
  await until(() => endpoint.types().includes('HANGUP'))
  const events = () => lines.map((text) => JSON.parse(text)).filter(({ msg }) => msg === 'a handler was invoked')
  await until(() => events().length === logged.length)
  expect(events().map(({ event }) => event)).toEqual(logged)
  expect(events().every(({ application }) => application === SipMediaApplicationId)).toBe(true)
})
