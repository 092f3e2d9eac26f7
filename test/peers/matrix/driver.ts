/**
 * Plays a person at a Matrix client: matrix-js-sdk as it is, with a way to press its buttons and to read its screen.
 * Runs in Node (`client-process.ts`) and in a browser (`page/main.ts`); both bring the microphone and the ear.
 */
import type { MatrixCall, MatrixClient } from 'matrix-js-sdk'

/** What a microphone or a loudspeaker has: samples of the last half second or so, from -1 to 1. */
export type Samples = Readonly<{ samples: ArrayLike<number>; rate: number }>
export type Heard = Readonly<{ /** Root mean square, 0 to 1. */ loudness: number; hertz: number }>

export type Ear = Readonly<{ listen(stream: unknown): () => Samples }>

/** A call as its client shows it. */
export type ShownCall = Readonly<{
  callId: string
  roomId: string
  direction: 'inbound' | 'outbound'
  /** Whether the client announced it: it rang. */
  rang: boolean
  state: string
  /** Every state that it has been in, in order. */
  states: readonly string[]
  opponent: string | null
  hangupReason: string | null
  hangupParty: string | null
  error: string | null
  identity: string | null
  remoteOnHold: boolean
}>

type Held = {
  readonly call: MatrixCall
  rang: boolean
  states: string[]
  error: string | null
  stream: unknown
  listen: (() => Samples) | undefined
}

/** Of the SDK, what both builds of it export; passed in, because a browser loads another one. */
export type Sdk = Pick<typeof import('matrix-js-sdk'), 'createClient' | 'createNewMatrixCall'>

export type Login = Readonly<{
  baseUrl: string
  userId: string
  accessToken: string
  deviceId: string
  /** As behind a firewall that lets nothing through but what a TURN server relays. */
  relayOnly?: boolean
}>

const wait = (milliseconds: number) =>
  new Promise<void>((resolve) =>
    (globalThis.setTimeout as (ring: () => void, after: number) => unknown)(resolve, milliseconds),
  )

export class Driver {
  readonly #sdk: Sdk
  readonly #client: MatrixClient
  readonly #ear: Ear
  readonly #calls = new Map<string, Held>()
  /** Every call event that this client saw, in the order of its sync. */
  readonly #events: { type: string; sender: string; content: unknown; eventId: string }[] = []

  static async start(sdk: Sdk, { relayOnly = false, ...account }: Login, ear: Ear): Promise<Driver> {
    const driver = new Driver(
      sdk,
      sdk.createClient({ ...account, forceTURN: relayOnly, useAuthorizationHeader: true }),
      ear,
    )
    if (relayOnly) hearRelaysOnly()
    await driver.#sync()
    return driver
  }

  private constructor(sdk: Sdk, client: MatrixClient, ear: Ear) {
    this.#sdk = sdk
    this.#client = client
    this.#ear = ear
    // A tone is no voice: what cleans speech of noise would take it away.
    const plain = { autoGainControl: false, echoCancellation: false, noiseSuppression: false }
    void client.getMediaHandler().setAudioSettings(plain)
  }

