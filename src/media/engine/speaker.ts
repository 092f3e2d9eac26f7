import { silenceByte } from '../audio/g711.ts'
import type { Idle, PlayResult } from '../face.ts'
import { KeySender, type KeyStep } from '../rtp/key-sender.ts'
import { longestPayload, type Outgoing } from '../rtp/outgoing.ts'
import { eventKeys, eventPayloadLength, writeEvent } from '../rtp/telephone-event.ts'
import { type Agreement, sends } from '../sdp/negotiated.ts'
import { keySound, type Sound } from './sounds.ts'
import { type Paced, slotLength, type Ticker } from './ticker.ts'

type Playing = { job: number; sound: Sound; left: number }
type Dialling = { job: number; sender: KeySender; tone: Sound | null }

export type SpeakerDoor = Readonly<{
  send(packet: Uint8Array): void
  done(job: number, result: PlayResult): void
}>

/** Milliseconds between packets of silence that only keep the way open. */
const keepalive = 1000
/** Milliseconds from the agreement to the first of them, which opens it: most calls say something before, and what is over by then needs no way. */
const opening = 500
/** A digit that a relay translates belongs to no request. */
const noJob = -1

/** What one session says of its own: prompts, keys, silence. It moves on by the clock whether or not anyone may hear. */
export class Speaker implements Paced {
  readonly #out: Outgoing
  readonly #ticker: Ticker
  readonly #idle: Idle
  readonly #door: SpeakerDoor
  #negotiated: Agreement | null = null
  #opensAt = 0
  #playing: Playing | null = null
  readonly #dialling: Dialling[] = []
  #relaying = false
  #closed = false

  constructor(out: Outgoing, ticker: Ticker, idle: Idle, door: SpeakerDoor) {
    this.#out = out
    this.#ticker = ticker
    this.#idle = idle
    this.#door = door
  }

  agree(negotiated: Agreement, now: number): void {
    if (this.#negotiated === null) this.#opensAt = now + opening
    this.#negotiated = negotiated
    this.#wake()
  }

  /** Another session's sound fills the pauses. */
  set relaying(relaying: boolean) {
    this.#relaying = relaying
    this.#wake()
  }

  /** Whether somebody else's packets would be talked over. */
  get busy(): boolean {
    return this.#playing !== null || this.#dialling.length > 0
  }

  /** @param loop times; 0 for ever. */
  play(job: number, sound: Sound, loop: number): void {
    this.stopSound()
    this.#playing = { job, sound, left: loop === 0 ? Number.POSITIVE_INFINITY : loop }
    this.#wake()
  }

  /** @param length milliseconds that each key is held. */
  dial(job: number, keys: string, length?: number): void {
    this.#dialling.push({ job, sender: new KeySender(keys, length), tone: null })
    this.#wake()
  }

  /** A key that another session's far end pressed, for a far end that knows no events. */
  translate(key: string): void {
    if (this.#dialling.length < 8) this.dial(noJob, key)
  }

  stopSound(): void {
    const playing = this.#playing
    this.#playing = null
    if (playing !== null) this.#door.done(playing.job, 'stopped')
  }

  stopDigits(): void {
    const step = this.#dialling[0]?.sender.release()
    if (step !== undefined && step !== null && this.#maySend) this.#sendStep(step, performance.now())
    for (const { job } of this.#dialling.splice(0)) if (job !== noJob) this.#door.done(job, 'stopped')
  }

  close(): void {
    this.#closed = true
    this.stopSound()
    this.stopDigits()
  }

  /** One packet of silence if nothing was sent for a while. */
  keepAlive(now: number): void {
    if (this.#idle === 'nothing' || this.busy || !this.#maySend) return
    if (now >= this.#opensAt && now - this.#out.sentAt >= keepalive) this.#sendSilence(now)
  }

  get #maySend(): boolean {
    return !this.#closed && this.#negotiated !== null && sends(this.#negotiated.direction)
  }

  get #idles(): boolean {
    return this.#idle === 'silence' && !this.#relaying && this.#maySend
  }

  #wake(): void {
    if (!this.#closed && (this.busy || this.#idles)) this.#ticker.join(this)
  }

  get #ptime(): number {
    return this.#negotiated?.ptime ?? 20
  }

  beat(due: number): number {
    if (this.#closed) return 0
    const dialling = this.#dialling[0]
    if (dialling !== undefined) this.#beatKeys(dialling, due)
    else if (this.#playing !== null) this.#beatSound(this.#playing, due)
    else if (this.#idles) this.#sendSilence(due)
    else return 0
    return this.#ptime / slotLength
  }

  #beatSound(playing: Playing, due: number): void {
    const codec = this.#negotiated?.codec ?? 'PCMU'
    const frame = this.#out.room(this.#ptime * 8)
    let filled = playing.sound.read(codec, frame)
    while (filled < frame.length && playing.left > 1) {
      playing.left--
      playing.sound.rewind()
      const more = playing.sound.read(codec, frame.subarray(filled))
      if (more === 0) break
      filled += more
    }
    if (filled === 0) {
      this.#playing = null
      this.#door.done(playing.job, 'finished')
      if (this.#idles) this.#sendSilence(due)
      return
    }
    frame.fill(silenceByte[codec], filled)
    this.#sendAudio(frame.length, due)
  }

  #beatKeys(dialling: Dialling, due: number): void {
    const step = dialling.sender.step(this.#ptime * 8)
    if (step.type === 'done') {
      this.#dialling.shift()
      if (dialling.job !== noJob) this.#door.done(dialling.job, 'finished')
      if (this.#maySend) this.#sendSilence(due)
    } else if (!this.#maySend) return
    else if (step.type === 'quiet') this.#sendSilence(due)
    else if (this.#negotiated?.dtmfPayloadType === null) this.#sendTone(dialling, step, due)
    else this.#sendStep(step, due)
  }

  /** The key as a sound: for as long as an event would last, then silence while an event's end would be repeated. */
  #sendTone(dialling: Dialling, step: KeyStep & { type: 'event' }, due: number): void {
    const codec = this.#negotiated!.codec
    if (step.position === 'first') dialling.tone = keySound(eventKeys[step.event]!, dialling.sender.length)
    const frame = this.#out.room(this.#ptime * 8)
    const filled = dialling.tone?.read(codec, frame) ?? 0
    frame.fill(silenceByte[codec], filled)
    this.#sendAudio(frame.length, due)
  }

  #sendStep(step: KeyStep, due: number): void {
    const payloadType = this.#negotiated?.dtmfPayloadType
    if (step.type !== 'event' || payloadType == null) return
    writeEvent(step.event, step.end, step.duration, this.#out.room(eventPayloadLength))
    this.#door.send(this.#out.event(payloadType, eventPayloadLength, step.position, due))
  }

  #sendSilence(due: number): void {
    const length = Math.min(this.#ptime * 8, longestPayload)
    this.#out.room(length).fill(silenceByte[this.#negotiated!.codec])
    this.#sendAudio(length, due)
  }

  #sendAudio(length: number, due: number): void {
    if (this.#maySend) this.#door.send(this.#out.audio(this.#negotiated!.payloadType, length, due))
  }
}
