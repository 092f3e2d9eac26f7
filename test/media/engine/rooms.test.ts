import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { readWav } from '../../../src/media/audio/wav.ts'
import type { Media, MediaSession, Negotiated, SessionVerbs } from '../../../src/media/index.ts'
import { agreement, mediaForTest, share, sleepFor, until } from '../far-end.ts'
import { connected } from '../webrtc/peers.ts'

const folder = mkdtempSync(join(tmpdir(), 'onhook-rooms-'))
afterAll(() => rmSync(folder, { recursive: true }))
let files = 0
let rooms = 0

const tones = [500, 900, 1300] as const
const tone = (frequency: number, milliseconds = 60_000) => ({ type: 'tone', frequency, milliseconds }) as const

function soundOf(file: string): Int16Array {
  return Int16Array.from(
    [...readWav(readFileSync(file)).pieces].flatMap((piece) => [...piece].map((one) => one * 32_768)),
  )
}

/** Somebody with a phone: a session that stands for the phone, one for our leg, and a seat. */
class Caller {
  readonly leg: MediaSession
  readonly phone: MediaSession
  readonly seat: SessionVerbs

  constructor(leg: MediaSession, phone: MediaSession, seat: SessionVerbs) {
    this.leg = leg
    this.phone = phone
    this.seat = seat
  }

  static async sit(media: Media, room: string, more: Partial<Negotiated> = {}): Promise<Caller> {
    const [leg, phone, seat] = await Promise.all([media.session(), media.session(), media.seat(room)])
    leg.setRemote(agreement(phone.localPort, more))
    phone.setRemote(agreement(leg.localPort, more))
    leg.connect(seat)
    return new Caller(leg, phone, seat)
  }

  /** Says a tone until it is told to stop. */
  say(frequency: number): void {
    void this.phone.play(tone(frequency))
  }

  /** What the phone hears from now on, for so long. */
  async listen(milliseconds = 400): Promise<Int16Array> {
    const { file } = await this.phone.record({ track: 'in', file: join(folder, `${++files}.wav`), limit: milliseconds })
      .done
    return soundOf(file)
  }
}

const sitting = (media: Media, count: number) => {
  const room = `room-${++rooms}`
  return Promise.all(Array.from({ length: count }, () => Caller.sit(media, room)))
}
const loudest = (sound: Int16Array) => Math.max(...sound.map(Math.abs))
/** Until everybody's first packets have found their place. */
const settled = () => sleepFor(300)

describe('three callers in a room', () => {
  test('each hear the other two, and not themselves; in both laws', async () => {
    const media = mediaForTest()
    const room = `room-${++rooms}`
    const callers = await Promise.all([
      Caller.sit(media, room),
      Caller.sit(media, room, { codec: 'PCMA', payloadType: 8 }),
      Caller.sit(media, room),
    ])
    for (const [n, caller] of callers.entries()) caller.say(tones[n]!)
    await settled()
    const sounds = await Promise.all(callers.map((caller) => caller.listen()))
    for (const [n, sound] of sounds.entries()) {
      for (const other of [0, 1, 2]) {
        if (other === n) expect(share(sound, tones[other]!)).toBeLessThan(0.05)
        else expect(share(sound, tones[other]!)).toBeGreaterThan(0.3)
      }
    }
  })

  test('a muted one is not heard, whether its seat is muted or its leg, and hears', async () => {
    const [one, two, three] = (await sitting(mediaForTest(), 3)) as [Caller, Caller, Caller]
    two.seat.mute(true)
    three.leg.mute(true)
    for (const [n, caller] of [one, two, three].entries()) caller.say(tones[n]!)
    await settled()
    const [first, second] = await Promise.all([one.listen(), two.listen()])
    expect(loudest(first)).toBeLessThan(50)
    expect(share(second, 500)).toBeGreaterThan(0.7)
    two.seat.mute(false)
    await settled()
    expect(share(await one.listen(), 900)).toBeGreaterThan(0.7)
  })

  test('one that hangs up is heard no more, one whose seat is closed neither, and they hear no more', async () => {
    const [one, two, three] = (await sitting(mediaForTest(), 3)) as [Caller, Caller, Caller]
    for (const [n, caller] of [one, two, three].entries()) caller.say(tones[n]!)
    await settled()
    two.leg.close()
    three.seat.close()
    await settled()
    const [first, third] = await Promise.all([one.listen(), three.listen()])
    expect([loudest(first), loudest(third)].every((level) => level < 50)).toBe(true)
    expect((await three.seat.closed).packetsReceived).toBeGreaterThan(5)
  })
})

test('a seat that is left by one caller can be taken by another', async () => {
  const media = mediaForTest()
  const [one, two] = (await sitting(media, 2)) as [Caller, Caller]
  const next = await Caller.sit(media, `room-${++rooms}`)
  next.leg.connect(two.seat)
  for (const [n, caller] of [one, two, next].entries()) caller.say(tones[n]!)
  await settled()
  const [first, second] = await Promise.all([one.listen(), two.listen()])
  expect(share(first, 1300)).toBeGreaterThan(0.7)
  expect(loudest(second)).toBeLessThan(50)
})

