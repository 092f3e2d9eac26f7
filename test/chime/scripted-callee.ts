/** A callee of one socket, which answers each request as the test says: it may be late, rude, or wrong. */
import { createSocket } from 'node:dgram'
import { onTestFinished } from 'vitest'

export type Heard = Readonly<{ method: string; headers: (name: string) => string; text: string }>

export type ScriptedCallee = Readonly<{
  /** `host:port` */
  address: string
  /** Methods of requests, in order; retransmissions left out. */
  heard: readonly string[]
  requests: readonly Heard[]
}>

type Respond = (status: number, phrase: string, options?: { to?: Heard; sdp?: boolean }) => void

/** @param play what it does with each request, beside writing it down. */
export async function scriptedCallee(play: (request: Heard, respond: Respond) => void): Promise<ScriptedCallee> {
  const socket = createSocket('udp4')
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
  onTestFinished(() => void socket.close())
  const { port } = socket.address()
  const requests: Heard[] = []
  const seen = new Set<string>()
  socket.on('message', (datagram, { port: from, address }) => {
    const text = datagram.toString()
    if (text.startsWith('SIP/2.0')) return
    const headers = (name: string) => new RegExp(`^${name}:\\s*(.*?)\\r?$`, 'im').exec(text)?.[1] ?? ''
    const request: Heard = { method: text.split(' ', 1)[0]!, headers, text }
    const key = `${headers('Via')} ${headers('CSeq')}`
    if (!seen.has(key)) requests.push(request)
    seen.add(key)
    play(request, (status, phrase, { to = request, sdp = false } = {}) => {
      const body = sdp
        ? `v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio ${port} RTP/AVP 0\r\n`
        : ''
      const lines = [
        `SIP/2.0 ${status} ${phrase}`,
        ...[...to.text.matchAll(/^Via:.*?(?=\r?$)/gim)].map(([line]) => line),
        `From: ${to.headers('From')}`,
        `To: ${to.headers('To').replace(/;tag=.*/, '')}${status === 100 ? '' : ';tag=scripted'}`,
        `Call-ID: ${to.headers('Call-ID')}`,
        `CSeq: ${to.headers('CSeq')}`,
        `Contact: <sip:callee@127.0.0.1:${port}>`,
        ...(sdp ? ['Content-Type: application/sdp'] : []),
        `Content-Length: ${body.length}`,
      ]
      socket.send(`${lines.join('\r\n')}\r\n\r\n${body}`, from, address)
    })
  })
  return {
    address: `127.0.0.1:${port}`,
    requests,
    get heard() {
      return requests.map(({ method }) => method)
    },
  }
}
