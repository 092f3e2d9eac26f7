import { describe, expect, it } from 'vitest'
import { carriedOut, parseDocument, profile, writeDocument } from '../../../src/dialects/vobiz/index.ts'
import { answerUrl, World } from './world.ts'

const talk = '<Play loop="0">https://x/a.wav</Play>'

/** Runs a document to its end and tells how the app is told of it. */
async function ending(inner: string, app = {}) {
  const world = await World.ofDocument(inner, { app })
  await world.pass(100_000)
  const { HangupCauseName, HangupCause, HangupSource, Duration, BillDuration, AnswerTime } = world.webhook
  return { world, HangupCauseName, HangupCause, HangupSource, Duration, BillDuration, AnswerTime, wire: world.wire }
}

/** The vendor's page about `<Hangup>`, statement by statement. */
describe('the Hangup page', () => {
  it('reason is rejected or busy', async () => {
    expect(await ending('<Hangup reason="rejected"/>')).toMatchObject({ HangupCauseName: 'Rejected' })
    expect(await ending('<Hangup reason="busy"/>')).toMatchObject({ HangupCauseName: 'Busy Line' })
  })

  it('schedule, a whole number above zero, hangs up after so many seconds', async () => {
    const { world, HangupCauseName } = await ending(`<Hangup schedule="60"/>${talk}`)
    expect(HangupCauseName).toBe('Scheduled Hangup')
    expect(world.lasted).toBe(60_000)
  })

  it('schedule should be followed by an element such as Speak; otherwise the call hangs up at once', async () => {
    const { world, HangupCauseName } = await ending('<Hangup schedule="60"/>')
    expect(HangupCauseName).toBe('End Of XML Instructions')
    expect(world.lasted).toBe(0)
    expect(world.warnings).toMatchObject([{ code: 'vobiz.schedule-last' }])
  })

  it('first in the answer XML and without a reason, it rejects', async () => {
    expect(await ending('<Hangup/>')).toMatchObject({ HangupCauseName: 'Rejected', wire: ['refuse declined'] })
  })

  it('not first, or on an answered call, and without a reason, it is a normal hangup', async () => {
    expect(await ending('<Wait length="1"/><Hangup/>')).toMatchObject({ HangupCauseName: 'Normal Hangup' })
    expect(await ending('<Speak>x</Speak><Hangup/>')).toMatchObject({ HangupCauseName: 'Normal Hangup' })
    const next = 'https://app.example.com/next'
    const world = await World.ofDocument(`<Speak>x</Speak><Redirect>${next}</Redirect>`, {
      replies: { [next]: '<Response><Hangup/></Response>' },
    })
    await world.pass(5_000)
    expect(world.webhook.HangupCauseName).toBe('Normal Hangup')
  })

  it('takes no child and no text', async () => {
    for (const inner of ['<Hangup>x</Hangup>', '<Hangup><Speak>x</Speak></Hangup>']) {
      expect(await ending(inner)).toMatchObject({ HangupCauseName: 'Invalid Answer XML' })
    }
  })

  it('stands at the top of the Response only', () => {
    const outer = profile.response.filter((name) => name !== 'Hangup')
    expect(outer).toContain('PreAnswer')
    for (const name of outer) {
      expect(parseDocument(`<Response><${name}><Hangup/></${name}></Response>`).ok, name).toBe(false)
    }
  })

  it('is the last thing that is processed', async () => {
    const { world } = await ending(`<Hangup/><Speak>never</Speak><Redirect>${answerUrl}</Redirect>`)
    expect(world.media.heard).toEqual([])
    expect(world.app.requests).toHaveLength(1)
  })

  it('ends a call gracefully after a Speak', async () => {
    expect(await ending('<Speak>Goodbye</Speak><Hangup/>')).toMatchObject({
      wire: ['200', 'BYE hangup'],
      HangupSource: 'Answer XML',
      Duration: '2',
    })
  })

  it('rejects before the answer, and nothing is billed', async () => {
    for (const reason of ['busy', 'rejected']) {
      expect(await ending(`<Hangup reason="${reason}"/>`)).toMatchObject({
        wire: [reason === 'busy' ? 'refuse busy' : 'refuse declined'],
        Duration: '0',
        BillDuration: '0',
        AnswerTime: '',
      })
    }
  })

  it('keeps the call up until the timer fires where something follows: Speak, Play or Wait', async () => {
    for (const following of ['<Speak loop="0">x</Speak>', talk, '<Wait length="99"/>']) {
      const { world } = await ending(`<Speak>x</Speak><Hangup schedule="60"/>${following}`)
      expect(world.lasted).toBe(62_000)
      expect(world.webhook.HangupCauseName).toBe('Scheduled Hangup')
    }
  })

  it('is not what an empty Response is: that ends the call here, and leaves it connected by choice', async () => {
    expect(await ending('')).toMatchObject({ HangupCauseName: 'End Of XML Instructions' })
    const world = await World.ofDocument('', { app: { compat: { emptyResponse: 'stay' } } })
    await world.pass(60_000)
    expect(world.records).toEqual([])
    await world.leave()
  })

  it('no XML at all ends the call too', async () => {
    const world = await World.of({ replies: { [answerUrl]: { body: '' } } })
    expect(world.webhook.HangupCauseName).toBe('Invalid Answer XML')
  })

  it('has a hangup URL that still fires, with duration and cause, and needs no XML', async () => {
    const hangupUrl = 'https://app.example.com/hangup'
    const { world } = await ending('<Speak>x</Speak><Hangup/>', { hangupUrl })
    expect(world.deliveries.map(({ url }) => url)).toEqual([hangupUrl])
    expect(world.webhook).toMatchObject({ Duration: '2', HangupCause: 'NORMAL_CLEARING' })
    expect(world.app.asked[hangupUrl]).toBeUndefined()
  })

  it.each(['<Response><Hangup/></Response>', '<Response></Response>'])('writes %s as the page does', (xml) => {
    const parsed = parseDocument(xml)
    if (!parsed.ok) throw new Error('invalid')
    expect(writeDocument(parsed.value)).toBe(xml)
    expect(carriedOut).toContain('Hangup')
  })
})
