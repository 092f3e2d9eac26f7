import { describe, expect, it } from 'vitest'
import { createFaces, type Faces } from './faces.ts'

// biome-ignore lint/suspicious/noExplicitAny: events of any shape
type Event = { id?: string; event?: string; data?: any; comment?: string }

/** Reads server-sent events one by one. */
async function follow(faces: Faces, path = '/api/events', headers: Record<string, string> = {}) {
  const response = await faces.app.request(`http://127.0.0.1:8060${path}`, { headers })
  const reader = response.body!.getReader()
  const decoder = new TextDecoder()
  let text = ''
  return {
    response,
    cancel: () => reader.cancel(),
    /** The next event; undefined at the end of the feed. */
    async next(): Promise<Event | undefined> {
      while (!text.includes('\n\n')) {
        const { done, value } = await reader.read()
        if (done) return undefined
        text += decoder.decode(value)
      }
      const at = text.indexOf('\n\n')
      const lines = text.slice(0, at).split('\n')
      text = text.slice(at + 2)
      const event: Event = {}
      for (const line of lines) {
        const [, name, value] = /^(\w*): ?(.*)$/.exec(line) as RegExpExecArray
        if (name === '') event.comment = value!
        else if (name === 'data') event.data = JSON.parse(value!)
        else event[name as 'id' | 'event'] = value!
      }
      return event
    },
  }
}

const end = { cause: 'hangup', actor: 'api' } as const

describe('the feed', () => {
  it('takes nobody for a reader who only asks for its head', async () => {
    const faces = createFaces({ events: { readers: 1 } })
    for (let n = 0; n < 3; n++) {
      const { status, headers } = await faces.app.request('http://127.0.0.1:8060/api/events', { method: 'HEAD' })
      expect([status, headers.get('content-type')]).toEqual([200, 'text/event-stream'])
    }
    expect(await (await follow(faces)).next()).toMatchObject({ event: 'snapshot' })
  })

  it('begins with what lives now, then tells what happens', async () => {
    const faces = createFaces()
    const id = faces.control.add({ to: '+44' })
    const feed = await follow(faces)
    expect(feed.response.headers.get('content-type')).toBe('text/event-stream')
    expect(await feed.next()).toMatchObject({ event: 'snapshot', data: { calls: [{ id, to: '+44' }], more: false } })
    faces.control.answerLeg(id)
    expect(await feed.next()).toMatchObject({
      event: 'leg-answered',
      data: { id, leg: `${id}-a`, call: { phase: 'answered' } },
    })
    await faces.control.end(id, end)
    expect(await feed.next()).toMatchObject({ event: 'leg-ended', data: { id, ending: { cause: 'hangup' } } })
    expect(await feed.next()).toMatchObject({
      event: 'call-ended',
      data: { id, ending: { actor: 'api' }, call: { state: 'ended' } },
    })
    await feed.cancel()
  })

  it('tells what is learnt beside a standing record', async () => {
    const faces = createFaces()
    const feed = await follow(faces)
    await feed.next()
    faces.control.emit({
      type: 'annex',
      at: 9,
      call: 'c',
      network: 'sip',
      entry: { type: 'told', leg: 'l', outcome: 'unconfirmed' },
    })
    expect(await feed.next()).toMatchObject({
      event: 'told',
      data: { at: 9, id: 'c', network: 'sip', leg: 'l', outcome: 'unconfirmed' },
    })
    await feed.cancel()
  })

  it('an empty switchboard is an empty snapshot', async () => {
    const feed = await follow(createFaces())
    expect(await feed.next()).toMatchObject({ event: 'snapshot', data: { calls: [], more: false } })
    await feed.cancel()
  })

  it('a large snapshot comes in parts, and only the last may be resumed from', async () => {
    const faces = createFaces({ events: { snapshotPage: 2 } })
    const ids = Array.from({ length: 5 }, () => faces.control.add())
    const feed = await follow(faces)
    const parts = [await feed.next(), await feed.next(), await feed.next()]
    expect(parts.map((part) => [part?.data.calls.length, part?.data.more, part?.id !== undefined])).toEqual([
      [2, true, false],
      [2, true, false],
      [1, false, true],
    ])
    expect(parts.flatMap((part) => part?.data.calls.map(({ id }: { id: string }) => id))).toEqual(ids)
    await feed.cancel()
  })

  it('of one call only', async () => {
    const faces = createFaces()
    const [a, b] = [faces.control.add(), faces.control.add()]
    const feed = await follow(faces, `/api/events?call=${b}`)
    expect((await feed.next())?.data.calls).toMatchObject([{ id: b }])
    faces.control.answerLeg(a)
    faces.control.answerLeg(b)
    expect(await feed.next()).toMatchObject({ event: 'leg-answered', data: { id: b } })
    await feed.cancel()
  })
})