  async #sync(): Promise<void> {
    const client = this.#client as unknown as {
      on(event: string, listener: (...values: never[]) => void): void
    }
    client.on('Call.incoming', (call: MatrixCall) => {
      this.#hold(call).rang = true
    })
    client.on('received_voip_event', (event: import('matrix-js-sdk').MatrixEvent) => {
      this.#events.push({
        type: event.getType(),
        sender: event.getSender() ?? '',
        content: event.getContent(),
        eventId: event.getId() ?? '',
      })
    })
    const synced = new Promise<void>((resolve) => {
      client.on('sync', (state: string) => {
        if (state === 'PREPARED') resolve()
      })
    })
    await this.#client.startClient({ initialSyncLimit: 20, pollTimeout: 10_000 })
    await synced
  }

  #hold(call: MatrixCall): Held {
    const known = this.#calls.get(call.callId)
    if (known !== undefined && known.call === call) return known
    const held: Held = { call, rang: false, states: [call.state], error: null, stream: undefined, listen: undefined }
    this.#calls.set(call.callId, held)
    const events = call as unknown as { on(event: string, listener: (...values: never[]) => void): void }
    events.on('state', (state: string) => held.states.push(state))
    events.on('error', (error: { code?: string; message?: string }) => {
      held.error = error.code ?? String(error.message ?? error)
    })
    events.on('replaced', (next: MatrixCall) => this.#hold(next))
    events.on('feeds_changed', () => this.#listen(held))
    return held
  }

  #listen(held: Held): void {
    const stream = held.call.remoteUsermediaStream
    // A client that resumes is given another stream.
    if (stream === undefined || stream === held.stream) return
    held.stream = stream
    held.listen = this.#ear.listen(stream)
  }

  #held(callId: string): Held {
    const held = this.#calls.get(callId)
    if (held === undefined) throw new Error(`no call ${callId}`)
    return held
  }

  calls(): ShownCall[] {
    return [...this.#calls.values()].map(({ call, rang, states, error }) => ({
      callId: call.callId,
      roomId: call.roomId,
      direction: call.direction === 'outbound' ? 'outbound' : 'inbound',
      rang,
      state: call.state,
      states,
      opponent: call.getOpponentMember()?.userId ?? call.invitee ?? null,
      hangupReason: call.hangupReason ?? null,
      hangupParty: call.hangupParty ?? null,
      error,
      identity: call.getRemoteAssertedIdentity()?.displayName ?? null,
      remoteOnHold: call.isLocalOnHold(),
    }))
  }

  events() {
    return this.#events
  }

  /** Rings a room; gives the id of the call once the invite was handed over, or the call ended. */
  async place(roomId: string, invitee?: string): Promise<string> {
    const call = this.#sdk.createNewMatrixCall(this.#client, roomId, invitee === undefined ? {} : { invitee })
    if (call === null) throw new Error('this client cannot call')
    const held = this.#hold(call)
    await call.placeVoiceCall()
    for (let waited = 0; !['invite_sent', 'ended'].includes(call.state); waited += 10) {
      if (waited > 15_000) throw new Error(`the invite was not sent: ${held.states}, ${held.error}`)
      await wait(10)
    }
    if (call.hangupReason === 'no_user_media') throw new Error('no microphone')
    return call.callId
  }

  /**
   * As `place`, without waiting for anything to be sent.
   * @param before what the id of the call begins with: `-` makes it lesser than most others, `~` greater than all.
   */
  async begin(roomId: string, { invitee, before = '' }: { invitee?: string; before?: string } = {}): Promise<string> {
    const call = this.#sdk.createNewMatrixCall(this.#client, roomId, invitee === undefined ? {} : { invitee })
    if (call === null) throw new Error('this client cannot call')
    call.callId = `${before}${call.callId}`
    this.#hold(call)
    call.placeVoiceCall().catch(() => {})
    return call.callId
  }

  async answer(callId: string): Promise<void> {
    await this.#held(callId).call.answer(true, false)
  }

  reject(callId: string): void {
    this.#held(callId).call.reject()
  }

  hangup(callId: string): void {
    this.#held(callId).call.hangup('user_hangup' as Parameters<MatrixCall['hangup']>[0], false)
  }

  hold(callId: string, on: boolean): void {
    this.#held(callId).call.setRemoteOnHold(on)
  }

  async mute(callId: string, on: boolean): Promise<void> {
    await this.#held(callId).call.setMicrophoneMuted(on)
  }

  async press(callId: string, keys: string): Promise<void> {
    for (const key of keys) {
      this.#held(callId).call.sendDtmfDigit(key)
      await wait(250)
    }
  }

  restartIce(callId: string): void {
    ;(this.#held(callId).call.peerConn as { restartIce(): void } | undefined)?.restartIce()
  }

  /** The peer connection is gone, and nothing is said of it. */
  async cut(callId: string): Promise<void> {
    ;(this.#held(callId).call.peerConn as { close(): void } | undefined)?.close()
  }

  /** What came out of the loudspeaker lately. */
  heard(callId: string): Heard {
    const held = this.#held(callId)
    this.#listen(held)
    return held.listen === undefined ? { loudness: 0, hertz: 0 } : judge(held.listen())
  }

  /** Whether it has heard by its sync that both are in there. */
  knows(room: string, other: string): boolean {
    return this.#client.getRoom(room)?.getMember(other)?.membership === 'join'
  }

  async createRoom(invite: string): Promise<string> {
    const options = { is_direct: true, invite: [invite], preset: 'trusted_private_chat' }
    return (await this.#client.createRoom(options as Parameters<MatrixClient['createRoom']>[0])).room_id
  }

  async join(roomId: string): Promise<void> {
    await this.#client.joinRoom(roomId)
  }

  async leave(roomId: string): Promise<void> {
    await this.#client.leave(roomId)
  }

  stop(): void {
    this.#client.stopClient()
  }
}

/** What is no relay of the other side's cannot be reached, so it is never tried. */
function hearRelaysOnly(): void {
  type Connection = { addIceCandidate(candidate?: { candidate?: string }): Promise<void> }
  const { prototype } = (globalThis as unknown as { RTCPeerConnection: { prototype: Connection } }).RTCPeerConnection
  const { addIceCandidate } = prototype
  prototype.addIceCandidate = async function (candidate) {
    if (/ typ (?!relay)/.test(candidate?.candidate ?? '')) return
    await addIceCandidate.call(this, candidate)
  }
}

/** Zero crossings upwards tell the pitch of a single tone well enough. */
export function judge({ samples, rate }: Samples): Heard {
  let energy = 0
  let crossings = 0
  let first = -1
  let last = -1
  for (let index = 0; index < samples.length; index++) {
    const sample = samples[index] ?? 0
    energy += sample * sample
    if (index > 0 && sample >= 0 && (samples[index - 1] ?? 0) < 0) {
      if (first < 0) first = index
      else crossings++
      last = index
    }
  }
  const loudness = samples.length === 0 ? 0 : Math.sqrt(energy / samples.length)
  return { loudness, hertz: crossings > 0 ? Math.round((crossings * rate) / (last - first)) : 0 }
}
