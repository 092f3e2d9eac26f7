import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { delivery } from '../http/fake-control.ts'
import { fakeServer, terminal, until } from './terminal-io.ts'

let server: Awaited<ReturnType<typeof fakeServer>>
const ids: string[] = []
beforeAll(async () => {
  process.env.TZ = 'UTC'
  server = await fakeServer()
  const { control } = server
  ids.push(
    control.add({ from: '+15550100', to: '+442071234567' }),
    control.add({ from: 'alice', to: '100', direction: 'out', platform: 'direct' }),
  )
  ids.push(control.add({ from: '+1', to: '+2' }))
  control.answerLeg(ids[0]!)
  control.step(ids[0]!, {
    type: 'arm',
    at: control.clock.now(),
    timer: { id: 'limit', due: control.clock.now() + 60_000, cause: 'time-limit', until: 'any' },
  })
  control.step(ids[2]!, {
    type: 'end',
    at: control.clock.now() + 4200,
    leg: `${ids[2]}-a`,
    reason: { cause: 'busy', actor: 'party', detail: 'in a meeting' },
    heard: 'wire',
  })
  control.deliveries.push(delivery('d1'), {
    ...delivery('d2', 'failed'),
    attempts: [{ at: 0, milliseconds: 3000, status: null, error: 'timeout' }],
    next: 1_794_000_100_000,
  })
})
afterAll(() => server.stop())

async function printed(line: string, given: Parameters<typeof terminal>[0] = {}) {
  const made = terminal({ now: 1_794_000_012_000, ...given })
  expect(await made.onhook(...line.split(' '), '--url', server.url)).toBe(0)
  return made
}

describe('for people', () => {
  it('calls', async () => {
    expect((await printed('calls')).out()).toMatchInlineSnapshot(`
      "CALL         FROM → TO                  PHASE     FOR   PLATFORM  NETWORK  LEGS
      0190-000001  +15550100 → +442071234567  answered  12 s  vobiz     sip      1 leg
      0190-000002  alice ⇢ 100                queued    12 s  direct    sip      1 leg
      "
    `)
  })
  it('one call', async () => {
    expect((await printed(`calls ${ids[0]}`)).out()).toMatchInlineSnapshot(`
      "0190-000001  +15550100 → +442071234567  answered  since 2026-11-06 21:20:00

      LEG            ROLE    NETWORK  FROM → TO                  STATE     TALK
      0190-000001-a  caller  sip      +15550100 → +442071234567  answered  12 s

      will end it
        limit: time-limit at 2026-11-06 21:21:00
      "
    `)
  })
  it('records', async () => {
    expect((await printed('records')).out()).toMatchInlineSnapshot(`
      "ENDED                CALL         FROM → TO  CAUSE  BY      PHASE    TALK  PLATFORM
      2026-11-06 21:20:04  0190-000003  +1 → +2    busy   caller  offered        vobiz
      "
    `)
  })
  it('one record', async () => {
    expect((await printed(`records ${ids[2]}`)).out()).toMatchInlineSnapshot(`
      "0190-000003  +1 → +2  busy by caller while offered: in a meeting
      2026-11-06 21:20:00 to 2026-11-06 21:20:04  vobiz

      LEG            ROLE    NETWORK  FROM → TO  CAUSE  BY      PHASE    TALK  TOLD
      0190-000003-a  caller  sip      +1 → +2    busy   caller  offered
      "
    `)
  })
  it('deliveries', async () => {
    expect((await printed('deliveries')).out()).toMatchInlineSnapshot(`
      "CREATED              DELIVERY  CALL         KIND    STATE      TRIES  LAST     URL
      2026-11-06 21:20:00  d1        0190-000001  hangup  delivered  1      200      https://app.example/hangup
      2026-11-06 21:20:00  d2        0190-000001  hangup  failed     1      timeout  https://app.example/hangup
      "
    `)
  })
  it('one delivery', async () => {
    expect((await printed('deliveries d2')).out()).toMatchInlineSnapshot(`
      "d2  hangup of 0190-000001  failed
      POST https://app.example/hangup

      Event=Hangup

      TRIED                TOOK   OUTCOME
      1970-01-01 00:00:00  3.0 s  timeout
      next at 2026-11-06 21:21:40
      "
    `)
  })
  it('nothing to show is said', async () => {
    expect((await printed('calls --phase early')).out()).toBe('no live calls\n')
    expect((await printed('records --cause unwanted')).out()).toBe('no records\n')
    expect((await printed('deliveries --state pending')).out()).toBe('no deliveries\n')
  })
})

