import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { toneShare } from '../../src/media/audio/goertzel.ts'
import {
  createMedia,
  decodeG711,
  type IceCandidate,
  type Media,
  type PeerSession,
  type PeerState,
} from '../../src/media/index.ts'
import { parseRtp } from '../../src/media/rtp/packet.ts'
import { bareSocket } from './bare-socket.ts'
import { describeWith } from './programs.ts'
import { until } from './waiting.ts'

const flags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--autoplay-policy=no-user-gesture-required',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
]

/** In the page: a telephone that says 600 Hz and tells how much of what it hears is 1,100 Hz. */
const telephone = `
  globalThis.open = (wants) => {
    const context = new AudioContext()
    const tone = new OscillatorNode(context, { frequency: 600 })
    const mouth = context.createMediaStreamDestination()
    tone.connect(mouth)
    tone.start()
    const ear = new AnalyserNode(context, { fftSize: 8192, smoothingTimeConstant: 0 })
    const pc = new RTCPeerConnection()
    pc.addTrack(mouth.stream.getAudioTracks()[0], mouth.stream)
    if (wants.video) pc.addTransceiver('video')
    if (wants.data) pc.createDataChannel('chat')
    pc.onicecandidate = ({ candidate }) => tellUs(candidate === null ? { candidate: '' } : candidate.toJSON())
    pc.ontrack = ({ track, streams }) => {
      if (track.kind !== 'audio') return
      const player = new Audio()
      player.srcObject = streams[0] ?? new MediaStream([track])
      player.muted = true
      void player.play()
      context.createMediaStreamSource(player.srcObject).connect(ear)
    }
    globalThis.pc = pc
    globalThis.hears = (frequency) => {
      const bins = new Float32Array(ear.frequencyBinCount)
      ear.getFloatFrequencyData(bins)
      const loudest = bins.indexOf(Math.max(...bins))
      return bins[loudest] > -60 && Math.abs((loudest * context.sampleRate) / 8192 - frequency) < 20
    }
    globalThis.press = (keys) => pc.getSenders().find(({ dtmf }) => dtmf !== null).dtmf.insertDTMF(keys, 100, 70)
    globalThis.offer = async (options) => { await pc.setLocalDescription(await pc.createOffer(options)); return pc.localDescription.sdp }
    globalThis.answer = async (sdp) => {
      await pc.setRemoteDescription({ type: 'offer', sdp })
      await pc.setLocalDescription(await pc.createAnswer())
      return pc.localDescription.sdp
    }
    globalThis.accept = (sdp) => pc.setRemoteDescription({ type: 'answer', sdp })
    globalThis.candidate = (one) => pc.addIceCandidate(one).catch(() => {})
    globalThis.hold = (direction) => { for (const one of pc.getTransceivers()) one.direction = direction }
  }
`

describeWith(['chromium'], 'Chromium', () => {
  let browser: Browser
  let media: Media
  let page: Page
  let session: PeerSession
  let states: PeerState[]
  let theirs: IceCandidate[]

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: flags })
    media = createMedia({ address: '0.0.0.0' })
  })
  afterEach(async () => {
    session.close()
    await page.close()
  })
  afterAll(async () => {
    await media.close()
    await browser.close()
  })

  /** A page with a telephone, and a session of ours that exchanges candidates with it. */
  async function meet(wants: { video?: boolean; data?: boolean } = {}): Promise<void> {
    page = await browser.newPage()
    session = await media.peer({ iceServers: [] })
    states = []
    theirs = []
    session.onState((state) => void states.push(state))
    await page.exposeFunction('tellUs', (one: IceCandidate) => {
      theirs.push(one)
      session.candidate(one)
    })
    await page.evaluate(telephone)
    await run('open', wants)
    session.onCandidate((one) => void (one.candidate === '' ? undefined : run('candidate', one)))
  }

  const run = <T>(verb: string, value?: unknown): Promise<T> =>
    page.evaluate(`globalThis.${verb}(${JSON.stringify(value ?? null)} ?? undefined)`) as Promise<T>
  const connected = () => until('it is connected', () => states.at(-1) === 'connected')

  async function bothHear(): Promise<void> {
    void session.play({ type: 'tone', frequency: 1100, milliseconds: 1000 }, { loop: 0 })
    await until('it hears our tone', () => run<boolean>('hears', 1100))
    session.stop()
    const plain = await media.session()
    const far = await bareSocket()
    plain.setRemote({
      codec: 'PCMU',
      payloadType: 0,
      dtmfPayloadType: 101,
      direction: 'sendrecv',
      ptime: 20,
      ...far.address,
    })
    plain.connect(session)
    const heard: number[] = []
    far.listen((datagram) => {
      const packet = parseRtp(datagram)
      if (packet?.payloadType === 0) heard.push(...decodeG711('PCMU', packet.payload))
    })
    await until('its tone arrives behind us', () => toneShare(Int16Array.from(heard.slice(-4000)), 600) > 0.9)
    far.close()
    plain.close()
  }

  test('calls us with video and data: both hear each other, the rest is refused', async () => {
    await meet({ video: true, data: true })
    const answer = await session.answer(await run('offer'))
    await run('accept', answer)
    await connected()
    await bothHear()
    expect(answer.match(/^m=\S+ \d+/gm)).toEqual(['m=audio 9', 'm=video 0', 'm=application 0'])
  })

  test('is called by us, presses keys, is held and resumed, restarts ICE, leaves', async () => {
    await meet()
    await session.accept(await run('answer', await session.offer()))
    await connected()
    await bothHear()
    let keys = ''
    session.onDigit((key) => {
      keys += key
    })
    await run('press', '42#')
    await until('its keys are heard', () => keys === '42#')
    await run('hold', 'sendonly')
    const held = await session.answer(await run('offer'))
    expect(held).toContain('a=recvonly')
    await run('accept', held)
    await run('hold', 'sendrecv')
    await run('accept', await session.answer(await run('offer', { iceRestart: true })))
    await bothHear()
    await session.accept(await run('answer', await session.offer({ iceRestart: true })))
    await bothHear()
    expect(states).toEqual(['connecting', 'connected'])
    await page.evaluate('pc.close()')
    await until('its leaving is noticed', () => states.at(-1) === 'disconnected')
  })

  test('hides its addresses, and is found all the same', async () => {
    await meet()
    await run('accept', await session.answer(await run('offer')))
    await connected()
    expect(theirs.some(({ candidate }) => candidate.includes('.local '))).toBe(true)
  })
})
