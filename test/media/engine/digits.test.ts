import { describe, expect, test } from 'vitest'
import { encodeG711 } from '../../../src/media/audio/g711.ts'
import { KeyDetector } from '../../../src/media/audio/key-detector.ts'
import { keyTones } from '../../../src/media/audio/keys.ts'
import { writeEvent } from '../../../src/media/rtp/telephone-event.ts'
import { agreement, FarEnd, mediaForTest, pair, sleepFor, until } from '../far-end.ts'

test('keys sent by one session are heard by the other, in order, each once', async () => {
  const [near, far] = await pair(mediaForTest())
  let heard = ''
  const stop = far.onDigit((digit) => {
    heard += digit
  })
  expect(await near.sendDigits('1w#a')).toBe('finished')
  await until(() => heard.length === 3)
  expect(heard).toBe('1#A')
  stop()
  await near.sendDigits('9')
  expect(heard).toBe('1#A')
})

test('a second string waits for the first', async () => {
  const [near, far] = await pair(mediaForTest())
  let heard = ''
  far.onDigit((digit) => {
    heard += digit
  })
  await Promise.all([near.sendDigits('12'), near.sendDigits('34')])
  await until(() => heard.length === 4)
  expect(heard).toBe('1234')
})

test('what plays pauses for keys and goes on after them', async () => {
  const media = mediaForTest()
  const session = await media.session()
  const far = await FarEnd.open()
  session.setRemote(agreement(far.port))
  const playing = session.play({ type: 'tone', frequency: 500, milliseconds: 200 })
  await until(() => far.arrivals.length > 2)
  await session.sendDigits('5')
  expect(await playing).toBe('finished')
  await far.soundOf(200)
  const events = far.arrivals.filter(({ payloadType }) => payloadType === 101)
  expect(events).toHaveLength(7)
  expect(new Set(events.map(({ timestamp }) => timestamp)).size).toBe(1)
  const numbers = far.arrivals.map(({ sequence }) => sequence)
  expect(numbers.slice(1).every((sequence, n) => ((sequence - numbers[n]!) & 0xffff) === 1)).toBe(true)
})

test('a key is held as long as is asked for', async () => {
  const media = mediaForTest()
  const session = await media.session()
  const far = await FarEnd.open()
  session.setRemote(agreement(far.port))
  await session.sendDigits('5', { tone: 300 })
  await until(() => far.arrivals.some(({ payload }) => payload[1]! >= 0x80))
  const { payload } = far.arrivals.find(({ payload: [, flags] }) => flags! >= 0x80)!
  expect((payload[2]! << 8) | payload[3]!).toBe(2400)
})

describe('stopping', () => {
  test('ends a key half pressed, and the rest is never sent', async () => {
    const media = mediaForTest()
    const session = await media.session()
    const far = await FarEnd.open()
    session.setRemote(agreement(far.port))
    const dialling = session.sendDigits('123456789')
    await until(() => far.arrivals.length >= 2)
    session.stop()
    expect(await dialling).toBe('stopped')
    await sleepFor(150)
    const events = far.arrivals.filter(({ payloadType }) => payloadType === 101)
    expect(new Set(events.map(({ payload }) => payload[0]))).toEqual(new Set([1]))
    expect(events.at(-1)!.payload[1]! & 0x80).toBe(0x80)
  })
})

describe('a far end without telephone events', () => {
  const plain = { dtmfPayloadType: null } as const

  test('is sent tones', async () => {
    const media = mediaForTest()
    const session = await media.session()
    const far = await FarEnd.open()
    session.setRemote(agreement(far.port, plain))
    await session.sendDigits('19#')
    const detector = new KeyDetector()
    expect(detector.hear(await far.soundOf(3 * 200))).toBe('19#')
  })

  test('is heard by its tones', async () => {
    const media = mediaForTest()
    const session = await media.session()
    const far = await FarEnd.open()
    session.setRemote(agreement(far.port, plain))
    let heard = ''
    session.onDigit((digit) => {
      heard += digit
    })
    await sleepFor(20)
    const [low, high] = keyTones['7']!
    for (let packet = 0; packet < 6; packet++) {
      const samples = Int16Array.from({ length: 160 }, (_, n) => {
        const at = packet * 160 + n
        return 5000 * (Math.sin((2 * Math.PI * low * at) / 8000) + Math.sin((2 * Math.PI * high * at) / 8000))
      })
      far.send(session.localPort, encodeG711('PCMU', samples))
    }
    await until(() => heard === '7')
  })
})

test('events cut short, unknown or on another number change nothing', async () => {
  const media = mediaForTest()
  const session = await media.session()
  const far = await FarEnd.open()
  session.setRemote(agreement(far.port))
  let heard = ''
  session.onDigit((digit) => {
    heard += digit
  })
  await sleepFor(20)
  const event = (key: number) => {
    const payload = new Uint8Array(4)
    writeEvent(key, false, 160, payload)
    return payload
  }
  far.send(session.localPort, Uint8Array.of(1, 2), { payloadType: 101 })
  far.send(session.localPort, event(99), { payloadType: 101 })
  far.send(session.localPort, event(3), { payloadType: 96 })
  far.send(session.localPort, event(4), { payloadType: 101 })
  await until(() => heard !== '')
  expect(heard).toBe('4')
})
