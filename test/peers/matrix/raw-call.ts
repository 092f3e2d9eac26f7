/** One party of a call that has no client: every event is written by hand, right or wrong. */
import { randomUUID } from 'node:crypto'
import { offerNobody, type RawUser, type RoomEvent } from './raw-user.ts'

export type RawParty = Readonly<{ callId?: string; party?: string | null; version?: unknown }>

export class RawCall {
  readonly user: RawUser
  readonly room: string
  readonly callId: string
  readonly party: string | null
  readonly version: unknown

  constructor(user: RawUser, room: string, { callId, party = 'RAW', version = '1' }: RawParty = {}) {
    this.user = user
    this.room = room
    this.callId = callId ?? randomUUID()
    this.party = party
    this.version = version
  }

  /** The same call, as another party of the same or of another user sees it. */
  as(user: RawUser, party: string | null): RawCall {
    return new RawCall(user, this.room, { callId: this.callId, party, version: this.version })
  }

  content(own: Readonly<Record<string, unknown>>): Record<string, unknown> {
    const party = this.party === null ? {} : { party_id: this.party }
    return { call_id: this.callId, version: this.version, ...party, ...own }
  }

  send(kind: string, own: Readonly<Record<string, unknown>> = {}): Promise<string> {
    return this.user.send(this.room, `m.call.${kind}`, this.content(own))
  }

  invite(own: Readonly<Record<string, unknown>> = {}): Promise<string> {
    return this.send('invite', { lifetime: 60_000, offer: { type: 'offer', sdp: offerNobody() }, ...own })
  }

  /** Accepts the call with a description of somebody who will never be found. */
  answer(): Promise<string> {
    return this.send('answer', { answer: { type: 'answer', sdp: offerNobody('active') } })
  }

  hangup(reason?: unknown): Promise<string> {
    return this.send('hangup', reason === undefined ? {} : { reason })
  }

  /** What others said of this call, in order. */
  async others(kind?: string): Promise<RoomEvent[]> {
    const events = await this.user.callEvents(this.room, this.callId)
    return events.filter(
      ({ sender, type }) => sender !== this.user.userId && (kind === undefined || type === `m.call.${kind}`),
    )
  }

  /** The first event of a kind from somebody else. */
  heard(kind: string, limit?: number): Promise<RoomEvent> {
    return this.user.event(
      `m.call.${kind} of ${this.callId}`,
      this.room,
      ({ type, sender, content }) =>
        type === `m.call.${kind}` && sender !== this.user.userId && content.call_id === this.callId,
      limit,
    )
  }
}
