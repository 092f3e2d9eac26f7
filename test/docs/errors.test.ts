/**
 * docs/errors.md and the sources name the same codes. A code is a text of the shape `floor.what` in src, once types and
 * comments are taken out; so a code counts when it can really be minted, and whoever adds one is asked for its row.
 * Texts of that shape that are something else stand in `others`, each with what it is.
 */
import { describe, expect, it } from 'vitest'
import { dialCodes } from '../../src/config/dialer.ts'
import { configCodes } from '../../src/config/fault.ts'
import type { WebError } from '../../src/delivery/web-error.ts'
import type { ShapeFault } from '../../src/dialects/shape.ts'
import { functionsErrorCodes } from '../../src/functions/error.ts'
import { problems } from '../../src/http/problem.ts'
import { ledgerErrors } from '../../src/ledger/errors.ts'
import { mediaErrorCodes } from '../../src/media/error.ts'
import { objectErrorCodes } from '../../src/objects/bucket.ts'
import { phoneErrorCodes } from '../../src/testing/phone-error.ts'
import { filesUnder, literalsOf, textOf } from './source.ts'

const others: readonly (readonly [what: string, texts: RegExp])[] = [
  ['event types of Matrix, kinds of messages, and proposals', /^(m\.(call|room)\.|m\.notice$|org\.matrix\.msc4140)/],
  ['event types of Telnyx and SignalWire', /^(call\.hangup|calling\.call\.state)$/],
  ['servers of WhatsApp addresses', /^(s\.whatsapp\.net|c\.us|hosted\.lid)$/],
  ['names of files', /^(onhook\.config\.json|onhook\.db|speech\.wav)$/],
  ['an example of a domain', /^example\.org$/],
  ['places in a configuration and in a request', /^(sip\.users|query\.cursor|chime\.(applications|buckets))$/],
  ['what Node calls the whole of a CommonJS module', /^module\.exports$/],
  ['a protocol of the Reason header, folded', /^q\.850$/],
  ['the name of a set of notes', /^bandwidth\.bxml$/],
]

const sources = filesUnder('src').filter((path) => path.endsWith('.ts'))
const literals = sources.flatMap((path) => literalsOf(path))
const texts = literals.filter((text) => !text.startsWith('`')).map((text) => text.slice(1, -1))
const shaped = texts.filter((text) => /^[a-z]+(\.[a-z0-9][a-z0-9-]*)+$/.test(text))
const written = shaped.filter((text) => !others.some(([, those]) => those.test(text)))

/** Codes that are put together from parts, by the template that does it. */
const composed: Readonly<Record<string, readonly string[]>> = {
  '`bandwidth.bxml-${kind}`': ['bandwidth.bxml-text', 'bandwidth.bxml-children', 'bandwidth.bxml-nesting'],
  '`http.${status}`': ['http.NNN'],
  '`m.call.${name.slice(unstable.length)}`': [],
}

/** The shapes of JSON messages put the dialect before the kind. */
const shapeFaults: Readonly<Record<ShapeFault, true>> = {
  json: true,
  'wrong-type': true,
  missing: true,
  value: true,
  'unknown-key': true,
}
const shapeCodes = ['chime', 'bandwidth'].flatMap((dialect) =>
  Object.keys(shapeFaults).map((kind) => `${dialect}.${kind}`),
)

const minted = new Set([...written, ...Object.values(composed).flat(), ...shapeCodes])

const page = textOf('docs/errors.md')
const rows = [...page.matchAll(/^\| `([^`]+)` \|(.*)\|$/gm)].map(([, code, rest]) => ({
  code: code!,
  cells: rest!.split(' | '),
}))
const told = rows.map(({ code }) => code).filter((code) => code.includes('.'))

describe('docs/errors.md', () => {
  it('has a row for every code of the sources', () => {
    expect([...minted].filter((code) => !told.includes(code)).sort()).toEqual([])
  })

  it('has no row for a code that nothing mints', () => {
    expect(told.filter((code) => !minted.has(code))).toEqual([])
  })

  it('tells of each code once, and what it means', () => {
    expect(told.filter((code, at) => told.indexOf(code) !== at)).toEqual([])
    expect(rows.filter(({ cells }) => cells[0]!.trim() === '')).toEqual([])
  })

  it('gives each problem the status that the API answers', () => {
    const statuses = Object.fromEntries(rows.map(({ code, cells }) => [code, Number(cells[0])]))
    const given = Object.entries(problems).map(([code, { status }]) => [code, status])
    expect(given.map(([code]) => [code, statuses[code as string]])).toEqual(given)
  })

  it('tells of each way in which a delivery fails, and of no other', () => {
    const ways: Readonly<Record<WebError, true>> = {
      connect: true,
      dns: true,
      tls: true,
      timeout: true,
      closed: true,
      'too-large': true,
      redirects: true,
      'refused-address': true,
      'bad-url': true,
      aborted: true,
    }
    const section = /^## Deliveries$(.*?)^## /ms.exec(page)?.[1] ?? ''
    expect([...section.matchAll(/^\| `([^`]+)` \|/gm)].map(([, way]) => way).sort()).toEqual(Object.keys(ways).sort())
  })
})

describe('the codes of the sources', () => {
  it('are all found: what the floors list is among them', () => {
    const lists = [
      configCodes,
      dialCodes,
      functionsErrorCodes,
      mediaErrorCodes,
      phoneErrorCodes,
      objectErrorCodes,
      Object.keys(ledgerErrors),
      Object.keys(problems),
    ]
    expect(lists.flat().filter((code) => !minted.has(code))).toEqual([])
  })

  it('are used where they are listed', () => {
    const lists = [
      configCodes,
      functionsErrorCodes,
      mediaErrorCodes,
      phoneErrorCodes,
      objectErrorCodes,
      Object.keys(ledgerErrors),
      Object.keys(problems),
    ]
    const count = (code: string) => written.filter((one) => one === code).length
    expect(lists.flat().filter((code) => count(code) < 2)).toEqual([])
  })

  it('are put together from parts only where this test knows how', () => {
    const templates = new Set(literals.filter((text) => /^`[a-z]+\.[a-z.-]*\$\{[^`\s]*`$/.test(text)))
    expect([...templates].sort()).toEqual(Object.keys(composed).sort())
  })

  it('are told apart from other texts by a table without dead rows', () => {
    expect(others.filter(([, those]) => !shaped.some((text) => those.test(text)))).toEqual([])
  })
})
