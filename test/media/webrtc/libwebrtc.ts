import wrtc from '@roamhq/wrtc'
import { onTestFinished } from 'vitest'
import type { IceCandidate, PeerSession } from '../../../src/media/index.ts'

/** As much of the W3C's types as is used here: the compiler has none of a browser's. */
type Description = { type: 'offer' | 'answer'; sdp: string }
type PeerConnection = {
  connectionState: string
  localDescription: Description | null
  onicecandidate: (event: { candidate: { toJSON(): IceCandidate } | null }) => void
  ontrack: (event: { track: unknown }) => void
  addTrack(track: unknown): void
  addTransceiver(kind: 'audio' | 'video'): { direction: string }
  getTransceivers(): { direction: string }[]
  createDataChannel(name: string): unknown
  createOffer(options?: object): Promise<Description>
  createAnswer(): Promise<Description>
  setLocalDescription(description: Description): Promise<void>
  setRemoteDescription(description: Description): Promise<void>
  addIceCandidate(candidate: IceCandidate): Promise<void>
  close(): void
}
type Heard = { samples: Int16Array; sampleRate: number; channelCount?: number }
type Library = {
  RTCPeerConnection: new () => PeerConnection
  nonstandard: {
    RTCAudioSink: new (track: unknown) => { ondata: (heard: Heard) => void; stop(): void }
    RTCAudioSource: new () => { createTrack(): { stop(): void }; onData(data: object): void }
  }
}
const { RTCPeerConnection, nonstandard } = wrtc as unknown as Library
const { RTCAudioSink, RTCAudioSource } = nonstandard
const rate = 48_000

/** A far end that nobody here wrote: the library inside browsers, with a tone for a microphone and a sink for ears. */
export class Browser {
  readonly pc = new RTCPeerConnection()
  /** What it heard, at `heardRate`. */
  readonly heard: number[] = []
  heardRate = 0
  #candidates: IceCandidate[] = []
  #tell: ((candidate: IceCandidate) => void) | undefined
  readonly #source = new RTCAudioSource()
  readonly #track = this.#source.createTrack()
  #timer: NodeJS.Timeout | undefined
  #sink: InstanceType<typeof RTCAudioSink> | undefined

  constructor({ say = 0 }: { say?: number } = {}) {
    this.pc.addTrack(this.#track)
    this.pc.onicecandidate = ({ candidate }) => this.#found(candidate === null ? { candidate: '' } : candidate.toJSON())
    this.pc.ontrack = ({ track }) => {
      this.#sink = new RTCAudioSink(track)
      this.#sink.ondata = ({ samples, sampleRate, channelCount }) => {
        this.heardRate = sampleRate
        for (let n = 0; n < samples.length; n += channelCount ?? 1) this.heard.push(samples[n]!)
      }
    }
    if (say > 0) this.say(say)
    onTestFinished(() => this.close())
  }

  #found(candidate: IceCandidate): void {
    if (this.#tell === undefined) this.#candidates.push(candidate)
    else this.#tell(candidate)
  }

  /** Candidates go to that session, those found already first. */
  trickleTo(session: PeerSession): void {
    this.#tell = (candidate) => session.candidate(candidate)
    for (const candidate of this.#candidates.splice(0)) this.#tell(candidate)
  }

  hearFrom(session: PeerSession): void {
    session.onCandidate((candidate) => {
      if (candidate.candidate !== '') this.pc.addIceCandidate(candidate).catch(() => {})
    })
  }

  /** A tone of that frequency, in the pace of a microphone. */
  say(frequency: number): void {
    let position = 0
    clearInterval(this.#timer)
    const began = performance.now()
    this.#timer = setInterval(() => {
      for (; position < ((performance.now() - began) / 1000) * rate; position += rate / 100) {
        const samples = Int16Array.from(
          { length: rate / 100 },
          (_, n) => 8000 * Math.sin((2 * Math.PI * frequency * (position + n)) / rate),
        )
        this.#source.onData({
          samples,
          sampleRate: rate,
          bitsPerSample: 16,
          channelCount: 1,
          numberOfFrames: rate / 100,
        })
      }
    }, 10)
  }

  /** The last half second that it heard, at 8,000 Hz. */
  get lately(): Int16Array {
    const step = this.heardRate / 8000
    return Int16Array.from(this.heard.slice(-this.heardRate / 2).filter((_, n) => n % step === 0))
  }

  get sdp(): string {
    return this.pc.localDescription?.sdp ?? ''
  }

  async offer(options: { iceRestart?: boolean } = {}): Promise<string> {
    await this.pc.setLocalDescription(await this.pc.createOffer(options))
    return this.sdp
  }

  async answer(offer: string): Promise<string> {
    await this.pc.setRemoteDescription({ type: 'offer', sdp: offer })
    await this.pc.setLocalDescription(await this.pc.createAnswer())
    return this.sdp
  }

  accept(answer: string): Promise<void> {
    return this.pc.setRemoteDescription({ type: 'answer', sdp: answer })
  }

  close(): void {
    clearInterval(this.#timer)
    this.#sink?.stop()
    this.#track.stop()
    this.pc.close()
  }
}
