import { describe, expect, it } from 'vitest'
import { World } from './world.ts'

describe('sounds and silences', () => {
  it('answer once, then follow one another', async () => {
    const world = await World.ofDocument(
      '<Speak>one</Speak><Play loop="2">https://x/two.mp3</Play><Wait length="3"/><Speak>three</Speak>',
    )
    await world.pass(20_000)
    expect(world.media.heard).toEqual(['one', 'https://x/two.mp3', 'three'])
    expect(world.wire).toEqual(['200', 'BYE script-end'])
    expect(world.lasted).toBe(2_000 + 4_000 + 3_000 + 2_000)
  })

  it('that cannot be played are skipped with a warning, and the script goes on', async () => {
    const world = await World.ofDocument(
      '<Play>https://x/missing.mp3</Play><Speak>missing</Speak><Play loop="0">/tmp/a.wav</Play><Speak>here</Speak><Hangup/>',
    )
    await world.pass(20_000)
    expect(world.media.heard).toEqual(['here'])
    expect(world.warnings.map(({ code, place }) => [code, place])).toEqual([
      ['vobiz.prompt', '1:11'],
      ['vobiz.prompt', '1:45'],
      ['vobiz.prompt', '1:67'],
    ])
    expect(world.webhook.HangupCauseCode).toBe('4000')
  })

  it('never read this machine’s files', async () => {
    const world = await World.ofDocument('<Play>file:///etc/passwd</Play>')
    expect(world.media.heard).toEqual([])
    expect(world.warnings[0]?.message).toContain('no http(s) URL')
  })

  it('stop when the caller leaves', async () => {
    const world = await World.ofDocument('<Play loop="0">https://x/a.wav</Play><Speak>never</Speak>')
    await world.pass(60_000)
    await world.leave()
    await world.pass(60_000)
    expect(world.media.heard).toEqual(['https://x/a.wav'])
    expect(world.clock.armed).toBe(0)
  })

  it('before the answer are early media, and ring once', async () => {
    const world = await World.ofDocument(
      '<Wait length="1"/><Wait length="1"/><PreAnswer><Speak>early</Speak><Wait length="2"/></PreAnswer><Wait length="1"/><PreAnswer/><Speak>answered</Speak>',
    )
    await world.pass(30_000)
    expect(world.wire).toEqual(['180', '183', '200', 'BYE script-end'])
    expect(world.media.heard).toEqual(['early', 'answered'])
    expect(world.record.talk).toBe(2_000)
  })

  it('of PreAnswer on an answered call are plain ones', async () => {
    const world = await World.ofDocument('<Speak>a</Speak><PreAnswer><Speak>b</Speak></PreAnswer><Hangup/>')
    await world.pass(30_000)
    expect(world.wire).toEqual(['200', 'BYE hangup'])
  })

  it('may be a word that nobody hears: an empty Speak answers and is over', async () => {
    const world = await World.ofDocument('<Speak></Speak><Hangup/>')
    expect(world.wire).toEqual(['200', 'BYE hangup'])
  })

  it('say what they do not listen for yet', async () => {
    const world = await World.ofDocument('<Wait length="2" silence="true"/><Hangup/>')
    await world.pass(5_000)
    expect(world.warnings).toMatchObject([{ code: 'vobiz.not-heard' }])
    expect(world.lasted).toBe(2_000)
  })
})

describe('documents that leave the call to others', () => {
  it('an empty one may keep it connected, where the switch says so', async () => {
    const world = await World.ofDocument('', { app: { compat: { emptyResponse: 'stay' } } })
    await world.pass(30_000)
    expect(world.records).toEqual([])
    await world.leave()
    expect(world.webhook).toMatchObject({ HangupSource: 'Caller', CallStatus: 'cancel' })
  })
})
