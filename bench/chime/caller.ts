/**
 * The phones of the handler's benchmark, in a thread of their own: messages from templates and nothing else, so that it is not the phone that is
 * measured. Every moment is noted where it arises: right before the bytes are handed to the system, and as soon as they come from it.
 * `workerData`: the server's SIP port on 127.0.0.1. Takes `Order`, and tells `Fact`.
 */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { parentPort, workerData } from 'node:worker_threads'
import { moment } from '../machine/time.ts'

/** `call`: an INVITE from that number, which no other call has · `hangup`: its BYE · `ping`: a datagram to that port, which sends it back. */
export type Order = Readonly<
  { type: 'call'; from: string; to: string } | { type: 'hangup'; from: string } | { type: 'ping'; port: number }
>

/** `at` in milliseconds of `moment`. */
export type Fact =
  | Readonly<{ type: 'ready' }>
  /** A final response has come. The call stands if the status is 200. */
  | Readonly<{ type: 'answered'; from: string; status: number; at: number }>
  /** The BYE leaves. */
  | Readonly<{ type: 'hung-up'; from: string; at: number }>
  /** It is back, after so many milliseconds. */
  | Readonly<{ type: 'pong'; milliseconds: number }>

type Call = { readonly to: string; stage: 'calling' | 'over' | 'standing'; theirs: string; target: string }

const server = Number(workerData)
const calls = new Map<string, Call>()
const socket = createSocket('udp4')
socket.bind(0, '127.0.0.1')
await once(socket, 'listening')
socket.connect(server, '127.0.0.1')
await once(socket, 'connect')
const { port } = socket.address()
const here = `127.0.0.1:${port}`
const description = [
  'v=0',
  'o=- 1 1 IN IP4 127.0.0.1',
  's=-',
  'c=IN IP4 127.0.0.1',
  't=0 0',
  'm=audio 9 RTP/AVP 0',
  'a=inactive',
  '',
].join('\r\n')

function tell(fact: Fact): void {
  parentPort?.postMessage(fact)
}

function request(method: 'INVITE' | 'ACK' | 'BYE', from: string, { to, theirs, target }: Call, branch: string): Buffer {
  const number = method === 'BYE' ? 2 : 1
  const body = method === 'INVITE' ? description : ''
  return Buffer.from(
    [
      `${method} ${target} SIP/2.0`,
      `Via: SIP/2.0/UDP ${here};branch=z9hG4bK${branch}`,
      'Max-Forwards: 70',
      `From: <sip:${from}@${here}>;tag=${from.slice(1)}`,
      `To: <sip:${to}@127.0.0.1:${server}>${theirs}`,
      `Call-ID: ${from.slice(1)}`,
      `CSeq: ${number} ${method}`,
      `Contact: <sip:${here}>`,
      ...(body === '' ? [] : ['Content-Type: application/sdp']),
      `Content-Length: ${body.length}`,
      '',
      body,
    ].join('\r\n'),
  )
}

function begin(from: string, to: string): void {
  const call: Call = { to, stage: 'calling', theirs: '', target: `sip:${to}@127.0.0.1:${server}` }
  calls.set(from, call)
  socket.send(request('INVITE', from, call, `i${from.slice(1)}`))
}

function hangUp(from: string): void {
  const bye = request('BYE', from, calls.get(from)!, `b${from.slice(1)}`)
  calls.delete(from)
  const at = moment()
  socket.send(bye)
  tell({ type: 'hung-up', from, at })
}

socket.on('message', (bytes) => {
  const at = moment()
  const text = bytes.toString('latin1')
  if (!text.startsWith('SIP/2.0 ')) return respond(text)
  const status = Number(text.slice(8, 11))
  const method = /^CSeq: *\d+ (\w+)/im.exec(text)?.[1]
  const from = `+${/^Call-ID: *(\S+)/im.exec(text)?.[1]}`
  const call = calls.get(from)
  if (status < 200 || method !== 'INVITE' || call === undefined) return
  const first = call.stage === 'calling'
  call.theirs = /^To:[^\r]*(;tag=[^\r;]+)/im.exec(text)?.[1] ?? ''
  if (status < 300) {
    call.stage = 'standing'
    call.target = /^Contact: *<([^>]+)>/im.exec(text)?.[1] ?? call.target
    socket.send(request('ACK', from, call, `a${from.slice(1)}`))
  } else {
    call.stage = 'over'
    socket.send(request('ACK', from, call, `i${from.slice(1)}`))
  }
  if (first) tell({ type: 'answered', from, status, at })
})

/** Whatever the server asks is granted: it only hangs up, at the end. */
function respond(text: string): void {
  if (text.startsWith('ACK ')) return
  const copied = text.split('\r\n').filter((line) => /^(Via|From|To|Call-ID|CSeq):/i.test(line))
  socket.send(['SIP/2.0 200 OK', ...copied, 'Content-Length: 0', '', ''].join('\r\n'))
}

const pinging = createSocket('udp4')
let pinged = 0
pinging.on('message', () => tell({ type: 'pong', milliseconds: moment() - pinged }))

function ping(port: number): void {
  pinged = moment()
  pinging.send('ping', port, '127.0.0.1')
}

parentPort?.on('message', (order: Order) => {
  switch (order.type) {
    case 'call':
      return begin(order.from, order.to)
    case 'hangup':
      return hangUp(order.from)
    case 'ping':
      return ping(order.port)
  }
})
tell({ type: 'ready' })
