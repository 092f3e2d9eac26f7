/** A Matrix client in a process of its own: matrix-js-sdk with libwebrtc below it. Lines of JSON in and out. */
import { createInterface } from 'node:readline'
import wrtc from '@roamhq/wrtc'
import type { Driver, Ear, Login, Samples } from './driver.ts'

const rate = 48_000
const frames = rate / 100
const sources = new Set<{ onData(data: unknown): void }>()
let hertz = Number(process.argv[2] ?? 0)
let phase = 0

// Standard output is for answers alone.
for (const level of ['log', 'info', 'debug', 'warn', 'error', 'trace'] as const) {
  console[level] = (...values: unknown[]) => {
    const text = values.map(String).join(' ').slice(0, 500)
    if (!/^(FetchHttpApi|sync |Polling|\[MatrixRTC)/.test(text)) process.stderr.write(`${text}\n`)
  }
}

/** Ten milliseconds of tone, or silence, to every microphone; as many as the clock asks for. */
let due = performance.now()
setInterval(() => {
  const now = performance.now()
  if (now - due > 200) due = now
  for (; due <= now; due += 10) {
    const samples = new Int16Array(frames)
    if (hertz > 0) {
      for (let index = 0; index < frames; index++) {
        samples[index] = 8000 * Math.sin(phase)
        phase += (2 * Math.PI * hertz) / rate
      }
    }
    const data = { samples, sampleRate: rate, bitsPerSample: 16, channelCount: 1, numberOfFrames: frames }
    for (const source of sources) source.onData(data)
  }
}, 10)

function microphone() {
  const source = new wrtc.nonstandard.RTCAudioSource()
  sources.add(source)
  return new wrtc.MediaStream([source.createTrack()])
}

const ear: Ear = {
  listen(stream) {
    const track = (stream as { getAudioTracks(): unknown[] }).getAudioTracks()[0]
    const sink = new wrtc.nonstandard.RTCAudioSink(
      track as ConstructorParameters<typeof wrtc.nonstandard.RTCAudioSink>[0],
    )
    let sampleRate = rate
    let last: { at: number; samples: Float32Array }[] = []
    sink.ondata = (data: { samples: Int16Array; sampleRate: number; channelCount?: number }) => {
      sampleRate = data.sampleRate
      const step = data.channelCount ?? 1
      const samples = Float32Array.from(
        { length: Math.floor(data.samples.length / step) },
        (_, index) => data.samples[index * step]! / 32_768,
      )
      const at = performance.now()
      last = [...last.filter((each) => at - each.at < 500), { at, samples }]
    }
    return (): Samples => {
      const recent = last.filter(({ at }) => performance.now() - at < 500)
      return { samples: recent.flatMap(({ samples }) => [...samples]), rate: sampleRate }
    }
  },
}

// A browser tells the counters of a closed connection; this one ends the process.
const { getStats } = wrtc.RTCPeerConnection.prototype
wrtc.RTCPeerConnection.prototype.getStats = function (...selector: never[]) {
  return this.connectionState === 'closed' ? Promise.resolve(new Map()) : getStats.apply(this, selector)
}

// What the SDK looks for in a browser.
const devices = {
  enumerateDevices: async () => [{ kind: 'audioinput', deviceId: 'tone' }],
  getUserMedia: async () => microphone(),
}
/** The SDK draws a volume meter, which nobody looks at here. */
class AudioContext {
  createAnalyser() {
    return { frequencyBinCount: 0, getFloatFrequencyData() {} }
  }
  createMediaStreamSource() {
    return { connect() {} }
  }
  async close() {}
}
const { RTCPeerConnection, RTCSessionDescription, RTCIceCandidate, RTCRtpReceiver, RTCRtpSender, MediaStream } = wrtc
const parts = { RTCPeerConnection, RTCSessionDescription, RTCIceCandidate, RTCRtpReceiver, RTCRtpSender, MediaStream }
Object.assign(globalThis, { document: {}, AudioContext, ...parts })
Object.defineProperty(globalThis, 'window', { value: globalThis, configurable: true })
Object.defineProperty(globalThis, 'navigator', { value: { mediaDevices: devices }, configurable: true })

const sdk = await import('matrix-js-sdk')
const { Driver: Person } = await import('./driver.ts')
let driver: Driver | undefined

async function carryOut(method: string, args: readonly unknown[]): Promise<unknown> {
  if (method === 'start') {
    driver = await Person.start(sdk, args[0] as Login, ear)
    return null
  }
  if (method === 'speak') {
    hertz = Number(args[0])
    return null
  }
  if (driver === undefined) throw new Error('not started')
  return await (driver as unknown as Record<string, (...args: readonly unknown[]) => unknown>)[method]!(...args)
}

createInterface(process.stdin).on('line', async (line) => {
  const { id, method, args } = JSON.parse(line) as { id: number; method: string; args: unknown[] }
  const answer = await carryOut(method, args).then(
    (result) => ({ id, result: result ?? null }),
    (error: unknown) => ({ id, error: String(error) }),
  )
  process.stdout.write(`${JSON.stringify(answer)}\n`)
})
process.stdin.on('end', () => process.exit(0))
