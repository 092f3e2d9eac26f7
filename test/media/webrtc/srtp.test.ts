import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ProtectionProfileAes128CmHmacSha1_80, RtpPacket, SrtcpSession, SrtpSession } from 'werift'
import { buildRtp } from '../../../src/media/rtp/packet.ts'
import { SrtpReceiver, SrtpSender } from '../../../src/media/webrtc/srtp.ts'

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex')
/** The master key and salt of RFC 3711 B.3. */
const keys = { key: hex('E1F97A0D3E018BE0D64FA32C06DE4139'), salt: hex('0EC675AD498AFEEBB6960B3AABE6') }
const copy = (bytes: Uint8Array | null): Buffer => Buffer.from(bytes!)

describe('what others computed', () => {
  const plain = hex(`800f1234decafbadcafebabe${'ab'.repeat(16)}`)
  const secure = hex('800f1234decafbadcafebabe 4e55dc4ce79978d88ca4d215949d2402 b78d6acc99ea179b8dbb')

  test('RTP', () => {
    expect(copy(new SrtpSender(keys).protect(plain))).toEqual(secure)
    expect(copy(new SrtpReceiver(keys).open(secure))).toEqual(plain)
  })

  test('RTCP', () => {
    const control = hex(`81c8000bcafebabe${'ab'.repeat(16)}`)
    const secured = hex('81c8000bcafebabe 7128035be487b9bdbef89041f977a5a8 80000001 993e08cd54d6c1230798')
    expect(copy(new SrtpReceiver(keys).openControl(secured))).toEqual(control)
    const sender = new SrtpSender(keys)
    sender.protectControl(control)
    expect(copy(sender.protectControl(control))).toEqual(secured)
  })
})

const other = { localMasterKey: keys.key, localMasterSalt: keys.salt }
const theirs = () => ({
  keys: { ...other, remoteMasterKey: keys.key, remoteMasterSalt: keys.salt },
  profile: ProtectionProfileAes128CmHmacSha1_80,
})

const packetOf = (sequence: number, payload: Uint8Array, ssrc = 7) =>
  buildRtp({ payloadType: 0, marker: false, sequence: sequence & 0xffff, timestamp: sequence * 160, ssrc, payload })

test('another implementation and ours understand each other, through the turn of the sequence numbers', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 400 }), { maxLength: 20 }), (payloads) => {
      const ours = { sender: new SrtpSender(keys), receiver: new SrtpReceiver(keys) }
      const session = new SrtpSession(theirs())
      const reader = new SrtpSession(theirs())
      for (const [n, payload] of payloads.entries()) {
        const packet = packetOf(0xfff6 + n, payload)
        const { header } = RtpPacket.deSerialize(Buffer.from(packet))
        expect(copy(ours.receiver.open(session.encrypt(Buffer.from(payload), header)))).toEqual(Buffer.from(packet))
        expect(reader.decrypt(copy(ours.sender.protect(packet)))).toEqual(Buffer.from(packet))
      }
    }),
    { numRuns: 50 },
  )
})

test('the count of cycles follows big steps, as they come after long silence', () => {
  fc.assert(
    fc.property(fc.nat(0xffff), fc.array(fc.integer({ min: 1, max: 0x7fff }), { maxLength: 30 }), (start, steps) => {
      const sender = new SrtpSender(keys)
      const receiver = new SrtpReceiver(keys)
      let sequence = start
      for (const step of steps) {
        const packet = packetOf(sequence, Uint8Array.of(step & 0xff))
        expect(copy(receiver.open(copy(sender.protect(packet))))).toEqual(Buffer.from(packet))
        sequence += step
      }
    }),
    { numRuns: 50 },
  )
})

test('control packets go both ways too', () => {
  const session = new SrtcpSession(theirs())
  const sender = new SrtpSender(keys)
  const receiver = new SrtpReceiver(keys)
  const report = hex('80c90001 00000007')
  for (let n = 0; n < 5; n++) {
    expect(session.decrypt(copy(sender.protectControl(report)))).toEqual(report)
    expect(copy(receiver.openControl(session.encrypt(report)))).toEqual(report)
  }
})

describe('not opened', () => {
  const payload = Uint8Array.of(1, 2, 3)

  test('a packet that came before, or from too long ago', () => {
    const sender = new SrtpSender(keys)
    const receiver = new SrtpReceiver(keys)
    const sent = Array.from({ length: 200 }, (_, n) => copy(sender.protect(packetOf(n, payload))))
    for (const packet of [sent[150]!, sent[60]!, sent[151]!, sent[149]!]) expect(receiver.open(packet)).not.toBeNull()
    for (const packet of [sent[150]!, sent[60]!, sent[149]!, sent[10]!]) expect(receiver.open(packet)).toBeNull()
  })

  test('control packets that came before', () => {
    const packet = copy(new SrtpSender(keys).protectControl(hex('80c90001 00000007')))
    const receiver = new SrtpReceiver(keys)
    expect(receiver.openControl(packet)).not.toBeNull()
    expect(receiver.openControl(packet)).toBeNull()
  })

  test('anything with a bit turned over', () => {
    fc.assert(
      fc.property(fc.nat(24), fc.nat(7), (at, bit) => {
        const packet = copy(new SrtpSender(keys).protect(packetOf(9, payload)))
        packet[at]! ^= 1 << bit
        expect(new SrtpReceiver(keys).open(packet)).toBeNull()
      }),
    )
  })

  test('anything that is no packet at all', () => {
    const receiver = new SrtpReceiver(keys)
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3000, size: 'max' }), (noise) => {
        expect(receiver.open(noise)).toBeNull()
        expect(receiver.openControl(noise)).toBeNull()
      }),
    )
  })
})

test('many streams of one far end: the newest are kept, and none is taken for another', () => {
  const receiver = new SrtpReceiver(keys)
  for (let ssrc = 0; ssrc < 100; ssrc++) {
    expect(receiver.open(copy(new SrtpSender(keys).protect(packetOf(5, Uint8Array.of(ssrc), ssrc))))).not.toBeNull()
  }
})

test('a late packet of the last cycle is sent under the count of that cycle', () => {
  const sender = new SrtpSender(keys)
  const receiver = new SrtpReceiver(keys)
  const order = [65_533, 65_535, 65_536, 65_534, 65_537]
  for (const sequence of order) {
    const packet = packetOf(sequence, Uint8Array.of(sequence & 0xff))
    expect(copy(receiver.open(copy(sender.protect(packet))))).toEqual(Buffer.from(packet))
  }
})
