/** What a JavaScript handler is told beside its event, and what of its surroundings it does not get. */
import { describe, expect, it } from 'vitest'
import { essence, folderWith, functionsOf } from './workbench.ts'

describe('a handler', () => {
  it('gets AWS’s context', async () => {
    const folder = folderWith({
      'index.mjs': `export const handler = async (event, context) => ({ ...context, left: context.getRemainingTimeInMillis() })`,
    })
    const { invoke } = functionsOf(
      { sma: { file: `${folder}/index.mjs`, memory: 256 } },
      { region: 'eu-west-1', account: '123456789012' },
    )
    const result = await invoke('sma', {})
    expect(essence(result)).toEqual({
      ok: true,
      value: {
        callbackWaitsForEmptyEventLoop: true,
        functionName: 'sma',
        functionVersion: '$LATEST',
        invokedFunctionArn: 'arn:aws:lambda:eu-west-1:123456789012:function:sma',
        memoryLimitInMB: '256',
        awsRequestId: 'request-1',
        logGroupName: '/aws/lambda/sma',
        logStreamName: '$LATEST',
        left: expect.any(Number),
      },
    })
    expect(result.ok && (result.value as { left: number }).left).toBeLessThanOrEqual(15_000)
  })

  it('gets AWS’s variables, its own, and of ours only what a program needs', async () => {
    const folder = folderWith({ 'index.mjs': 'export const handler = async () => process.env' })
    const { invoke } = functionsOf(
      { sma: { file: `${folder}/index.mjs`, handler: 'index.handler', env: { TABLE: 'calls', TZ: 'Europe/Vienna' } } },
      {
        environment: {
          PATH: process.env.PATH,
          AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
          AWS_REGION: 'eu-central-1',
          ONHOOK_HTTP_TOKEN: 'secret',
          DATABASE_PASSWORD: 'secret',
          NODE_OPTIONS: '--no-warnings',
        },
      },
    )
    expect(essence(await invoke('sma', {}))).toEqual({
      ok: true,
      value: {
        PATH: process.env.PATH,
        AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
        AWS_REGION: 'eu-central-1',
        AWS_DEFAULT_REGION: 'eu-central-1',
        AWS_LAMBDA_FUNCTION_NAME: 'sma',
        AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '512',
        AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
        AWS_LAMBDA_LOG_GROUP_NAME: '/aws/lambda/sma',
        AWS_LAMBDA_LOG_STREAM_NAME: '$LATEST',
        LAMBDA_TASK_ROOT: folder,
        LAMBDA_RUNTIME_DIR: folder,
        LANG: 'en_US.UTF-8',
        _HANDLER: 'index.handler',
        TABLE: 'calls',
        TZ: 'Europe/Vienna',
      },
    })
  })

  it('prints under the ID of its request, in order, before its answer; and not without end', async () => {
    const folder = folderWith({
      'index.mjs': `console.log('loading'); export const handler = async (event) => {
        console.log('first', { n: event.n }); console.error('two\\nlines')
        if (event.much) for (let i = 0; i < 2000; i++) console.log('x'.repeat(1000))
        console.log('y'.repeat(20000)) }`,
    })
    const { invoke, lines } = functionsOf({ it: { file: `${folder}/index.mjs` } })
    await invoke('it', { n: 1 })
    expect(lines).toEqual([
      { function: 'it', stream: 'stdout', text: 'loading' },
      { function: 'it', requestId: 'request-1', stream: 'stdout', text: 'first { n: 1 }' },
      { function: 'it', requestId: 'request-1', stream: 'stderr', text: 'two' },
      { function: 'it', requestId: 'request-1', stream: 'stderr', text: 'lines' },
      { function: 'it', requestId: 'request-1', stream: 'stdout', text: `${'y'.repeat(8192)}…` },
    ])
    lines.length = 0
    await invoke('it', { n: 2, much: true })
    expect(lines.length).toBeLessThan(300)
    expect(lines.at(-1)).toEqual({
      function: 'it',
      requestId: 'request-2',
      stream: 'stdout',
      text: '… more was printed, and left out',
    })
  })
})
