/** Amazon's client for Python, unmodified: it sets a number up, calls a phone, changes the call's course, and is told no. */
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'
import { createPhone } from '../../src/testing/index.ts'
import { action, answer, type Handler, hangup, openHandler } from '../chime/handler.ts'
import { startProgram } from './children.ts'
import { describeWith } from './programs.ts'
import { Server } from './server.ts'
import { until } from './waiting.ts'

const key = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'a-secret-of-the-example' }
const line = { number: '+15550111', password: 'password-of-the-line' }

const handler: Handler = (event) => {
  switch (event.InvocationEventType) {
    case 'NEW_INBOUND_CALL':
      return answer(hangup(undefined, '486'))
    case 'CALL_ANSWERED':
      return answer(action('Pause', { DurationInMilliseconds: '60000' }))
    case 'CALL_UPDATE_REQUESTED':
      return answer(hangup(event.CallDetails.Participants[0].CallId))
    default:
      return answer()
  }
}

async function stage(secretAccessKey = key.secretAccessKey) {
  const endpoint = await openHandler(handler)
  const server = await Server.start({
    functions: { app: { url: endpoint.url } },
    chime: { applications: [{ name: 'app', function: 'app' }], from: ['loopback', 'users'], keys: [key] },
    sip: { users: [{ name: line.number.slice(1), password: line.password }] },
  })
  onTestFinished(() => server.remove())
  const script = fileURLToPath(new URL('chime/boto3_client.py', import.meta.url))
  const python = startProgram('python3', [script], {
    AWS_ENDPOINT_URL_CHIME_SDK_VOICE: server.url,
    AWS_ACCESS_KEY_ID: key.accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
  })
  let complaint = ''
  python.stderr.on('data', (chunk) => {
    complaint += chunk
  })
  onTestFinished(() => void python.kill())
  const lines = createInterface({ input: python.stdout })[Symbol.asyncIterator]()
  return {
    endpoint,
    server,
    async ask(operation: string, args: object) {
      python.stdin.write(`${JSON.stringify([operation, args])}\n`)
      const { value, done } = await lines.next()
      if (done === true) throw new Error(complaint)
      return JSON.parse(value)
    },
  }
}

describeWith(['boto3'], 'boto3', () => {
  it('sets a number up, calls, updates and hangs up', async () => {
    const { ask, endpoint, server } = await stage()
    const made = await ask('create_sip_media_application', {
      AwsRegion: 'us-east-1',
      Name: 'made by boto3',
      Endpoints: [{ LambdaArn: 'arn:aws:lambda:us-east-1:111122223333:function:app' }],
    })
    expect(made.status).toBe(201)
    const application = made.answer.SipMediaApplication.SipMediaApplicationId
    const rule = await ask('create_sip_rule', {
      Name: 'made by boto3',
      TriggerType: 'ToPhoneNumber',
      TriggerValue: '+15550177',
      TargetApplications: [{ SipMediaApplicationId: application, Priority: 1, AwsRegion: 'us-east-1' }],
    })
    expect(rule.status).toBe(201)

    const phone = await createPhone({ server: server.sipAddress, user: line.number.slice(1), password: line.password })
    onTestFinished(() => phone.close())
    const refused = await phone.call('+15550177')
    expect(await refused.ended()).toMatchObject({ how: 'refusal', status: 486 })

    await phone.register()
    const placed = await ask('create_sip_media_application_call', {
      SipMediaApplicationId: application,
      FromPhoneNumber: '+15550177',
      ToPhoneNumber: line.number,
      ArgumentsMap: { why: 'a reminder' },
    })
    expect(placed.status).toBe(201)
    const transaction = placed.answer.SipMediaApplicationCall.TransactionId
    const call = await phone.incoming()
    await call.answer()
    await until('the answer is told', () => endpoint.types(transaction).includes('CALL_ANSWERED'))
    const update = { SipMediaApplicationId: application, TransactionId: transaction, Arguments: { leave: 'now' } }
    expect((await ask('update_sip_media_application_call', update)).status).toBe(202)
    expect(await call.ended()).toMatchObject({ by: 'them', how: 'BYE' })
    await until('the end is told', () => endpoint.types(transaction).includes('HANGUP'))
    expect(await ask('update_sip_media_application_call', update)).toEqual({
      status: 404,
      error: 'NotFoundException',
      code: 'NotFoundException',
    })
  })

  it('with a wrong secret is refused', async () => {
    const { ask } = await stage('another-secret-altogether')
    expect(await ask('list_sip_rules', {})).toMatchObject({
      status: 403,
      code: expect.stringMatching(/InvalidSignature/),
    })
  })
})
