import type { LambdaClient } from '@aws-sdk/client-lambda'
import { failed, type Instance, type Job, mostBytes, type Outcome } from '../instance.ts'
import type { ArnSettings } from '../settings.ts'
import { wordsOf } from './endpoint.ts'
import { readInvocation } from './read-invocation.ts'

type Sdk = Pick<typeof import('@aws-sdk/client-lambda'), 'LambdaClient' | 'InvokeCommand'>

export type Aws = Readonly<{
  start(): Instance
  close(): void
}>

const missing =
  'functions on AWS need the package @aws-sdk/client-lambda, which is not installed beside Onhook: npm install @aws-sdk/client-lambda'

/** Functions on AWS, by AWS's own client: its credentials, its region, its endpoint variables. Retries are the caller's alone. */
export function openAws(
  settings: ArnSettings,
  region: string,
  load: () => Promise<Sdk> = () => import('@aws-sdk/client-lambda'),
): Aws {
  let client: Promise<{ sdk: Sdk; client: LambdaClient }> | undefined

  async function connect() {
    const sdk = await load().catch((fault: unknown) => {
      throw new Error(notInstalled(fault) ? missing : `@aws-sdk/client-lambda cannot be loaded: ${wordsOf(fault)}`)
    })
    const { endpoint } = settings
    const made = new sdk.LambdaClient({
      region: settings.region ?? settings.arn.split(':')[3] ?? region,
      maxAttempts: 1,
      ...(endpoint === undefined ? {} : { endpoint }),
    })
    return { sdk, client: made }
  }

  return {
    start() {
      client ??= connect()
      const connected = client
      connected.catch(() => {
        client = undefined
      })
      const stop = new AbortController()
      let under: Promise<Outcome> | undefined
      return {
        ready: connected.then(() => {}),
        gone: new Promise(() => {}),
        invoke(job) {
          under = connected.then(({ sdk, client }) => send(sdk, client, settings.arn, job, stop.signal))
          return under
        },
        async end() {
          stop.abort()
          await under
        },
      }
    },
    close() {
      client?.then(
        ({ client }) => client.destroy(),
        () => {},
      )
    },
  }
}

async function send(
  sdk: Sdk,
  client: LambdaClient,
  name: string,
  job: Job,
  abortSignal: AbortSignal,
): Promise<Outcome> {
  try {
    const command = new sdk.InvokeCommand({
      FunctionName: name,
      InvocationType: 'RequestResponse',
      Payload: Buffer.from(job.event),
    })
    const answer = await client.send(command, { abortSignal })
    const { length = 0 } = answer.Payload ?? {}
    if (length > mostBytes) return failed('too-large', `its answer has ${length} bytes, of at most ${mostBytes}`)
    return readInvocation({
      status: answer.StatusCode ?? 200,
      functionError: answer.FunctionError,
      text: answer.Payload?.transformToString() ?? '',
    })
  } catch (fault) {
    const { name = '', $metadata } = (fault ?? {}) as { name?: string; $metadata?: { httpStatusCode?: number } }
    const status = $metadata?.httpStatusCode
    const words = wordsOf(fault)
    if (status !== undefined)
      return readInvocation({
        status: status < 300 ? 500 : status,
        errorType: name,
        text: JSON.stringify({ message: words }),
      })
    if (name === 'CredentialsProviderError') return failed('denied', `no credentials for AWS: ${words}`)
    return failed('unreachable', words)
  }
}

function notInstalled(fault: unknown): boolean {
  return (
    fault instanceof Error &&
    'code' in fault &&
    fault.code === 'ERR_MODULE_NOT_FOUND' &&
    fault.message.includes('client-lambda')
  )
}
