/** The page of the browser: matrix-js-sdk as it is, pressed from outside. Bundled by `browser.ts`. */
import * as sdk from 'matrix-js-sdk'
import { Driver, type Ear, type Login } from '../driver.ts'

/** What is used of the browser; its types would say the same of Node, where they are not true. */
type Analyser = { fftSize: number; getFloatTimeDomainData(samples: Float32Array): void }
type Audio = {
  readonly sampleRate: number
  createAnalyser(): Analyser
  createMediaStreamSource(stream: unknown): { connect(to: Analyser): void }
  resume(): Promise<void>
}
type Loudspeaker = { srcObject: unknown; muted: boolean; play(): Promise<void> }
type Page = {
  AudioContext: new () => Audio
  Audio: new () => Loudspeaker
  driver?: Driver
  startDriver?(login: Login): Promise<void>
}
const page = globalThis as unknown as Page

const ear: Ear = {
  listen(stream) {
    const audio = new page.AudioContext()
    void audio.resume()
    // Chromium decodes what arrives only for somebody who plays it.
    const loudspeaker = new page.Audio()
    loudspeaker.muted = true
    loudspeaker.srcObject = stream
    void loudspeaker.play()
    const analyser = audio.createAnalyser()
    analyser.fftSize = 16_384
    audio.createMediaStreamSource(stream).connect(analyser)
    const samples = new Float32Array(analyser.fftSize)
    return () => {
      analyser.getFloatTimeDomainData(samples)
      return { samples, rate: audio.sampleRate }
    }
  },
}

page.startDriver = async (login) => {
  page.driver = await Driver.start(sdk, login, ear)
}
