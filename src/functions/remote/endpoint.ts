import { Agent } from 'undici'
import type { Clock, Disarm } from '../../switchboard/ports.ts'
import { failed, type Instance, type Job, mostBytes, type Outcome } from '../instance.ts'
import { type Posting, post } from './post.ts'
import { readInvocation } from './read-invocation.ts'

/** The version that stands in every address of Lambda's. */
const invocations = '/2015-03-31/functions/function/invocations'

/** Where to send invocations: the whole address is left as it is; to a base, the emulator's path is added. */
export function invocationUrl(url: string): URL {
  const whole = new URL(url)
  if (!/\/invocations\/?$/.test(whole.pathname)) whole.pathname = whole.pathname.replace(/\/+$/, '') + invocations
  return whole
}

/** The runtime interface emulator knows one function by this name, and breaks when two requests come at once. */
export function isEmulator({ pathname }: URL): boolean {
  return pathname.endsWith(invocations)
}

/** How long an emulator may go on with what nobody waits for any more; its next event would break it. Milliseconds. */
const longestLinger = 30_000

/** Made once: nobody reads where it was made. */
const givenUp = new Error('given up by Onhook')

export type EndpointOptions = Readonly<{ url: URL; agent: Agent; clock: Clock }>

/** One request at a time to a Lambda endpoint. The operator named it, so it may be anywhere. */
export function startEndpoint({ url, agent, clock }: EndpointOptions): Instance {
  const lingers = isEmulator(url)
  const stopped = Promise.withResolvers<void>()
  let life: 'open' | 'stopped' = 'open'
  let posting: Posting | undefined
  let under: Promise<Outcome> | undefined

  async function send(job: Job): Promise<Outcome> {
    if (life === 'stopped') return failed('unreachable', `${url.host}: ${givenUp.message}`)
    const headers = {
      'content-type': 'application/json',
      'x-amz-invocation-type': 'RequestResponse',
      'x-amzn-requestid': job.id,
    }
    posting = post(agent, url, headers, job.event, mostBytes)
    try {
      const { status, headers, text } = await posting.answer
      if (text === undefined) return failed('too-large', `its answer has more than ${mostBytes} bytes`)
      return readInvocation({
        status,
        functionError: one(headers['x-amz-function-error']),
        errorType: one(headers['x-amzn-errortype']),
        text,
      })
    } catch (fault) {
      return failed('unreachable', `${url.host}: ${wordsOf(fault)}`)
    } finally {
      posting = undefined
    }
  }

  function stop(): void {
    life = 'stopped'
    stopped.resolve()
    posting?.giveUp(givenUp)
  }

  return {
    ready: Promise.resolve(),
    gone: new Promise(() => {}),
    invoke(job) {
      under = send(job)
      return under
    },
    async end(why) {
      if (why !== 'closing' && lingers && under !== undefined) {
        let disarm: Disarm | undefined
        const limit = new Promise<void>((resolve) => {
          disarm = clock.alarm(clock.now() + longestLinger, resolve)
        })
        await Promise.race([under, limit, stopped.promise])
        disarm?.()
      }
      stop()
      await under
    },
  }
}

export function endpointAgent(): Agent {
  return new Agent({
    pipelining: 1,
    keepAliveTimeout: 1_500,
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: { timeout: 10_000 },
  })
}

function one(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value
}

/** Node's faults name an address and a port at most. */
export function wordsOf(fault: unknown): string {
  if (!(fault instanceof Error)) return String(fault)
  const code = 'code' in fault && typeof fault.code === 'string' ? fault.code : ''
  const words = fault.message || (fault instanceof AggregateError ? fault.errors.map(wordsOf).join(', ') : '')
  return code === '' || words.includes(code) ? words : [code, words].filter((part) => part).join(': ')
}
