import { describe, expect, it } from 'vitest'
import { createFaces, type Faces } from './faces.ts'

async function values(faces: Faces, name: string): Promise<Record<string, number>> {
  const { body } = await faces.ask('/metrics')
  const lines = [...(body as string).matchAll(new RegExp(`^${name}(\\{[^}]*\\})? ([\\d.e+-]+)$`, 'gm'))]
  return Object.fromEntries(lines.map(([, labels, value]) => [(labels ?? '').replaceAll('"', ''), Number(value)]))
}

describe('/metrics', () => {
  it('counts calls ended by cause, actor, phase and network', async () => {
    const faces = createFaces()
    const { control } = faces
    const [a, b, c] = [control.add(), control.add(), control.add({ network: 'matrix' })]
    control.answerLeg(a)
    control.answerLeg(b)
    for (const id of [a, b]) await control.end(id, { cause: 'hangup', actor: 'api' })
    await control.end(c, { cause: 'busy', actor: 'party' })
    await control.end(c, { cause: 'hangup', actor: 'api' })
    expect(await values(faces, 'onhook_calls_ended_total')).toEqual({
      '{cause=hangup,actor=api,phase=answered,network=sip}': 2,
      '{cause=busy,actor=caller,phase=offered,network=matrix}': 1,
    })
    expect(Object.values(await values(faces, 'onhook_legs_ended_total')).reduce((sum, one) => sum + one)).toBe(3)
    expect(await values(faces, 'onhook_legs_begun_total')).toEqual({ '{network=sip}': 2, '{network=matrix}': 1 })
  })

  it('shows what lives, by phase, every phase always', async () => {
    const faces = createFaces()
    faces.control.add()
    faces.control.answerLeg(faces.control.add())
    expect(await values(faces, 'onhook_calls_live')).toEqual({
      '{phase=queued}': 0,
      '{phase=offered}': 1,
      '{phase=ringing}': 0,
      '{phase=early}': 0,
      '{phase=answered}': 1,
    })
  })

  it('counts late ends and what became of tellings', async () => {
    const faces = createFaces()
    const annex = { type: 'annex', at: 1, call: 'c', network: 'sip' } as const
    const ending = { cause: 'cancelled', actor: 'caller', phase: 'ringing', at: 1 } as const
    faces.control.emit({ ...annex, entry: { type: 'late', leg: 'l', ending } })
    faces.control.emit({ ...annex, entry: { type: 'told', leg: 'l', outcome: 'delivered' } })
    faces.control.emit({ ...annex, entry: { type: 'told', leg: 'l', outcome: 'unconfirmed' } })
    expect(await values(faces, 'onhook_late_ends_total')).toEqual({ '{network=sip}': 1 })
    expect(await values(faces, 'onhook_told_total')).toEqual({
      '{network=sip,outcome=delivered}': 1,
      '{network=sip,outcome=unconfirmed}': 1,
    })
  })

  it('takes what deliveries, the ledger and admission measure', async () => {
    const faces = createFaces()
    faces.metrics.attempted('vobiz', 'retry', 20)
    faces.metrics.attempted('vobiz', 'delivered', 30)
    faces.metrics.committed(2, 7)
    faces.metrics.recovered(3)
    faces.metrics.shed('rate')
    expect(await values(faces, 'onhook_delivery_attempts_total')).toEqual({
      '{platform=vobiz,outcome=retry}': 1,
      '{platform=vobiz,outcome=delivered}': 1,
    })
    expect(await values(faces, 'onhook_delivery_attempt_seconds_sum')).toEqual({ '': 0.05 })
    expect(await values(faces, 'onhook_ledger_commit_seconds_count')).toEqual({ '': 1 })
    expect(await values(faces, 'onhook_ledger_rows_total')).toEqual({ '': 7 })
    expect(await values(faces, 'onhook_recovered_calls_total')).toEqual({ '': 3 })
    expect(await values(faces, 'onhook_calls_shed_total')).toEqual({ '{limit=rate}': 1 })
  })

  it('measures talk from answer to end', async () => {
    const faces = createFaces()
    const id = faces.control.add()
    faces.control.answerLeg(id)
    faces.control.clock.advance(12_000)
    await faces.control.end(id, { cause: 'hangup', actor: 'api' })
    await faces.control.end(faces.control.add(), { cause: 'hangup', actor: 'api' })
    expect(await values(faces, 'onhook_call_talk_seconds_sum')).toEqual({ '': 12 })
    expect(await values(faces, 'onhook_call_talk_seconds_count')).toEqual({ '': 1 })
  })

  it('names no number, address or identifier', async () => {
    const faces = createFaces()
    const id = faces.control.add({ from: '+15550100123', to: 'sip:alice@host' })
    await faces.control.end(id, { cause: 'hangup', actor: 'api' })
    const { body } = await faces.ask('/metrics')
    for (const text of ['5550100123', 'alice', id]) expect(body).not.toContain(text)
  })
})