test('a prompt on a seat is heard by its caller alone, in the place of the room', async () => {
  const [one, two] = (await sitting(mediaForTest(), 2)) as [Caller, Caller]
  one.say(500)
  await settled()
  const playing = two.seat.play(tone(1300, 900))
  await sleepFor(150)
  const [first, second] = await Promise.all([one.listen(), two.listen()])
  expect(share(second, 1300)).toBeGreaterThan(0.7)
  expect(loudest(first)).toBeLessThan(50)
  expect(await playing).toBe('finished')
  await settled()
  expect(share(await two.listen(), 500)).toBeGreaterThan(0.7)
})

test('keys are heard at the seat and at the leg, and nobody else hears them', async () => {
  const [one, two] = (await sitting(mediaForTest(), 2)) as [Caller, Caller]
  const keys: string[] = []
  one.seat.onDigit((key) => keys.push(`seat ${key}`))
  one.leg.onDigit((key) => keys.push(`leg ${key}`))
  two.phone.onDigit((key) => keys.push(`other ${key}`))
  await one.phone.sendDigits('5')
  await until(() => keys.length > 1)
  await two.phone.stats()
  expect(keys.sort()).toEqual(['leg 5', 'seat 5'])
})

test('keys sent to a seat reach its caller, as tones if it knows no events', async () => {
  const media = mediaForTest()
  const room = `room-${++rooms}`
  const [one, two] = [await Caller.sit(media, room), await Caller.sit(media, room, { dtmfPayloadType: null })]
  let heard = ''
  one.phone.onDigit((key) => {
    heard += `one ${key} `
  })
  two.phone.onDigit((key) => {
    heard += `two ${key} `
  })
  await one.seat.sendDigits('7')
  await until(() => heard === 'one 7 ')
  await two.seat.sendDigits('8')
  await until(() => heard === 'one 7 two 8 ')
})

test('rooms do not hear each other; two of their seats, connected, make one of them', async () => {
  const media = mediaForTest()
  const [first, second] = [`room-${++rooms}`, `room-${++rooms}`]
  const [one, two] = [await Caller.sit(media, first), await Caller.sit(media, second)]
  one.say(500)
  two.say(900)
  await settled()
  expect(loudest(await two.listen())).toBeLessThan(50)
  const [here, there] = [await media.seat(first), await media.seat(second)]
  here.connect(there)
  await settled()
  const sounds = await Promise.all([one.listen(), two.listen()])
  expect(share(sounds[0], 900)).toBeGreaterThan(0.7)
  expect(share(sounds[1], 500)).toBeGreaterThan(0.7)
})

test('a recording of a seat has what its caller says as `in`, and what it hears as `out`', async () => {
  const [one, two] = (await sitting(mediaForTest(), 2)) as [Caller, Caller]
  one.say(500)
  two.say(900)
  await settled()
  const [heard, said] = await Promise.all(
    (['out', 'in'] as const).map(
      (track) => one.seat.record({ track, file: join(folder, `${track}.wav`), limit: 400 }).done,
    ),
  )
  expect(share(soundOf(said!.file), 500)).toBeGreaterThan(0.7)
  expect(share(soundOf(heard!.file), 900)).toBeGreaterThan(0.7)
})

test('a far end on hold hears nothing, is not heard, and disturbs nobody; then it is back', async () => {
  const [one, two, three] = (await sitting(mediaForTest(), 3)) as [Caller, Caller, Caller]
  for (const [n, caller] of [one, two, three].entries()) caller.say(tones[n]!)
  two.leg.setRemote(agreement(two.phone.localPort, { direction: 'inactive' }))
  await settled()
  const [first, second] = await Promise.all([one.listen(), two.listen()])
  expect(share(first, 1300)).toBeGreaterThan(0.7)
  expect(loudest(second)).toBeLessThan(50)
  two.leg.setRemote(agreement(two.phone.localPort))
  three.phone.stop()
  await settled()
  const again = await Promise.all([one.listen(), two.listen()])
  expect(share(again[0], 900)).toBeGreaterThan(0.7)
  expect(share(again[1], 500)).toBeGreaterThan(0.7)
})

test('a caller over WebRTC and one over plain RTP hear each other', async () => {
  const media = mediaForTest()
  const room = `room-${++rooms}`
  const one = await Caller.sit(media, room)
  const [{ session: phone }, { session: leg }] = await connected(media)
  leg.connect(await media.seat(room))
  one.say(500)
  void phone.play(tone(900))
  await settled()
  const file = join(folder, `${++files}.wav`)
  const [first] = await Promise.all([one.listen(), phone.record({ track: 'in', file, limit: 400 }).done])
  expect(share(first, 900)).toBeGreaterThan(0.7)
  expect(share(soundOf(file), 500)).toBeGreaterThan(0.7)
})

test('a closed engine gives no seat; seats that are open end with it', async () => {
  const media = mediaForTest({})
  const seat = await media.seat('last')
  const playing = seat.play(tone(500))
  await seat.stats()
  await media.close()
  expect(await playing).toBe('stopped')
  await seat.closed
  await expect(media.seat('none')).rejects.toMatchObject({ code: 'media.closed' })
})
