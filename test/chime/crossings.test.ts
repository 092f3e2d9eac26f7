/** What a function and a party decide at the same moment: each leg ends once, and the function hears of it once. */
import {
  CreateSipMediaApplicationCallCommand,
  UpdateSipMediaApplicationCallCommand,
} from '@aws-sdk/client-chime-sdk-voice'
import { describe, expect, it } from 'vitest'
import type { PhoneCall } from '../../src/testing/index.ts'
import { action, answer, type Event, hangup } from './handler.ts'
import { desk, type Stage, stage, until } from './stage.ts'

const key = action('SendDigits', { Digits: '1', ToneDurationInMilliseconds: 50 })
const pause = action('Pause', { DurationInMilliseconds: '60000' })
const bridge = (event: Event) =>
  action('CallAndBridge', {
    CallerIdNumber: event.CallDetails.Participants[0].From,
    Endpoints: [{ BridgeEndpointType: 'PSTN', Uri: desk }],
  })

async function update({ sdk, application }: Stage, transaction: string) {
  await sdk().send(
    new UpdateSipMediaApplicationCallCommand({
      SipMediaApplicationId: application,
      TransactionId: transaction,
      Arguments: { leave: 'now' },
    }),
  )
}

const rest = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))

/** After all of it: one record, one HANGUP of each leg, and nothing that lives. */
async function over({ records, endpoint, server }: Stage, legs: number) {
  await until(async () => (await records()).length === 1 && endpoint.hangups().length === legs)
  await until(() => [...server.control.live()].length === 0)
  await rest(50)
  expect(endpoint.hangups()).toHaveLength(legs)
  expect(endpoint.types().at(-1)).toBe('HANGUP')
  return (await records())[0]!
}

describe('a caller who leaves while the other side rings', () => {
  it.each([
    ['answered', [key]],
    ['not answered', []],
  ])('%s: the other side hears CANCEL, and there is one HANGUP', async (_, before) => {
    const set = await stage({
      handler: (event) =>
        event.InvocationEventType === 'NEW_INBOUND_CALL' ? answer(...before, bridge(event)) : answer(),
    })
    const callee = await set.line(desk)
    const a = await (await set.phone()).call('+15550100')
    const b = await callee.incoming()
    a.hangup()
    expect(await b.ended()).toMatchObject({ by: 'them', how: 'CANCEL' })
    expect((await a.ended()).by).toBe('us')
    const record = await over(set, 1)
    expect(record.ending).toMatchObject({ cause: before.length > 0 ? 'hangup' : 'cancelled', actor: 'caller' })
    expect(set.endpoint.hangups()[0].CallDetails.Participants[0].Status).toBe('Disconnected')
    expect(set.endpoint.hangups()[0].ActionData.Parameters.ParticipantTag).toBe('LEG-A')
  })
})

describe('a Hangup in answer to an update', () => {
  it.each([0, 1, 2, 4])('and the party’s own BYE %i ms apart: one end, one HANGUP', async (apart) => {
    let call: PhoneCall | undefined
    const set = await stage({
      handler: async ({ InvocationEventType: type }) => {
        if (type === 'NEW_INBOUND_CALL') return answer(key, pause)
        if (type !== 'CALL_UPDATE_REQUESTED') return answer()
        setTimeout(() => call?.hangup(), apart)
        return answer(hangup())
      },
    })
    call = await (await set.phone()).call('+15550100')
    await call.answered()
    const { TransactionId } = set.endpoint.events[0].CallDetails
    await update(set, TransactionId)
    expect(await call.ended()).toMatchObject({ how: 'BYE' })
    const record = await over(set, 1)
    expect(record.ending).toMatchObject({ cause: 'hangup', phase: 'answered' })
    expect(['caller', 'app']).toContain(record.ending.actor)
  })

  it.each([0, 1, 2, 4])('and the callee’s answer %i ms apart: it is over for the callee, one HANGUP', async (apart) => {
    let callee: PhoneCall | undefined
    const set = await stage({
      handler: async ({ InvocationEventType: type }) => {
        if (type !== 'CALL_UPDATE_REQUESTED') return answer()
        // It may have been withdrawn by then.
        setTimeout(() => (callee as Answers | undefined)?.answer().catch(() => {}), apart)
        return answer(hangup())
      },
    })
    const phone = await set.line(desk)
    const { SipMediaApplicationCall: made } = await set.sdk().send(
      new CreateSipMediaApplicationCallCommand({
        SipMediaApplicationId: set.application,
        FromPhoneNumber: '+15550100',
        ToPhoneNumber: desk,
      }),
    )
    callee = await phone.incoming()
    await until(() => set.endpoint.types().includes('RINGING'))
    await update(set, made!.TransactionId!)
    const end = await callee.ended()
    expect(end.by).toBe('them')
    expect(['CANCEL', 'BYE']).toContain(end.how)
    expect((await over(set, 1)).ending.actor).toBe('app')
  })
})

type Answers = PhoneCall & { answer(): Promise<unknown> }

it('a Hangup that one update is answered with is not lost to the updates that come right after it', async () => {
  const set = await stage({
    handler({ InvocationEventType: type, ActionData: data }) {
      if (type === 'NEW_INBOUND_CALL') return answer(key, pause)
      if (type !== 'CALL_UPDATE_REQUESTED') return answer()
      return answer(data.Parameters.Arguments.leave === 'now' ? hangup(undefined, '486') : pause)
    },
  })
  const call = await (await set.phone()).call('+15550100')
  await call.answered()
  await until(() => set.endpoint.types().includes('ACTION_SUCCESSFUL'))
  const transaction = set.endpoint.events[0].CallDetails.TransactionId
  const client = set.sdk()
  const send = (leave: string) =>
    client.send(
      new UpdateSipMediaApplicationCallCommand({
        SipMediaApplicationId: set.application,
        TransactionId: transaction,
        Arguments: { leave },
      }),
    )
  const first = send('now')
  // Those that come when the call is over are NotFound.
  const later = Promise.allSettled([send('later'), send('later'), send('later')])
  await first
  expect(await call.ended()).toMatchObject({ by: 'them', how: 'BYE', reasons: ['Q.850;cause=17'] })
  await later
  await over(set, 1)
  expect(set.endpoint.hangups()[0].ActionData.Parameters.SipResponseCode).toBe(486)
})
