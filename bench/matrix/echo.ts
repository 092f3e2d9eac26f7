/** Sends back what comes: what a datagram of the users' thread takes without Onhook. A thread of its own, which does nothing else. */
import { createSocket } from 'node:dgram'
import { parentPort } from 'node:worker_threads'

const socket = createSocket('udp4')
socket.on('message', (datagram, { address, port }) => socket.send(datagram, port, address))
socket.bind(0, '127.0.0.1', () => parentPort!.postMessage(socket.address().port))
