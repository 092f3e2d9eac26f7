/** A WebRTC far end in a process of its own, so that it can be killed: answers one offer, and sends silence. */
import wrtc from '@roamhq/wrtc'

type Description = { type: 'offer' | 'answer'; sdp: string }
type Connection = {
  iceGatheringState: string
  localDescription: Description
  onicegatheringstatechange: () => void
  addTrack(track: unknown): void
  setRemoteDescription(description: Description): Promise<void>
  setLocalDescription(description: Description): Promise<void>
  createAnswer(): Promise<Description>
}
type Library = {
  RTCPeerConnection: new () => Connection
  nonstandard: { RTCAudioSource: new () => { createTrack(): unknown; onData(data: object): void } }
}
const { RTCPeerConnection, nonstandard } = wrtc as unknown as Library

process.on('message', async (offer: string) => {
  const pc = new RTCPeerConnection()
  const source = new nonstandard.RTCAudioSource()
  pc.addTrack(source.createTrack())
  const samples = new Int16Array(480)
  setInterval(() => {
    source.onData({ samples, sampleRate: 48_000, bitsPerSample: 16, channelCount: 1, numberOfFrames: 480 })
  }, 10)
  await pc.setRemoteDescription({ type: 'offer', sdp: offer })
  await pc.setLocalDescription(await pc.createAnswer())
  await new Promise<void>((resolve) => {
    const look = (): void => {
      if (pc.iceGatheringState === 'complete') resolve()
    }
    pc.onicegatheringstatechange = look
    look()
  })
  process.send!(pc.localDescription.sdp)
})
