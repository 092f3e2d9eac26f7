import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type ElementDraft, writeDocument } from '../../../src/dialects/vobiz/index.ts'
import { answerUrl, type Reply, World } from './world.ts'

const runs = process.env.ONHOOK_LONG ? 100_000 : 1_000
const nextUrl = 'https://app.example.com/next'
const fallbackUrl = 'https://app.example.com/fallback'

const sound: fc.Arbitrary<ElementDraft> = fc.oneof(
  fc.record({
    name: fc.constant('Speak' as const),
    text: fc.constantFrom('hello', 'missing'),
    attributes: fc.record({ loop: fc.nat(2) }),
  }),
  fc.record({
    name: fc.constant('Play' as const),
    text: fc.constantFrom('https://x/a.wav', 'missing', 'file:///etc/x'),
  }),
  fc.record({ name: fc.constant('Wait' as const), attributes: fc.record({ length: fc.integer({ min: 1, max: 20 }) }) }),
)

const element: fc.Arbitrary<ElementDraft> = fc.oneof(
  { arbitrary: sound, weight: 4 },
  fc.record({
    name: fc.constant('Hangup' as const),
    attributes: fc.record(
      {
        reason: fc.constantFrom('busy', 'rejected', 'test'),
        schedule: fc.oneof(fc.integer({ min: -1, max: 30 }), fc.constant('x')),
      },
      { requiredKeys: [] },
    ),
  }),
  fc.record({ name: fc.constant('PreAnswer' as const), children: fc.array(sound, { maxLength: 2 }) }),
  fc.record({
    name: fc.constant('Redirect' as const),
    text: fc.constantFrom(nextUrl, answerUrl, 'nowhere', 'https://app.example.com/404'),
    attributes: fc.record({ method: fc.constantFrom('GET', 'POST', 'PUT') }),
  }),
  fc.record({ name: fc.constantFrom('Dial' as const, 'Record' as const), text: fc.constant('') }),
)

const document = fc.array(element, { maxLength: 6 }).map((elements): Reply => writeDocument({ elements }))
const failure: fc.Arbitrary<Reply> = fc.oneof(
  fc.record({ status: fc.constantFrom(200, 204, 301, 404, 500), body: fc.constant(''), after: fc.nat(12_000) }),
  fc.record({ error: fc.constantFrom('connect', 'tls', 'closed', 'too-large') }),
  fc.constant<Reply>('<Response><Oops/></Response>'),
)
const reply = fc.oneof({ arbitrary: document, weight: 5 }, failure)

it('whatever the documents say and whenever the caller leaves: one end, one record, one webhook, nothing left', async () => {
  const setup = fc.record({
    first: reply,
    next: reply,
    fallback: reply,
    compat: fc.record({
      mode: fc.constantFrom('lenient', 'strict'),
      emptyResponse: fc.constantFrom('end', 'stay'),
      scheduleLast: fc.constantFrom('end', 'wait'),
    }),
    vendor: fc.constantFrom('vobiz', 'plivo'),
    leaves: fc.nat(90_000),
  })
  await fc.assert(
    fc.asyncProperty(setup, async ({ first, next, fallback, compat, vendor, leaves }) => {
      const world = await World.of({
        replies: { [answerUrl]: first, [nextUrl]: next, [fallbackUrl]: fallback },
        app: { vendor, compat, fallbackUrl },
      })
      await world.pass(leaves)
      const ended = world.records.length === 1
      if (!ended) await world.leave()
      await world.pass(300_000)

      expect(world.faults).toEqual([])
      expect(world.wire.filter((said) => /^(BYE|refuse)/.test(said))).toHaveLength(ended ? 1 : 0)
      expect(world.wire.filter((said) => said === '200').length).toBeLessThanOrEqual(1)
      expect(world.wire.filter((said) => said === '180').length).toBeLessThanOrEqual(1)
      const { ending } = world.record
      expect(world.webhook.AnswerTime === '').toBe(ending.phase !== 'answered')
      expect(world.webhook.HangupSource).not.toBe('Unknown')
      if (!ended) expect(world.webhook.HangupSource).toBe('Caller')
      expect(world.clock.armed).toBe(0)
    }),
    { numRuns: runs },
  )
}, 300_000)
