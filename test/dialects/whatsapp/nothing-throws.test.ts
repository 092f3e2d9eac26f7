import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  actionNames,
  codec,
  type OutgoingCall,
  parseCall,
  parseStanza,
  serialiseCall,
  stanzaText,
} from '../../../src/dialects/whatsapp/index.ts'

/** The long suite takes minutes. */
const patience = { timeout: 600_000 }

const numRuns = process.env.ONHOOK_LONG === undefined ? 1_000 : 100_000
const attrs = fc.dictionary(
  fc.constantFrom('from', 'to', 'id', 't', 'call-id', 'call-creator', 'reason', 'duration', 'x'),
  fc.anything(),
)
const child = fc.oneof(fc.record({ tag: fc.constantFrom(...actionNames, 'x'), attrs }), fc.anything())
const stanza = fc.oneof(
  fc.record({
    tag: fc.constantFrom('call', 'terminate', 'x'),
    attrs,
    content: fc.oneof(fc.array(child), fc.anything()),
  }),
  fc.anything(),
)

test('no object makes the parser, the reader or the serialiser throw', patience, () => {
  fc.assert(
    fc.property(stanza, (value) => {
      const parsed = parseCall(value)
      if (parsed.ok) serialiseCall(parsed.value)
      else expect(parsed.faults.length).toBeGreaterThan(0)
      expect(codec.read(value, { at: 0 }).raw?.value).toBe(value)
      codec.identify?.(value)
      serialiseCall(value as OutgoingCall)
    }),
    { numRuns },
  )
})

test('a circle of nodes ends somewhere', () => {
  const node: { tag: string; attrs: object; content: unknown[] } = { tag: 'call', attrs: {}, content: [] }
  node.content.push(node)
  parseCall(node)
  expect(codec.read(node, { at: 0 }).cause).toBe('unknown')
})

test('no text does', () => {
  const xml = fc.stringMatching(/^<call( [a-z]+="[^"<&]*")*>(<terminate[^>]*\/?>)*<\/call>$/)
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), xml), (text) => {
      parseCall(text)
      expect(codec.read(text, { at: 0 }).raw?.value).toBe(text)
    }),
    { numRuns },
  )
})

test('a node that is written as text is parsed as itself', () => {
  const name = fc.stringMatching(/^[a-z][a-z0-9_-]{0,8}$/)
  const value = fc.string({ unit: 'grapheme-ascii' })
  const { node } = fc.letrec((tie) => ({
    node: fc.record({
      tag: name,
      attrs: fc.dictionary(name, value, { noNullPrototype: true }),
      content: fc.oneof(
        { maxDepth: 3 },
        fc.stringMatching(/^[a-z]+$/),
        fc.array(tie('node'), { minLength: 1, maxLength: 3 }),
      ),
    }),
  }))
  fc.assert(
    fc.property(node, (tree) => {
      expect(parseStanza(stanzaText(tree as never))).toMatchObject({ ok: true, value: tree })
    }),
    { numRuns },
  )
})
