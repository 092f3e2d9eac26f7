import type { MediaSession } from '../face.ts'
import type { Negotiated } from '../sdp/negotiated.ts'
import { Session, type SessionDoor } from './session.ts'

/** A session over a pair of UDP ports. */
export class RtpSession extends Session implements MediaSession {
  readonly localPort: number

  constructor(id: number, localPort: number, door: SessionDoor) {
    super(id, door)
    this.localPort = localPort
  }

  setRemote(negotiated: Negotiated, options: { watch?: boolean } = {}): void {
    const { watch = true } = options
    if (this.open) this.door.send({ type: 'remote', session: this.id, negotiated, watch })
  }
}
