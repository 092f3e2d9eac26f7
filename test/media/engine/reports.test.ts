import { createSocket } from 'node:dgram'
import { expect, onTestFinished, test } from 'vitest'
import { readUint32 } from '../../../src/media/rtp/packet.ts'
import { agreement, FarEnd, mediaForTest, until } from '../far-end.ts'

test('the far end gets RTCP: reports while it lasts, and a goodbye at the close', async () => {
  const media = mediaForTest()
  const session = await media.session()
  const far = await FarEnd.open(42)
  const control = createSocket('udp4')
  await new Promise<void>((resolve) => control.bind(0, '127.0.0.1', resolve))
  onTestFinished(() => void control.close())
  const reports: Buffer[] = []
  control.on('message', (report) => reports.push(report))
  session.setRemote(agreement(far.port, { rtcpPort: control.address().port }))
  await session.stats()
  for (let n = 0; n < 3; n++) far.send(session.localPort, new Uint8Array(160))
  await session.play({ type: 'tone', frequency: 400, milliseconds: 100 })
  // The first report comes within five seconds, by chance.
  await until(() => reports.length > 0, 8000)
  const [report] = reports
  expect(report![1]).toBe(200)
  expect(readUint32(report!, 4)).toBe(far.arrivals[0]!.ssrc)
  expect(readUint32(report!, 20)).toBe(5)
  expect(readUint32(report!, 28)).toBe(42)
  reports.length = 0
  session.close()
  await until(() => reports.length > 0)
  expect(reports[0]!.subarray(-8, -4)).toEqual(Buffer.from([0x81, 203, 0, 1]))
})