describe('who was away', () => {
  it('gets what was missed instead of a snapshot', async () => {
    const faces = createFaces()
    const id = faces.control.add()
    const first = await follow(faces)
    const { id: last } = (await first.next())!
    await first.cancel()
    faces.control.answerLeg(id)
    const again = await follow(faces, '/api/events', { 'last-event-id': last! })
    const missed = await again.next()
    expect(missed).toMatchObject({ event: 'leg-answered' })
    await again.cancel()
    await faces.control.end(id, end)
    const third = await follow(faces, '/api/events', { 'last-event-id': missed!.id! })
    expect([(await third.next())?.event, (await third.next())?.event]).toEqual(['leg-ended', 'call-ended'])
    await third.cancel()
  })

  it('so long that nobody waited for it any more gets the picture afresh', async () => {
    const faces = createFaces({ events: { patience: 1_000 } })
    const first = await follow(faces)
    const { id } = (await first.next())!
    await first.cancel()
    await faces.control.clock.advance(1_001)
    faces.control.add()
    const again = await follow(faces, '/api/events', { 'last-event-id': id! })
    expect(await again.next()).toMatchObject({
      event: 'snapshot',
      data: { calls: [{ phase: 'offered' }], more: false },
    })
    await again.cancel()
  })

  it.each([
    ['longer than events are kept', (last: string) => last],
    ['since another process', (last: string) => last.replace(/^.*-/, 'another-')],
    ['with a number from the future', (last: string) => last.replace(/-\d+$/, '-999')],
    ['with nonsense', () => 'nonsense'],
  ])('%s gets the picture afresh', async (_, change) => {
    const faces = createFaces({ events: { kept: 4 } })
    const first = await follow(faces)
    const { id } = (await first.next())!
    await first.cancel()
    for (let count = 0; count < 5; count++) faces.control.add()
    const again = await follow(faces, '/api/events', { 'last-event-id': change(id!) })
    expect(await again.next()).toMatchObject({ event: 'snapshot', data: { more: false } })
    await again.cancel()
  })

  it('and who reads too slowly, too, without costing memory', async () => {
    const faces = createFaces({ events: { kept: 4 } })
    const feed = await follow(faces)
    await feed.next()
    const ids = Array.from({ length: 50 }, () => faces.control.add())
    const seen: string[] = []
    for (;;) {
      const event = (await feed.next())!
      seen.push(event.event!)
      if (event.event === 'snapshot') {
        expect(event.data.calls.map(({ id }: { id: string }) => id)).toEqual(ids)
        break
      }
    }
    expect(seen.length).toBeLessThanOrEqual(3)
    await feed.cancel()
  })
})

describe('nothing is left', () => {
  it('of a reader that went away', async () => {
    const faces = createFaces({ events: { readers: 1 } })
    for (let round = 0; round < 3; round++) {
      const feed = await follow(faces)
      await feed.next()
      expect((await faces.ask('/api/events')).status).toBe(503)
      await feed.cancel()
      expect(faces.control.clock.armed).toBe(0)
    }
  })

  it('of a quiet feed but a comment now and then', async () => {
    const faces = createFaces({ events: { heartbeat: 15_000 } })
    const feed = await follow(faces)
    await feed.next()
    const next = feed.next()
    await new Promise((resolve) => setImmediate(resolve))
    faces.control.clock.advance(15_000)
    expect(await next).toEqual({ comment: 'still here' })
    for (let round = 0; round < 5; round++) {
      const again = feed.next()
      await new Promise((resolve) => setImmediate(resolve))
      expect([faces.ring.waiting, faces.control.clock.armed]).toEqual([1, 1])
      faces.control.clock.advance(15_000)
      await again
    }
    await feed.cancel()
    expect([faces.ring.waiting, faces.control.clock.armed]).toEqual([0, 0])
  })

  it('when the server stops: every feed ends, and no observer stays', async () => {
    const faces = createFaces()
    const feed = await follow(faces)
    await feed.next()
    const next = feed.next()
    await new Promise((resolve) => setImmediate(resolve))
    faces.close()
    expect(await next).toBeUndefined()
    expect([faces.control.observers, faces.control.clock.armed]).toEqual([0, 0])
    expect((await faces.ask('/api/events')).status).toBe(503)
  })
})
