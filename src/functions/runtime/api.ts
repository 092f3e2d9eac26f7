/** The Lambda Runtime API (2018-06-01) for one program: it asks for events, and posts what came of them. */
import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { failed, type Job, mostBytes, type Outcome } from '../instance.ts'
import { faultOf } from './fault.ts'

export interface RuntimeApi {
  /** `127.0.0.1:PORT`, for `AWS_LAMBDA_RUNTIME_API`. */
  readonly address: Promise<string>
  /** The program asked for its first event. Rejects with what it said to `init/error`. */
  readonly ready: Promise<void>
  invoke(job: Job): Promise<Outcome>
  /** The program is gone, or will be: what is under way fails for this reason. */
  abandon(why: string): void
  close(): Promise<void>
}

type Current = { job: Job; settle(outcome: Outcome): void; given: boolean }

const base = '/2018-06-01/runtime/'

export function openRuntimeApi(arn: string): RuntimeApi {
  const ready = Promise.withResolvers<void>()
  ready.promise.catch(() => {})
  /** The program's question that waits for an event. */
  let asking: ServerResponse | undefined
  let current: Current | undefined

  function settle(id: string, outcome: Outcome): void {
    if (current?.job.id !== id) return
    const { settle } = current
    current = undefined
    settle(outcome)
  }

  function give(): void {
    if (asking === undefined || current === undefined || current.given) return
    const reply = asking
    asking = undefined
    const { id, event, milliseconds } = current.job
    current.given = true
    reply.writeHead(200, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(event),
      'lambda-runtime-aws-request-id': id,
      // The program compares it with the system's clock, whatever ours is.
      'lambda-runtime-deadline-ms': String(Date.now() + milliseconds),
      'lambda-runtime-invoked-function-arn': arn,
      'lambda-runtime-trace-id': traceOf(id),
    })
    reply.end(event)
  }

  function next(reply: ServerResponse): void {
    if (asking !== undefined) return refuse(reply, 403, 'InvalidStateTransition', 'one question waits already')
    ready.resolve()
    if (current?.given)
      settle(current.job.id, failed('function', 'it asked for the next event and had not answered this one'))
    asking = reply
    reply.once('close', () => {
      if (asking === reply) asking = undefined
    })
    give()
  }

  async function answer(id: string, isFault: boolean, request: IncomingMessage, reply: ServerResponse): Promise<void> {
    if (current?.job.id !== id || !current.given) {
      request.resume()
      return refuse(reply, 400, 'InvalidRequestID', 'Invalid request ID')
    }
    const text = await read(request)
    if (text === undefined) {
      const detail = `its answer has more than ${mostBytes} bytes`
      settle(id, failed('too-large', detail))
      return refuse(reply, 413, 'RequestEntityTooLarge', detail)
    }
    const late = request.trailers['lambda-runtime-function-error-type']
    if (isFault) settle(id, failed('function', faultOf(text, request.headers['lambda-runtime-function-error-type'])))
    else if (late !== undefined) settle(id, failed('function', late))
    else settle(id, { ok: true, text })
    accept(reply)
  }

  async function route(request: IncomingMessage, reply: ServerResponse): Promise<void> {
    const path = (request.url ?? '').split('?')[0] as string
    if (!path.startsWith(base)) return refuse(reply, 404, 'NotFound', 'no such resource')
    const parts = path.slice(base.length).split('/')
    const question = `${request.method} ${parts[0]}/${parts.length === 2 ? parts[1] : `:/${parts.slice(2).join('/')}`}`
    switch (question) {
      case 'GET invocation/next':
        return next(reply)
      case 'POST invocation/:/response':
      case 'POST invocation/:/error':
        return answer(decodeURIComponent(parts[1] as string), parts[2] === 'error', request, reply)
      case 'POST init/error': {
        const text = await read(request)
        ready.reject(new Error(faultOf(text ?? '', request.headers['lambda-runtime-function-error-type'])))
        return accept(reply)
      }
      default:
        request.resume()
        return refuse(reply, 404, 'NotFound', 'no such resource')
    }
  }

  const server = createServer({ requestTimeout: 0, keepAliveTimeout: 0 }, (request, reply) => {
    route(request, reply).catch(() => {
      // The connection broke, or the path cannot be decoded. The program has it to say again.
      if (reply.headersSent) reply.destroy()
      else refuse(reply, 400, 'InvalidRequest', 'the request cannot be read')
    })
  })
  const address = new Promise<string>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => resolve(`127.0.0.1:${(server.address() as AddressInfo).port}`))
  })

  return {
    address,
    ready: ready.promise,
    invoke(job) {
      const { promise, resolve } = Promise.withResolvers<Outcome>()
      current = { job, settle: resolve, given: false }
      give()
      return promise
    },
    abandon(why) {
      ready.reject(new Error(why))
      if (current !== undefined) settle(current.job.id, { ...failed('function', why), last: true })
    },
    async close() {
      await address.catch(() => {})
      await new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
    },
  }
}

function accept(reply: ServerResponse): void {
  reply.writeHead(202, { 'content-type': 'application/json' }).end('{"status":"OK"}\n')
}

function refuse(reply: ServerResponse, status: number, errorType: string, errorMessage: string): void {
  reply.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ errorMessage, errorType }))
}

/** @returns undefined if it is longer than may be; it is read to its end all the same, so that the refusal is heard. */
async function read(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes <= mostBytes) chunks.push(chunk)
  }
  return bytes > mostBytes ? undefined : Buffer.concat(chunks).toString('utf8')
}

/** In X-Ray's form; the same for every attempt at one request. */
function traceOf(id: string): string {
  const hash = createHash('sha256').update(id).digest('hex')
  return `Root=1-${hash.slice(0, 8)}-${hash.slice(8, 32)};Parent=${hash.slice(32, 48)};Sampled=0`
}
