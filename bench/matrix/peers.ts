/** WebRTC parties with sound, in a thread of their own: what they do must not delay who measures. Started by `Parties`. */
import { createSocket } from 'node:dgram'
import { parentPort } from 'node:worker_threads'
import { MediaStreamTrack, RTCPeerConnection, RTCRtpCodecParameters, RtpHeader, RtpPacket } from 'werift'

export type ToPeers =
  | Readonly<{ do: 'offer'; call: string }>
  | Readonly<{ do: 'answer'; call: string; sdp: string }>
  | Readonly<{ do: 'candidates'; call: string; candidates: readonly Readonly<Record<string, unknown>>[] }>
  | Readonly<{ do: 'end'; call: string }>
  /** Datagrams to this port are sent back. */
  | Readonly<{ do: 'probe'; port: number }>
  | Readonly<{ do: 'report' }>

export type FromPeers =
  | Readonly<{ is: 'offer'; call: string; sdp: string }>
  | Readonly<{ is: 'connected'; call: string }>
  /** Milliseconds there and back of each packet whose echo came, ascending; the same of datagrams that never saw Onhook; how many packets were sent. */
  | Readonly<{ is: 'report'; trips: readonly number[]; plain: readonly number[]; sent: number; lost: number }>

const port = parentPort!
const say = (message: FromPeers) => port.postMessage(message)
const packetTime = 20
const length = 160

type Party = {
  readonly connection: RTCPeerConnection
  readonly track: MediaStreamTrack
  ticker: NodeJS.Timeout | undefined
  /** When each payload left. */
  readonly left: Map<string, number>
}

const parties = new Map<string, Party>()
let trips: number[] = []
let plain: number[] = []
let sent = 0
let lost = 0
/** Unique in each packet, and as loud as speech. */
let stamp = 0

async function offer(call: string): Promise<void> {
  const connection = new RTCPeerConnection({
    codecs: {
      audio: [new RTCRtpCodecParameters({ mimeType: 'audio/PCMU', clockRate: 8000, channels: 1, payloadType: 0 })],
    },
    iceServers: [],
    iceUseIpv6: false,
    iceUseTcp: false,
    iceAdditionalHostAddresses: ['127.0.0.1'],
  })
  const track = new MediaStreamTrack({ kind: 'audio' })
  const party: Party = { connection, track, ticker: undefined, left: new Map() }
  parties.set(call, party)
  connection.addTransceiver(track, { direction: 'sendrecv' })
  connection.onTrack.subscribe((heard) => {
    heard.onReceiveRtp.subscribe((packet) => hear(party, packet.payload))
  })
  connection.connectionStateChange.subscribe((state) => {
    if (state !== 'connected' || party.ticker !== undefined) return
    say({ is: 'connected', call })
    speak(party)
  })
  await connection.setLocalDescription(await connection.createOffer())
  say({ is: 'offer', call, sdp: connection.localDescription!.sdp })
}

function speak(party: Party): void {
  let due = performance.now()
  let sequence = 1
  let timestamp = 0
  party.ticker = setInterval(() => {
    const at = performance.now()
    if (at - due > 10 * packetTime) due = at
    for (; due <= at; due += packetTime) {
      const payload = Buffer.alloc(length, 0x55)
      payload.writeUInt32BE(stamp++, 0)
      party.left.set(key(payload), performance.now())
      sent++
      const header = new RtpHeader({
        payloadType: 0,
        sequenceNumber: sequence++ & 0xffff,
        timestamp: timestamp >>> 0,
        marker: sequence === 2,
      })
      timestamp += length
      party.track.writeRtp(new RtpPacket(header, payload))
    }
  }, packetTime)
}

const key = (payload: Buffer) => payload.toString('latin1', 0, 4)

function hear(party: Party, payload: Buffer): void {
  const at = performance.now()
  const left = party.left.get(key(payload))
  if (left === undefined) return
  party.left.delete(key(payload))
  trips.push(at - left)
}

async function end(call: string): Promise<void> {
  const party = parties.get(call)
  if (party === undefined) return
  parties.delete(call)
  clearInterval(party.ticker)
  // What is still on its way is not lost.
  const young = performance.now() - 500
  for (const at of party.left.values()) if (at < young) lost++
  await party.connection.close()
}

/** As often as a call's sound, from this same thread. */
function probe(echo: number): void {
  const socket = createSocket('udp4')
  const stamped = Buffer.alloc(12 + length)
  socket.on('message', (datagram) => plain.push(performance.now() - datagram.readDoubleLE(0)))
  setInterval(() => {
    stamped.writeDoubleLE(performance.now(), 0)
    socket.send(stamped, echo, '127.0.0.1')
  }, packetTime)
}

port.on('message', async (message: ToPeers) => {
  switch (message.do) {
    case 'offer':
      return offer(message.call)
    case 'answer':
      return parties.get(message.call)?.connection.setRemoteDescription({ type: 'answer', sdp: message.sdp })
    case 'candidates':
      for (const each of message.candidates) {
        if (each.candidate !== '') await parties.get(message.call)?.connection.addIceCandidate(each as never)
      }
      return
    case 'end':
      return end(message.call)
    case 'probe':
      return probe(message.port)
    case 'report': {
      const ascending = (times: number[]) => times.sort((a, b) => a - b)
      say({ is: 'report', trips: ascending(trips), plain: ascending(plain), sent, lost })
      trips = []
      plain = []
      sent = 0
      lost = 0
      return
    }
    default:
      return message satisfies never
  }
})
