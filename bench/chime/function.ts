/**
 * The function that a benchmark measures: lets calls be, and refuses those to 486. It tells the benchmark, by a datagram to `REPORT_PORT`, of
 * every invocation, and of the moment at which it gave its answer. In whatever process it runs, the clock is the machine's one monotonic one.
 */
import { createSocket } from 'node:dgram'
import { moment } from '../machine/time.ts'

type Event = Readonly<{
  InvocationEventType: string
  CallDetails: Readonly<{ Participants: readonly Readonly<{ From: string; To: string }>[] }>
}>

/** Milliseconds of `moment`. */
export type Report = Readonly<{ type: string; from: string; invoked: number; answered: number }>

export const refused = '486'
/** These wait in a Pause without end, so that the function is told of the action first when they hang up; others have no action. */
export const paused = '200'

const socket = createSocket('udp4').unref()
/** What the machine takes for a datagram there and back: what comes is sent back. */
socket.on('message', (bytes, { port }) => socket.send(bytes, port, '127.0.0.1'))
const port = Number(process.env.REPORT_PORT)

export async function handler(event: Event): Promise<unknown> {
  const invoked = moment()
  const type = event.InvocationEventType
  const { From: from, To: to } = event.CallDetails.Participants[0]!
  const answer = { SchemaVersion: '1.0', Actions: type === 'NEW_INBOUND_CALL' ? begin(to) : [] }
  const answered = moment()
  // Once the answer has left, so that telling of it costs it nothing.
  setTimeout(
    () => socket.send(JSON.stringify({ type, from, invoked, answered } satisfies Report), port, '127.0.0.1'),
    1,
  )
  return answer
}

function begin(to: string): readonly unknown[] {
  if (to === refused) return [{ Type: 'Hangup', Parameters: { SipResponseCode: '486' } }]
  const speak = { Type: 'Speak', Parameters: { Text: 'Hello' } }
  if (to !== paused) return [speak]
  return [speak, { Type: 'Pause', Parameters: { DurationInMilliseconds: '3600000' } }]
}
