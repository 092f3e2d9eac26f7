import { describe, expect, test } from 'vitest'
import { buildRtp, parseRtp, readUint32 } from '../../../src/media/rtp/packet.ts'
import { Reception } from '../../../src/media/rtp/reception.ts'
import { buildReport, senderReportTime } from '../../../src/media/rtp/rtcp.ts'

const packet = (sequence: number, timestamp: number, ssrc = 5) =>
  parseRtp(
    buildRtp({
      payloadType: 0,
      marker: false,
      sequence: sequence & 0xffff,
      timestamp: timestamp >>> 0,
      ssrc,
      payload: new Uint8Array(160),
    }),
  )!

/** 20 ms apart, but for the sequence numbers named. */
function heard(count: number, lost: readonly number[] = [], delay = (_n: number) => 0): Reception {
  const reception = new Reception()
  for (let n = 0; n < count; n++) {
    if (!lost.includes(n)) reception.receive(packet(65_530 + n, n * 160), true, n * 20 + delay(n))
  }
  return reception
}

describe('reception', () => {
  test('without harm has no loss and no jitter', () => {
    const reception = heard(100)
    expect(reception).toMatchObject({ packets: 100, lost: 0, jitter: 0 })
  })

  test('counts gaps, over the turn of the sequence numbers', () => {
    expect(heard(100, [3, 6, 50]).lost).toBe(3)
  })

  test('late and doubled packets are no loss', () => {
    const reception = new Reception()
    for (const n of [1, 2, 4, 3, 5]) reception.receive(packet(n, n * 160), true, n * 20)
    expect(reception.lost).toBe(0)
  })

  test('jitter comes near the mean deviation (RFC 3550 A.8)', () => {
    expect(heard(1000, [], (n) => (n % 2) * 4).jitter).toBeCloseTo(4, 0)
  })

  test('a new stream keeps the old losses and adds none', () => {
    const reception = heard(10, [5])
    reception.receive(packet(30_000, 1, 6), true, 500)
    expect(reception.lost).toBe(1)
  })

  test('reports fractions for each interval and the total since the beginning', () => {
    const reception = heard(100, [10, 20, 30, 40])
    expect(reception.report(2000)).toMatchObject({ ssrc: 5, fractionLost: 10, lost: 4, highest: 65_530 + 99 })
    expect(reception.report(2000)).toMatchObject({ fractionLost: 0, lost: 4 })
  })

  test('says nothing before the first packet', () => {
    expect(new Reception().report(0)).toBeNull()
  })
})

/** Splits a compound packet into [type, count, body]. */
function split(compound: Uint8Array) {
  const parts: { type: number; count: number; body: Uint8Array }[] = []
  for (let at = 0; at < compound.length; ) {
    const length = (((compound[at + 2]! << 8) | compound[at + 3]!) + 1) * 4
    expect(compound[at]! >> 6).toBe(2)
    parts.push({ type: compound[at + 1]!, count: compound[at]! & 31, body: compound.subarray(at + 4, at + length) })
    at += length
  }
  return parts
}

describe('a report', () => {
  const reception = {
    ssrc: 9,
    fractionLost: 3,
    lost: -2,
    highest: 70_000,
    jitter: 12,
    lastReport: 1,
    sinceLastReport: 2,
  }

  test('of a sender tells the time, the counts and the name', () => {
    const at = Date.UTC(2026, 0, 1) + 500
    const [first, second] = split(
      buildReport(1, 'abc', { at, timestamp: 8, packets: 2, bytes: 320 }, [reception], false),
    )
    expect(first).toMatchObject({ type: 200, count: 1 })
    const words = Array.from({ length: 12 }, (_, n) => readUint32(first!.body, n * 4))
    expect(words).toEqual([1, at / 1000 - 0.5 + 2_208_988_800, 2 ** 31, 8, 2, 320, 9, 0x03ff_fffe, 70_000, 12, 1, 2])
    expect(second).toMatchObject({ type: 202, count: 1 })
    expect([...second!.body]).toEqual([0, 0, 0, 1, 1, 3, 97, 98, 99, 0, 0, 0])
  })

  test('of a listener is a receiver report; a goodbye comes last', () => {
    const parts = split(buildReport(1, 'abcdef', null, [], true))
    expect(parts.map(({ type }) => type)).toEqual([201, 202, 203])
    expect(readUint32(parts[2]!.body, 0)).toBe(1)
  })

  test('of theirs gives the time to quote', () => {
    const report = buildReport(1, 'a', { at: 1000.5 * 1000, timestamp: 0, packets: 0, bytes: 0 }, [], false)
    expect(senderReportTime(report)).toBe((((2_208_988_800 + 1000) << 16) | 0x8000) >>> 0)
    expect(senderReportTime(buildReport(1, 'a', null, [], false))).toBeNull()
    expect(senderReportTime(new Uint8Array(3))).toBeNull()
  })
})
