/** What a handler gets beside its event. Names and meanings are AWS's. */

type Settle = (fault: unknown, value?: unknown) => void

export type Told = Readonly<{ id: string; milliseconds: number; arn: string }>

export function contextOf({ id, milliseconds, arn }: Told, settle: Settle) {
  const { env } = process
  const begun = performance.now()
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION,
    invokedFunctionArn: arn,
    memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    awsRequestId: id,
    logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME,
    identity: undefined,
    clientContext: undefined,
    getRemainingTimeInMillis: () => Math.max(0, Math.floor(milliseconds - (performance.now() - begun))),
    done: settle,
    succeed: (value: unknown) => settle(null, value),
    fail: (fault: unknown) => settle(fault ?? new Error('context.fail was called without a reason')),
  }
}
