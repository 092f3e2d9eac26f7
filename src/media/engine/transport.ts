import type { RtpPacket } from '../rtp/packet.ts'

/** What carries a stream's packets: a pair of UDP ports, or a WebRTC peer. It knows addresses and keys; the stream knows none. */
export interface Transport {
  /** Whether control packets have a way. */
  readonly control: boolean
  /** Where what is heard goes. Called once, before anything else. */
  listen(ear: Ear): void
  /** RTP. The packet's bytes may change after the call. */
  send(packet: Uint8Array): void
  /** RTCP. */
  sendControl(packet: Uint8Array): void
  /** Nothing is sent or heard after this. Calls back when the sockets are free, or kept for the next one. */
  close(freed: () => void): void
}

/** Where a transport's packets go. Only those from the right far end come here. */
export interface Ear {
  /** Whether such a payload was agreed: others prove nothing about who sent them. */
  knows(payloadType: number): boolean
  /** @param now monotonic milliseconds. */
  heardRtp(packet: RtpPacket, now: number): void
  heardRtcp(datagram: Uint8Array, now: number): void
}
