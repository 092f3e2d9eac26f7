import type { Negotiated } from '../../src/media/index.ts'

/** What two ends on loopback agree on: the far one's port is the only difference. */
export const agreed = (port: number): Negotiated => ({
  codec: 'PCMU',
  payloadType: 0,
  dtmfPayloadType: 101,
  address: '127.0.0.1',
  port,
  rtcpAddress: '127.0.0.1',
  rtcpPort: port + 1,
  direction: 'sendrecv',
  ptime: 20,
})
