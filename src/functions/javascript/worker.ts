/**
 * The process that a JavaScript handler lives in: loads it once, then runs one job at a time. It ends when its parent does.
 * Arguments: the file, and the handler's name or nothing, the function's ARN.
 */
import { once } from 'node:events'
import { format } from 'node:util'
import { Worker } from 'node:worker_threads'
import { failed, mostBytes } from '../instance.ts'
import { type Answer, type Answering, callHandler } from './answer.ts'
import { describe } from './describe.ts'
import { findHandler } from './find-handler.ts'
import { loadedFiles, loadHandler } from './load.ts'
import type { FromWorker, ToWorker } from './protocol.ts'

const [node = '', , file = '', wanted = '', arn = ''] = process.argv
process.argv = [node, file]

const channel = process.channel
const sendToParent = process.send?.bind(process)
if (channel === undefined || sendToParent === undefined)
  throw new Error('this file is the entry of a function’s process')

function send(message: FromWorker, sent?: () => void): void {
  if (process.connected) sendToParent?.(message, undefined, undefined, sent && (() => sent()))
}

// A handler that loops never hears that its parent is gone, so another thread looks. It leads a group: all that it started goes too.
const guard = new Worker(
  `const parent = process.ppid
  setInterval(() => { if (process.ppid !== parent) process.kill(-process.pid, 'SIGKILL') }, 1000)`,
  { eval: true, env: {} },
)
const guarded = once(guard, 'online').then(() => guard.unref())
process.once('disconnect', () => process.kill(-process.pid, 'SIGKILL'))

let current: { id: string; answering: Answering } | undefined

// Through the channel, so that a line never comes after the answer that it belongs to.
for (const level of ['log', 'info', 'debug', 'warn', 'error', 'trace'] as const) {
  const stream = level === 'warn' || level === 'error' || level === 'trace' ? 'stderr' : 'stdout'
  console[level] = (...args: unknown[]) => {
    const text = format(...args)
    send({ type: 'line', stream, text, ...(current === undefined ? {} : { id: current.id }) })
  }
}

function finish(id: string, answer: Answer): void {
  if (current?.id !== id) return
  current = undefined
  channel?.ref()
  if (!answer.ok) return fault(id, answer.fault, false)
  let text: string | undefined
  try {
    text = JSON.stringify(answer.value)
  } catch (reason) {
    send({ type: 'fault', id, error: 'not-json', detail: describe(reason, file), last: false })
    return
  }
  if (text !== undefined && Buffer.byteLength(text) > mostBytes) {
    const detail = `its answer has ${Buffer.byteLength(text)} bytes, of at most ${mostBytes}`
    send({ type: 'fault', id, error: 'too-large', detail, last: false })
  } else send({ type: 'result', id, ...(text === undefined ? {} : { text }) })
}

function fault(id: string, reason: unknown, last: boolean, sent?: () => void): void {
  send({ type: 'fault', id, error: 'function', detail: failed('function', describe(reason, file)).detail, last }, sent)
}

// As on AWS, what nobody caught ends the process; the job at hand fails with it.
process.on('uncaughtException', (reason) => {
  if (current === undefined) {
    send({ type: 'line', stream: 'stderr', text: `not caught: ${describe(reason, file)}` }, () => process.exit(1))
    return
  }
  const { id } = current
  current = undefined
  fault(id, reason, true, () => process.exit(1))
})

// The channel does not count while a job runs, so an empty event loop shows that nothing more will come.
process.on('beforeExit', () => {
  if (current === undefined) channel.ref()
  else current.answering.idle()
})

try {
  const handler = findHandler(await loadHandler(file), wanted === '' ? undefined : wanted, file)
  process.on('message', ({ id, event, milliseconds }: ToWorker) => {
    channel.unref()
    const job = { id, answering: undefined as unknown as Answering }
    current = job
    job.answering = callHandler(handler, JSON.parse(event), { id, milliseconds, arn })
    void job.answering.answer.then((answer) => finish(id, answer))
  })
  send({ type: 'loaded', files: loadedFiles() })
  // Its thread needs this one to come up.
  await guarded
  send({ type: 'ready' })
} catch (reason) {
  send({ type: 'loaded', files: loadedFiles() })
  send({ type: 'failed', detail: describe(reason, file) }, () => process.exit(1))
}
