import fc from 'fast-check'
import { expect, test } from 'vitest'
import { agreement, FarEnd, mediaForTest, sleepFor } from '../far-end.ts'

const count = process.env.ONHOOK_LONG === undefined ? 2000 : 100_000

/** From plain noise to packets that are nearly right. */
const datagram = fc.oneof(
  fc.uint8Array({ maxLength: 64 }),
  fc
    .tuple(fc.constantFrom(0x80, 0x90, 0xa0, 0xbf), fc.nat(255), fc.uint8Array({ maxLength: 300 }))
    .map(([first, second, rest]) => Uint8Array.of(first, second, ...rest)),
  fc
    .tuple(fc.constantFrom(0, 8, 13, 101, 200, 201, 202, 203), fc.uint8Array({ minLength: 10, maxLength: 60 }))
    .map(([second, rest]) => Uint8Array.of(0x80, second, ...rest)),
)

test('whatever arrives on both ports of both sides of a relay, the worker lives and the sound goes on', async () => {
  const warnings: unknown[] = []
  const media = mediaForTest({ warn: (warning) => warnings.push(warning) })
  const near = await media.session()
  const other = await media.session()
  const [caller, callee] = [await FarEnd.open(1), await FarEnd.open(2)]
  near.setRemote(agreement(caller.port, { dtmfPayloadType: null }))
  other.setRemote(agreement(callee.port, { codec: 'PCMA', payloadType: 8 }))
  near.connect(other)
  for (const [n, noise] of fc.sample(datagram, count).entries()) {
    const [from, to] = n % 2 === 0 ? [caller, near] : [callee, other]
    from.sendRaw(to.localPort + (n % 5 === 0 ? 1 : 0), noise)
    if (n % 100 === 0) await sleepFor(1)
  }
  expect(await near.play({ type: 'tone', frequency: 500, milliseconds: 60 })).toBe('finished')
  expect((await other.stats()).packetsReceived).toBeGreaterThan(0)
  expect(warnings).toEqual([])
})
