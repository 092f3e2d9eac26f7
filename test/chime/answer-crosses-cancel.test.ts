/**
 * A callee whose 200 is on its way when our CANCEL leaves (RFC 3261, 9.1): it gets ACK and BYE, the function one HANGUP, and wire,
 * event, record and CDR tell the same story.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  CreateSipMediaApplicationCallCommand,
  UpdateSipMediaApplicationCallCommand,
} from '@aws-sdk/client-chime-sdk-voice'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../temporary-folder.ts'
import { action, answer, hangup } from './handler.ts'
import { type Heard, scriptedCallee } from './scripted-callee.ts'
import { type StageOptions, stage, until } from './stage.ts'

/** What the callee does with the CANCEL that comes too late; `again`: its 200 comes twice, as nobody has acknowledged it yet. */
const manners = [
  '200, then the CANCEL is answered',
  'the CANCEL is answered, then 200',
  'no such transaction',
  'again',
] as const

async function crossing(how: (typeof manners)[number], options: StageOptions) {
  let invite: Heard | undefined
  const callee = await scriptedCallee((request, respond) => {
    const accepts = () => respond(200, 'OK', { to: invite!, sdp: true })
    switch (request.method) {
      case 'INVITE':
        invite ??= request
        respond(100, 'Trying')
        return respond(180, 'Ringing')
      case 'CANCEL':
        if (how === 'the CANCEL is answered, then 200') {
          respond(200, 'OK')
          return accepts()
        }
        accepts()
        if (how === 'again') accepts()
        return how === 'no such transaction' ? respond(481, 'No Such Transaction') : respond(200, 'OK')
      case 'BYE':
        return respond(200, 'OK')
    }
  })
  const folder = temporaryFolder()
  const set = await stage({
    ...options,
    chime: { buckets: { records: folder }, cdrBucket: 'records' },
    config: { trunks: [{ name: 'carrier', server: callee.address }], outbound: [{ to: '+1*', trunk: 'carrier' }] },
  })
  const cdrs = () =>
    readdirSync(folder, { recursive: true })
      .map(String)
      .filter((name) => name.endsWith('.json'))
      .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')))
  /** After the last of it: nobody lives, and nothing more comes. */
  const over = async (legs: number) => {
    await until(() => callee.heard.includes('BYE'))
    await until(async () => (await set.records()).length === 1 && cdrs().length === legs)
    await until(() => [...set.server.control.live()].length === 0)
    await new Promise((resolve) => setTimeout(resolve, 100))
    // Each 200 is acknowledged, also one that comes again.
    expect(callee.heard.filter((method) => method !== 'ACK')).toEqual(['INVITE', 'CANCEL', 'BYE'])
    expect(callee.heard).toContain('ACK')
    expect(callee.requests.find(({ method }) => method === 'BYE')!.headers('To')).toContain('tag=scripted')
    return { record: (await set.records())[0]!, cdrs: cdrs() }
  }
  return { ...set, callee, over }
}

describe.each(manners)('%s', (how) => {
  it('a Hangup of the only leg: ACK and BYE, one HANGUP, never CALL_ANSWERED', async () => {
    const { sdk, application, endpoint, over } = await crossing(how, {
      handler: ({ InvocationEventType: type }) => (type === 'CALL_UPDATE_REQUESTED' ? answer(hangup()) : answer()),
    })
    const client = sdk()
    const { SipMediaApplicationCall: made } = await client.send(
      new CreateSipMediaApplicationCallCommand({
        SipMediaApplicationId: application,
        FromPhoneNumber: '+15550100',
        ToPhoneNumber: '+14155550199',
      }),
    )
    await until(() => endpoint.types().includes('RINGING'))
    await client.send(
      new UpdateSipMediaApplicationCallCommand({
        SipMediaApplicationId: application,
        TransactionId: made!.TransactionId!,
        Arguments: {},
      }),
    )
    const { record, cdrs } = await over(1)
    expect(endpoint.types()).toEqual(['NEW_OUTBOUND_CALL', 'RINGING', 'CALL_UPDATE_REQUESTED', 'HANGUP'])
    expect(endpoint.hangups()[0]).toMatchObject({
      ActionData: { Parameters: { CallId: record.legs[0]!.id, ParticipantTag: 'LEG-A', SipResponseCode: 0 } },
      CallDetails: { Participants: [{ Status: 'Disconnected' }] },
    })
    expect(record.ending).toMatchObject({ cause: 'cancelled', actor: 'app', phase: 'ringing' })
    expect(record.legs).toMatchObject([{ answered: null, talk: 0, ending: { cause: 'cancelled', actor: 'app' } }])
    expect(cdrs).toMatchObject([{ CallId: record.legs[0]!.id, Status: 'Failed', BillableDurationSeconds: '0' }])
  })

  it('a caller who leaves while the other side rings: ACK and BYE for it, one HANGUP, of the caller', async () => {
    const { phone, endpoint, callee, over } = await crossing(how, {
      handler: (event) =>
        event.InvocationEventType === 'NEW_INBOUND_CALL'
          ? answer(
              action('CallAndBridge', {
                CallerIdNumber: event.CallDetails.Participants[0].From,
                Endpoints: [{ BridgeEndpointType: 'PSTN', Uri: '+14155550199' }],
              }),
            )
          : answer(),
    })
    const call = await (await phone()).call('+15550100')
    await until(() => callee.heard.includes('INVITE'))
    await call.ringing()
    await new Promise((resolve) => setTimeout(resolve, 50))
    call.hangup()
    expect(await call.ended()).toMatchObject({ by: 'us', how: 'CANCEL' })
    const { record, cdrs } = await over(2)
    await until(() => endpoint.hangups().length === 1)
    expect(endpoint.types()).toEqual(['NEW_INBOUND_CALL', 'ACTION_FAILED', 'HANGUP'])
    expect(endpoint.hangups()[0].ActionData.Parameters).toMatchObject({
      CallId: record.legs[0]!.id,
      ParticipantTag: 'LEG-A',
      SipResponseCode: 0,
    })
    expect(record.legs).toMatchObject([
      { answered: null, ending: { cause: 'cancelled', actor: 'caller' } },
      { answered: null, talk: 0, ending: { cause: 'cancelled', actor: 'caller' } },
    ])
    expect(cdrs.map(({ Status, BillableDurationSeconds }) => [Status, BillableDurationSeconds])).toEqual([
      ['Failed', '0'],
      ['Failed', '0'],
    ])
  })
})
