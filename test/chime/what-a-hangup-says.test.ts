/** Hangup on the wire, in the event and in the record: one story, by the table of docs/dialects/chime.md. */
import {
  CreateSipMediaApplicationCallCommand,
  UpdateSipMediaApplicationCallCommand,
} from '@aws-sdk/client-chime-sdk-voice'
import { describe, expect, it } from 'vitest'
import { action, answer, type Event, hangup } from './handler.ts'
import { desk, stage, until } from './stage.ts'

const onNew =
  (...actions: readonly object[]) =>
  (event: Event) =>
    event.InvocationEventType === 'NEW_INBOUND_CALL' ? answer(...actions) : answer()
/** Answers the caller, and takes no time. */
const key = action('SendDigits', { Digits: '1', ToneDurationInMilliseconds: 50 })

describe('a caller', () => {
  it.each([
    ['486', 486, 'Q.850;cause=17', 'busy', 486],
    ['480', 480, 'Q.850;cause=20', 'unavailable', 480],
    ['0', 480, 'Q.850;cause=16', 'hangup', 0],
  ])('who was not answered, Hangup %s: %s and Reason %s', async (code, status, reason, cause, told) => {
    const { phone, endpoint, record } = await stage({ handler: onNew(hangup(undefined, code)) })
    const call = await (await phone()).call('+15550100')
    expect(await call.ended()).toMatchObject({ by: 'them', how: 'refusal', status, reasons: [reason] })
    expect(await record(call)).toMatchObject({ ending: { cause, actor: 'app', phase: 'ringing' }, talk: 0 })
    await until(() => endpoint.hangups().length === 1)
    expect(endpoint.hangups()[0].ActionData.Parameters).toMatchObject({
      SipResponseCode: told,
      ParticipantTag: 'LEG-A',
    })
    expect(endpoint.types()).toEqual(['NEW_INBOUND_CALL', 'HANGUP'])
  })

  it.each([
    ['486', 'Q.850;cause=17', 'busy', 486],
    ['480', 'Q.850;cause=19', 'unavailable', 480],
    ['0', 'Q.850;cause=16', 'hangup', 0],
  ])('who was answered, Hangup %s: BYE with Reason %s', async (code, reason, cause, told) => {
    const { phone, endpoint, record } = await stage({ handler: onNew(key, hangup(undefined, code)) })
    const call = await (await phone()).call('+15550100')
    expect(await call.ended()).toMatchObject({ by: 'them', how: 'BYE', reasons: [reason] })
    expect(await record(call)).toMatchObject({ ending: { cause, actor: 'app', phase: 'answered' } })
    await until(() => endpoint.hangups().length === 1)
    expect(endpoint.hangups()[0].ActionData.Parameters.SipResponseCode).toBe(told)
  })

  it('who is asked to be hung up with 603 stays, and the action fails', async () => {
    const { phone, endpoint } = await stage({ handler: onNew(key, hangup(undefined, '603')) })
    const call = await (await phone()).call('+15550100')
    await until(() => endpoint.types().includes('ACTION_FAILED'))
    expect(endpoint.events.at(-1).ActionData).toMatchObject({ Type: 'Hangup', ErrorType: 'InvalidActionParameter' })
    expect(call.state.name).toBe('answered')
    call.hangup()
    await until(() => endpoint.hangups().length === 1)
    expect(endpoint.hangups()[0].ActionData.Parameters.SipResponseCode).toBe(0)
  })

  it('who cancels while the function thinks: 487 at once, its answer comes too late, one HANGUP', async () => {
    let think: () => void = () => {}
    const thought = new Promise<void>((resolve) => {
      think = resolve
    })
    const { phone, endpoint, record } = await stage({
      handler: async (event) => {
        if (event.InvocationEventType === 'NEW_INBOUND_CALL') await thought
        return answer(key)
      },
    })
    const call = await (await phone()).call('+15550100')
    await call.ringing()
    call.hangup()
    expect(await call.ended()).toMatchObject({ by: 'us', how: 'CANCEL', told: 'delivered' })
    expect((await record(call)).ending).toMatchObject({ cause: 'cancelled', actor: 'caller' })
    think()
    await until(() => endpoint.hangups().length === 1)
    expect(endpoint.types()).toEqual(['NEW_INBOUND_CALL', 'HANGUP'])
    expect(endpoint.hangups()[0].ActionData.Parameters.SipResponseCode).toBe(0)
  })
})

