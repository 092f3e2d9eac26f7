import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { temporaryFolder } from '../temporary-folder.ts'
import { action, answer, type Handler, hangup } from './handler.ts'
import { desk, stage, until } from './stage.ts'

const bridging: Handler = (event) => {
  const { InvocationEventType: type, CallDetails } = event
  if (type === 'NEW_INBOUND_CALL') {
    const endpoints = [{ BridgeEndpointType: 'PSTN', Uri: desk }]
    return answer(action('CallAndBridge', { CallerIdNumber: CallDetails.Participants[0].From, Endpoints: endpoints }))
  }
  const survivor = CallDetails.Participants.find(({ Status }: { Status: string }) => Status === 'Connected')
  return type === 'HANGUP' && survivor !== undefined ? answer(hangup(survivor.CallId)) : answer()
}

it('each leg has one in the bucket, in AWS’s form, and its writing is a delivery', async () => {
  const folder = temporaryFolder()
  const { phone, line, server, application, record } = await stage({
    handler: bridging,
    chime: { account: '111122223333', buckets: { records: folder }, cdrBucket: 'records' },
  })
  const other = await line(desk)
  const call = await (await phone()).call('+15550100')
  const second = await other.incoming()
  await second.answer()
  await call.answered()
  second.hangup()
  await call.ended()
  const { id, legs } = await record(call)
  const files = () =>
    readdirSync(folder, { recursive: true })
      .map(String)
      .filter((name) => name.endsWith('.json'))
  await until(() => files().length === 2)
  const day = new Date(legs[0]!.ended).toISOString().slice(0, 10).replaceAll('-', '/')
  for (const name of files())
    expect(name).toMatch(new RegExp(`^Amazon-Chime-SMADRs/json/${application}/${day}/.*\\.json$`))
  const records = files().map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')))
  const common = {
    AwsAccountId: '111122223333',
    TransactionId: id,
    SipApplicationId: application,
    Status: 'Completed',
    Region: 'us-east-1',
  }
  expect(records.sort((a, b) => a.Direction.localeCompare(b.Direction))).toMatchObject([
    {
      ...common,
      CallId: legs[0]!.id,
      Direction: 'Inbound',
      SourcePhoneNumber: '+15550123',
      CallLegTriggerType: 'NewInboundCall',
    },
    {
      ...common,
      CallId: legs[1]!.id,
      Direction: 'Outbound',
      DestinationPhoneNumber: desk,
      CallLegTriggerType: 'CallAndBridge',
    },
  ])
  const states = async () => {
    const { items } = await server.control.ledger.deliveries({ call: id }, { limit: 10 })
    return items.filter(({ kind }) => kind === 'cdr').map(({ state }) => state)
  }
  // What became of a delivery is stored after it: the file is there a moment earlier.
  await expect.poll(states).toEqual(['delivered', 'delivered'])
})
