/** A Matrix user without a client: sends any event, by the letter of the client API, and reads what the room holds. */
import { randomUUID } from 'node:crypto'
import { request } from 'undici'
import { patience, until } from '../waiting.ts'
import type { Account, Synapse } from './synapse.ts'

export type RoomEvent = Readonly<{
  event_id: string
  type: string
  sender: string
  origin_server_ts: number
  state_key?: string
  content: Readonly<Record<string, unknown>>
}>

export class RawUser {
  readonly account: Account
  readonly #synapse: Synapse

  constructor(synapse: Synapse, account: Account) {
    this.#synapse = synapse
    this.account = account
  }

  get userId(): string {
    return this.account.userId
  }

  async #ask<T>(method: 'GET' | 'PUT' | 'POST', path: string, body?: unknown): Promise<T> {
    const { statusCode, body: answer } = await request(`${this.#synapse.url}/_matrix/client/v3${path}`, {
      method,
      reset: true,
      headers: { authorization: `Bearer ${this.account.accessToken}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    if (statusCode !== 200) throw new Error(`${method} ${path}: ${statusCode} ${text}`)
    return JSON.parse(text) as T
  }

  /** A room of the two; encrypted if asked. */
  async createRoom(invite: readonly string[], options: { encrypted?: boolean } = {}): Promise<string> {
    const state =
      options.encrypted === true
        ? [{ type: 'm.room.encryption', state_key: '', content: { algorithm: 'm.megolm.v1.aes-sha2' } }]
        : []
    const { room_id } = await this.#ask<{ room_id: string }>('POST', '/createRoom', {
      is_direct: true,
      preset: 'trusted_private_chat',
      invite,
      initial_state: state,
    })
    return room_id
  }

  async join(room: string): Promise<void> {
    await this.#ask('POST', `/join/${encodeURIComponent(room)}`, {})
  }

  async leave(room: string): Promise<void> {
    await this.#ask('POST', `/rooms/${encodeURIComponent(room)}/leave`, {})
  }

  async invite(room: string, user: string): Promise<void> {
    await this.#ask('POST', `/rooms/${encodeURIComponent(room)}/invite`, { user_id: user })
  }

  /** Gives the event's id. */
  async send(room: string, type: string, content: Readonly<Record<string, unknown>>): Promise<string> {
    const path = `/rooms/${encodeURIComponent(room)}/send/${type}/${randomUUID()}`
    return (await this.#ask<{ event_id: string }>('PUT', path, content)).event_id
  }

  /** The latest events of a room, oldest first. */
  async timeline(room: string): Promise<RoomEvent[]> {
    const path = `/rooms/${encodeURIComponent(room)}/messages?dir=b&limit=200`
    return (await this.#ask<{ chunk: RoomEvent[] }>('GET', path)).chunk.reverse()
  }

  /** Events of a call, oldest first: type without `m.call.`, and who sent it. */
  async callEvents(room: string, callId: string): Promise<RoomEvent[]> {
    return (await this.timeline(room)).filter(({ content }) => content.call_id === callId)
  }

  /** Rooms that it is in. */
  async rooms(): Promise<string[]> {
    return (await this.#ask<{ joined_rooms: string[] }>('GET', '/joined_rooms')).joined_rooms
  }

  /** Rooms that it was invited to. */
  async invites(): Promise<string[]> {
    const { rooms } = await this.#ask<{ rooms?: { invite?: Record<string, unknown> } }>('GET', '/sync?timeout=0')
    return Object.keys(rooms?.invite ?? {})
  }

  async members(room: string): Promise<string[]> {
    const path = `/rooms/${encodeURIComponent(room)}/joined_members`
    return Object.keys((await this.#ask<{ joined: Record<string, unknown> }>('GET', path)).joined)
  }

  /** The first event of a room that fits. */
  event(what: string, room: string, fits: (event: RoomEvent) => boolean, limit = patience): Promise<RoomEvent> {
    let last: RoomEvent[] = []
    return until(
      () =>
        `${what}; in the room:\n${last.map(({ type, sender, content }) => `${sender} ${type} ${JSON.stringify(content).slice(0, 200)}`).join('\n')}`,
      async () => {
        last = await this.timeline(room)
        return last.find(fits)
      },
      limit,
    )
  }
}

/** A description as libwebrtc writes it, of somebody who will never be found. */
export function offerNobody(setup: 'actpass' | 'active' = 'actpass'): string {
  const fingerprint = Array.from({ length: 32 }, (_, index) =>
    (index * 7).toString(16).padStart(2, '0').toUpperCase(),
  ).join(':')
  return [
    'v=0',
    'o=- 4611731400430051336 2 IN IP4 127.0.0.1',
    's=-',
    't=0 0',
    'a=group:BUNDLE 0',
    'a=extmap-allow-mixed',
    'a=msid-semantic: WMS stream',
    'm=audio 9 UDP/TLS/RTP/SAVPF 111 0 8 110 126',
    'c=IN IP4 0.0.0.0',
    'a=rtcp:9 IN IP4 0.0.0.0',
    'a=ice-ufrag:abcd',
    'a=ice-pwd:abcdefghijklmnopqrstuvwx',
    'a=ice-options:trickle',
    `a=fingerprint:sha-256 ${fingerprint}`,
    `a=setup:${setup}`,
    'a=mid:0',
    'a=sendrecv',
    'a=msid:stream track',
    'a=rtcp-mux',
    'a=rtpmap:111 opus/48000/2',
    'a=fmtp:111 minptime=10;useinbandfec=1',
    'a=rtpmap:0 PCMU/8000',
    'a=rtpmap:8 PCMA/8000',
    'a=rtpmap:110 telephone-event/48000',
    'a=rtpmap:126 telephone-event/8000',
    'a=ssrc:1001 cname:nobody',
    '',
  ].join('\r\n')
}