describe('colour', () => {
  const coloured = async (given: Parameters<typeof terminal>[0]) =>
    (await printed('records', given)).raw().includes('\u001b[')
  it('is for terminals, unless somebody says otherwise', async () => {
    expect(await coloured({ tty: true })).toBe(true)
    expect(await coloured({ tty: false })).toBe(false)
    expect(await coloured({ tty: true, env: { NO_COLOR: '1' } })).toBe(false)
    expect(await coloured({ tty: false, env: { FORCE_COLOR: '1' } })).toBe(true)
  })

  it('does not disturb the columns', async () => {
    const [plain, painted] = [await printed('records'), await printed('records', { tty: true })]
    expect(painted.out()).toBe(plain.out())
  })
})

describe('for machines', () => {
  it('a list is a JSON array, on one line in a pipe, indented on a terminal', async () => {
    const piped = (await printed('calls --json')).out()
    expect(JSON.parse(piped)).toMatchObject([{ id: ids[0], phase: 'answered' }, { id: ids[1] }])
    expect(piped.trim().split('\n')).toHaveLength(1)
    expect((await printed('calls --json', { tty: true })).out()).toContain('\n  {\n')
    expect(JSON.parse((await printed('calls --phase early --json')).out())).toEqual([])
  })

  it('one thing is one object', async () => {
    expect(JSON.parse((await printed(`calls ${ids[0]} --json`)).out())).toMatchObject({
      state: 'live',
      call: { id: ids[0] },
    })
    expect(JSON.parse((await printed(`records ${ids[2]} --json`)).out())).toMatchObject({
      ending: { cause: 'busy', actor: 'caller' },
    })
    expect(JSON.parse((await printed('deliveries d1 --json')).out())).toMatchObject({ id: 'd1' })
    expect(JSON.parse((await printed('deliveries --json')).out())).toHaveLength(2)
    expect(JSON.parse((await printed('records --json')).out())).toHaveLength(1)
  })

  it('pages are joined up to the limit', async () => {
    const many = await fakeServer()
    for (let count = 0; count < 2300; count++) many.control.add()
    const shown = async (...more: string[]) => {
      const { onhook, out } = terminal()
      await onhook('calls', '--json', '--url', many.url, ...more)
      return JSON.parse(out()).length
    }
    expect([await shown(), await shown('--limit', '2100'), await shown('--limit', '9999')]).toEqual([100, 2100, 2300])
    await many.stop()
  })
})

it('what comes from outside cannot steer the terminal', async () => {
  const other = await fakeServer()
  other.control.add({ from: '\u001b[2Jevil\u0007', to: '\u009b31m100\r\n' })
  const { onhook, raw } = terminal({ tty: true })
  await onhook('calls', '--url', other.url)
  expect(raw()).toContain('\\x1b[2Jevil\\x07')
  for (const mark of ['\u001b[2J', '\u0007', '\u009b', '\r']) expect(raw()).not.toContain(mark)
  await other.stop()
})

describe('calls --follow', () => {
  it('prints what lives and what happens, until Ctrl-C', async () => {
    const live = await fakeServer()
    const id = live.control.add({ from: '+1', to: '+2' })
    const { onhook, out, signal, listening } = terminal()
    const done = onhook('calls', '--follow', '--url', live.url)
    await until(() => out().includes('+1 → +2  offered'))
    live.control.answerLeg(id)
    await until(() => out().includes('leg-answered caller +1 → +2'))
    await live.control.end(id, { cause: 'blocked', actor: 'api' })
    await until(() => /call-ended {2}blocked by api while answered/.test(out()))
    signal('SIGINT')
    expect([await done, listening()]).toEqual([0, 0])
    await live.stop()
  })

  it('as JSON lines', async () => {
    const live = await fakeServer()
    const id = live.control.add()
    const { onhook, out, signal } = terminal()
    const done = onhook('calls', id, '-f', '--json', '--url', live.url)
    await until(() => out().includes('snapshot'))
    live.control.answerLeg(id)
    await until(() => out().includes('leg-answered'))
    signal('SIGTERM')
    expect(await done).toBe(0)
    expect(
      out()
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).event),
    ).toEqual(['snapshot', 'leg-answered'])
    await live.stop()
  })

  it('ends when the server does', async () => {
    const live = await fakeServer()
    const { onhook, listening } = terminal()
    const done = onhook('calls', '--follow', '--url', live.url)
    await until(() => listening() > 0 && live.control.clock.armed > 0)
    await live.stop()
    expect(await done).toBe(0)
  })
})