describe('a callee', () => {
  it('who rings, hung up by an update: CANCEL, and one HANGUP', async () => {
    const { sdk, application, line, endpoint, records } = await stage({
      handler: (event) => (event.InvocationEventType === 'CALL_UPDATE_REQUESTED' ? answer(hangup()) : answer()),
    })
    const phone = await line(desk)
    const client = sdk()
    const { SipMediaApplicationCall: made } = await client.send(
      new CreateSipMediaApplicationCallCommand({
        SipMediaApplicationId: application,
        FromPhoneNumber: '+15550100',
        ToPhoneNumber: desk,
      }),
    )
    const call = await phone.incoming()
    await until(() => endpoint.types().includes('RINGING'))
    await client.send(
      new UpdateSipMediaApplicationCallCommand({
        SipMediaApplicationId: application,
        TransactionId: made!.TransactionId!,
        Arguments: { leave: 'now' },
      }),
    )
    expect(await call.ended()).toMatchObject({ by: 'them', how: 'CANCEL' })
    await until(async () => (await records()).length === 1)
    expect((await records())[0]!.ending).toMatchObject({
      cause: 'cancelled',
      actor: 'app',
      detail: 'Hangup with 0, in answer to an update',
    })
    await until(() => endpoint.hangups().length === 1)
    expect(endpoint.types()).toEqual(['NEW_OUTBOUND_CALL', 'RINGING', 'CALL_UPDATE_REQUESTED', 'HANGUP'])
  })
})

describe('a bridge', () => {
  const bridge = (event: Event) =>
    action('CallAndBridge', {
      CallerIdNumber: event.CallDetails.Participants[0].From,
      Endpoints: [{ BridgeEndpointType: 'PSTN', Uri: desk }],
    })

  it.each(['LEG-A', 'LEG-B'])(
    'Hangup of %s: BYE to it alone; what HANGUP is answered with runs on the other',
    async (tag) => {
      const { line, phone, endpoint, records } = await stage({
        handler: (event) => {
          const { InvocationEventType: type, ActionData: data } = event
          if (type === 'NEW_INBOUND_CALL') return answer(bridge(event))
          if (data?.Type === 'CallAndBridge')
            return answer(action('Hangup', { ParticipantTag: tag, SipResponseCode: 486 }))
          if (type === 'HANGUP' && data.Parameters.ParticipantTag === tag)
            return answer(action('SendDigits', { Digits: '77' }))
          return answer()
        },
      })
      const callee = await line(desk)
      const a = await (await phone()).call('+15550100')
      const b = await callee.incoming()
      await b.answer()
      const [gone, stays] = tag === 'LEG-A' ? [a, b] : [b, a]
      expect(await gone.ended()).toMatchObject({ by: 'them', how: 'BYE', reasons: ['Q.850;cause=17'] })
      await until(() => stays.digits === '77')
      expect(stays.state.name).toBe('answered')
      expect(await records()).toEqual([])
      expect(endpoint.types()).toContain('HANGUP')
      const last = endpoint.hangups()[0]
      expect(last.ActionData.Parameters).toMatchObject({ ParticipantTag: tag, SipResponseCode: 486 })
      stays.hangup()
      await until(() => endpoint.hangups().length === 2)
      await until(async () => (await records()).length === 1)
      const [record] = await records()
      expect(record!.legs.map(({ ending: { cause, actor } }) => [cause, actor])).toEqual(
        tag === 'LEG-A'
          ? [
              ['busy', 'app'],
              ['hangup', 'callee'],
            ]
          : [
              ['hangup', 'caller'],
              ['busy', 'app'],
            ],
      )
    },
  )
})
