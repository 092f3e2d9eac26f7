/**
 * The way to a function at a Lambda endpoint and back, with nothing between that decides: what comes by datagram is posted, and what the
 * function answers is sent back. Arguments: its own port, the function's URL.
 */
import { createSocket } from 'node:dgram'
import { Agent, request } from 'undici'

const [port, url] = process.argv.slice(2)
const dispatcher = new Agent({ pipelining: 1 })
const event = JSON.stringify({
  SchemaVersion: '1.0',
  InvocationEventType: 'HANGUP',
  CallDetails: { Participants: [{ From: '+15550000000', To: '100' }] },
})
const socket = createSocket('udp4')
socket.on('message', async (_, { port }) => {
  const { body } = await request(url!, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: event,
    dispatcher,
  })
  socket.send(await body.text(), port, '127.0.0.1')
})
socket.bind(Number(port), '127.0.0.1')
