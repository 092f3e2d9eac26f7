/** An unmodified AWS client calls a phone through the server, changes the call's course, and ends it. */
import {
  BadRequestException,
  CreateSipMediaApplicationCallCommand,
  CreateSipMediaApplicationCommand,
  CreateSipRuleCommand,
  ForbiddenException,
  NotFoundException,
  UpdateSipMediaApplicationCallCommand,
} from '@aws-sdk/client-chime-sdk-voice'
import { describe, expect, it } from 'vitest'
import { action, answer, type Handler, hangup } from './handler.ts'
import { desk, stage, until, wireOf } from './stage.ts'

const from = '+15550100'

/** Waits once it is answered; ends the call when it is asked to. */
const patient: Handler = (event) => {
  switch (event.InvocationEventType) {
    case 'CALL_ANSWERED':
      return answer(action('Pause', { DurationInMilliseconds: '60000' }))
    case 'CALL_UPDATE_REQUESTED':
      return answer(hangup(event.CallDetails.Participants[0].CallId))
    default:
      return answer()
  }
}

describe('a call that an AWS client creates', () => {
  it('rings, is answered, updated and ended, and the handler hears all of it, once', async () => {
    const { sdk, application, line, endpoint, records } = await stage({ handler: patient })
    const phone = await line(desk)
    const client = sdk()
    const made = await client.send(
      new CreateSipMediaApplicationCallCommand({
        SipMediaApplicationId: application,
        FromPhoneNumber: from,
        ToPhoneNumber: desk,
        SipHeaders: { 'X-Ticket': '77' },
        ArgumentsMap: { why: 'a reminder' },
      }),
    )
    const transaction = made.SipMediaApplicationCall!.TransactionId!
    const call = await phone.incoming()
    await until(() => endpoint.types(transaction).includes('RINGING'))
    await call.answer()
    await until(() => endpoint.types(transaction).includes('CALL_ANSWERED'))
    const update = (id: string) =>
      client.send(
        new UpdateSipMediaApplicationCallCommand({
          SipMediaApplicationId: id,
          TransactionId: transaction,
          Arguments: { leave: 'now' },
        }),
      )
    await expect(update('00000000-0000-4000-8000-000000000000')).rejects.toThrow(NotFoundException)
    expect((await update(application)).$metadata.httpStatusCode).toBe(202)
    expect(await call.ended()).toMatchObject({ by: 'them', how: 'BYE' })
    await until(() => endpoint.hangups().length > 0)

    const [created] = endpoint.events
    expect(created).toMatchObject({
      SchemaVersion: '1.0',
      Sequence: 1,
      InvocationEventType: 'NEW_OUTBOUND_CALL',
      ActionData: { Type: 'CallCreateRequest', Parameters: { Arguments: { why: 'a reminder' } } },
      CallDetails: { TransactionId: transaction, SipMediaApplicationId: application },
    })
    expect(endpoint.events.map(({ Sequence }) => Sequence)).toEqual(endpoint.events.map((_, at) => at + 1))
    expect(endpoint.types()[0]).toBe('NEW_OUTBOUND_CALL')
    expect(endpoint.types().at(-1)).toBe('HANGUP')
    expect(endpoint.hangups()).toHaveLength(1)
    expect(endpoint.hangups()[0].CallDetails.Participants[0]).toMatchObject({ Status: 'Disconnected', To: desk })
    // What was asked to stand on the INVITE does, and no event shows it.
    expect(call.request.headers.get('X-Ticket')).toBe('77')
    expect(JSON.stringify(endpoint.events)).not.toContain('X-Ticket')
    await until(async () => (await records()).length === 1)
    expect((await records())[0]!.legs).toHaveLength(1)
    await expect(update(application)).rejects.toThrow(NotFoundException)
  })

  it('to a number that no rule lets be called is forbidden', async () => {
    const { sdk, application, endpoint, records } = await stage({ handler: patient })
    const sent = sdk().send(
      new CreateSipMediaApplicationCallCommand({
        SipMediaApplicationId: application,
        FromPhoneNumber: from,
        ToPhoneNumber: '+15559999',
      }),
    )
    await expect(sent).rejects.toThrow(ForbiddenException)
    expect(endpoint.events).toEqual([])
    expect(await records()).toEqual([])
  })

  it('from a number that is not of the account is a bad request, once numbers are configured', async () => {
    const { sdk, application, line, endpoint } = await stage({ handler: patient, chime: { numbers: [from] } })
    await line(desk)
    const sent = sdk().send(
      new CreateSipMediaApplicationCallCommand({
        SipMediaApplicationId: application,
        FromPhoneNumber: '+19995550000',
        ToPhoneNumber: desk,
      }),
    )
    await expect(sent).rejects.toThrow(BadRequestException)
    expect(endpoint.events).toEqual([])
  })

  it('to a phone that is busy ends with 486, and was never answered', async () => {
    const { sdk, application, line, endpoint } = await stage({ handler: patient })
    await line(desk, { onCall: (call) => call.busy() })
    await sdk().send(
      new CreateSipMediaApplicationCallCommand({
        SipMediaApplicationId: application,
        FromPhoneNumber: from,
        ToPhoneNumber: desk,
      }),
    )
    await until(() => endpoint.hangups().length > 0)
    expect(endpoint.hangups()[0].ActionData.Parameters.SipResponseCode).toBe(486)
    expect(endpoint.types()).not.toContain('CALL_ANSWERED')
  })
})

it('an application and a rule that an AWS client makes take calls', async () => {
  const { sdk, phone, endpoint } = await stage({
    handler: () => answer(hangup(undefined, '486')),
    config: { routes: [] },
  })
  const client = sdk()
  const { SipMediaApplication: application } = await client.send(
    new CreateSipMediaApplicationCommand({
      AwsRegion: 'us-east-1',
      Name: 'made',
      Endpoints: [{ LambdaArn: 'arn:aws:lambda:us-east-1:000000000000:function:app' }],
    }),
  )
  const caller = await phone()
  expect(await (await caller.call('+15550177')).ended()).toMatchObject({ how: 'refusal', status: 403 })
  const { SipRule: rule } = await client.send(
    new CreateSipRuleCommand({
      Name: 'made',
      TriggerType: 'ToPhoneNumber',
      TriggerValue: '+15550177',
      TargetApplications: [
        { SipMediaApplicationId: application!.SipMediaApplicationId!, Priority: 1, AwsRegion: 'us-east-1' },
      ],
    }),
  )
  const call = await caller.call('+15550177')
  expect(await call.ended()).toMatchObject({ how: 'refusal', status: 486 })
  expect(wireOf(call)[0]).toBe('→ INVITE')
  expect(endpoint.events[0].CallDetails).toMatchObject({
    SipRuleId: rule!.SipRuleId,
    SipMediaApplicationId: application!.SipMediaApplicationId,
  })
})
