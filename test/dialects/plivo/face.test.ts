import { createRequire } from 'node:module'
import { describe, expect, it } from 'vitest'
import * as plivo from '../../../src/dialects/plivo/index.ts'
import * as vobiz from '../../../src/dialects/vobiz/index.ts'

// The package's types leave most of its XML builder out.
const sdk = createRequire(import.meta.url)('plivo') as { Response: new () => Builder }
type Builder = Record<string, (...given: unknown[]) => Builder> & { toXML(): string }

describe('Plivo', () => {
  it('reads what the unmodified SDK writes', () => {
    const response = new sdk.Response()
    response.addHangup!({ schedule: 60 })
    response.addSpeak!('Tom & Jerry', { voice: 'MAN', loop: 2 })
    response.addPlay!('https://x/a.mp3?a=1&b=2', { loop: 0 })
    response.addWait!({ length: 5, silence: true, minSilence: 3000 })
    response.addPreAnswer!().addSpeak!('early')
    response.addGetDigits!({ action: 'https://x/', numDigits: 1 }).addSpeak!('press one')
    response.addGetInput!({ action: 'https://x/', inputType: 'dtmf speech' })
    response.addRecord!({ action: 'https://x/', maxLength: 30 })
    response.addDial!({ timeout: 20, callbackUrl: 'https://x/' }).addNumber!('15551234', { sendDigits: '1' })
    response.addConference!('room', { maxMembers: 5, stayAlone: true })
    response.addMessage!('hi', { src: '1', dst: '2' })
    response.addDTMF!('12', { async: false })
    response.addStream!('wss://x/', { bidirectional: true, streamTimeout: 60 })
    response.addMultiPartyCall!('room', { role: 'agent', maxDuration: 600 })
    response.addRedirect!('https://x/', { method: 'GET' })
    response.addHangup!({ reason: 'busy' })
    const parsed = plivo.parseDocument(response.toXML())
    expect(parsed).toMatchObject({ ok: true })
    if (!parsed.ok) return
    expect(parsed.value.elements).toHaveLength(16)
    expect(parsed.value.elements[0]).toMatchObject({ name: 'Hangup', attributes: { schedule: 60 } })
    expect(parsed.value.elements[1]).toMatchObject({ text: 'Tom & Jerry', attributes: { voice: 'MAN', loop: 2 } })
    const warned = parsed.warnings.map(({ code }) => code)
    expect(warned).toEqual(['vobiz.never-run'])
  })

  it('reads what SDKs write that check nothing', () => {
    const response = new sdk.Response()
    response.addHangup!({ reason: 'test', schedule: 10 })
    response.addWait!({ length: 20 })
    expect(plivo.parseDocument(response.toXML())).toMatchObject({ ok: true, warnings: [{ code: 'vobiz.value' }] })
    expect(plivo.parseDocument(response.toXML(), { compat: plivo.strict }).ok).toBe(false)
  })

  it('lints by its own elements', () => {
    expect(plivo.lint('<Response><GetDigits/></Response>').ok).toBe(true)
    expect(plivo.lint('<Response><Gather action="http://x/"/></Response>').ok).toBe(false)
  })

  it('has the face of Vobiz, but for what it fixes itself', () => {
    expect(plivo.profile.name).toBe('plivo')
    expect(vobiz.profile.name).toBe('vobiz')
    const own = ['codec', 'lint', 'parseDocument', 'profile']
    const shared = Object.entries(plivo).filter(([name]) => !own.includes(name))
    const theirs = new Map<string, unknown>(Object.entries(vobiz))
    for (const [name, value] of shared) expect(theirs.get(name), name).toBe(value)
  })
})
