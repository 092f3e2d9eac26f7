import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type ServerProcess, spawnServer, startProcess } from '../../src/cli/demo/server-process.ts'
import type { CallRecord } from '../../src/cli/ending-text.ts'
import { createPhone, type Phone } from '../../src/testing/index.ts'
import { TestApp, until } from '../testing/stage.ts'
import { Chance } from './chance.ts'
import { documents, heardAnswer, Load, type Loaded, story, waits, wasAccepted } from './load.ts'

const kills = process.env.ONHOOK_LONG === undefined ? 10 : 100

const chance = new Chance()
let folder: string
let app: TestApp
let phone: Phone
let load: Load
let server: ServerProcess

const portOf = (address: string) => Number(/:(\d+)$/.exec(address)?.[1])

function configuration(sip: number, http: number) {
  const hangupUrl = `${app.url}/hangup`
  return {
    data: { path: join(folder, 'onhook.db') },
    http: { host: '127.0.0.1', port: http },
    sip: { listen: [{ transport: 'udp', host: '127.0.0.1', port: sip }], media: { ports: [30_000, 32_766] } },
    routes: [
      ...Object.keys(documents).map((number) => ({
        to: number,
        from: 'loopback',
        app: { platform: 'vobiz', answerUrl: `${app.url}/${number}`, hangupUrl },
      })),
      { to: 'direct', from: 'loopback', direct: { to: phone.uri } },
    ],
    outbound: [{ to: 'sip:*@127.0.0.1' }],
    delivery: { allowPrivate: ['127.0.0.0/8'] },
    log: { level: 'error' },
  }
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'onhook-kill-'))
  app = await TestApp.open(documents)
  phone = await createPhone({ sound: 'none', onCall: (call) => load.called(call) })
})

afterAll(async () => {
  await phone.close(100)
  await server?.stop()
  app.close()
  rmSync(folder, { recursive: true })
})

async function get<T>(path: string): Promise<T> {
  const response = await fetch(server.http + path)
  return (await response.json()) as T
}

/** Records by their ids, and their ids by what they are found by; what an earlier round has read is not read again. */
const known = new Map<string, CallRecord>()
const labels = new Map<string, Set<string>>()

function learn(record: CallRecord): void {
  known.set(record.id, record)
  const user = /^sip:([^@]+)@/.exec(record.to)?.[1]
  for (const label of [user, ...record.legs.map(({ ids }) => ids['call-id'])]) {
    if (label === undefined) continue
    const ids = labels.get(label) ?? new Set()
    labels.set(label, ids.add(record.id))
  }
}

const recordsOf = ({ label }: Loaded) => labels.get(label)?.size ?? 0

async function readRecords(since: number): Promise<void> {
  let cursor = ''
  for (;;) {
    const page = await get<{ items: CallRecord[]; next: string | null }>(
      `/api/records?limit=200&since=${since}${cursor}`,
    )
    expect(new Set(page.items.map(({ id }) => id)).size, 'records are unique').toBe(page.items.length)
    for (const record of page.items) learn(record)
    if (page.next === null) return
    cursor = `&cursor=${encodeURIComponent(page.next)}`
  }
}

const live = () => load.calls.filter(waits)

it(`after each of ${kills} kills under load: one record for each call, nobody left waiting, one webhook identity`, {
  timeout: 20_000 + kills * 30_000,
}, async () => {
  const file = join(folder, 'onhook.config.json')
  writeFileSync(file, JSON.stringify(configuration(0, 0)))
  server = await startProcess(file)
  writeFileSync(file, JSON.stringify(configuration(portOf(server.sip), portOf(server.http))))
  const sip = server.sip
  /** How long the last start took, in milliseconds. */
  let started = 1_000
  let calls = 0
  load = new Load(
    (number) => phone.call(`sip:${number}@${sip}`),
    chance,
    (user) =>
      fetch(`${server.http}/api/calls`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          to: phone.uri.replace(/sip:[^@]+/, `sip:${user}`),
          app: { platform: 'vobiz', answerUrl: `${app.url}/hold`, hangupUrl: `${app.url}/hangup` },
        }),
      }),
  )
  const mine = () => `seed ${chance.seed}`
  for (let round = 1; round <= kills; round++) {
    const began = Date.now()
    load.start(chance.between(5, 30))
    await sleep(chance.between(50, 1200))
    // Half of the kills fall into a burst: calls at every stage of their first milliseconds.
    if (round % 2 === 0) {
      for (let burst = 0; burst < 20; burst++) load.one()
      await sleep(chance.between(0, 40))
    }
    await server.kill()
    await sleep(chance.between(0, 300))
    load.stop()
    // A third of them die once more, on their way to their feet or in the middle of the recovery.
    if (round % 3 === 0) {
      const restarting = spawnServer(file)
      restarting.serves.catch(() => {})
      await sleep(chance.next() * started * 1.2)
      await restarting.kill()
    }
    const before = performance.now()
    server = await startProcess(file)
    started = performance.now() - before

    await until(() => live().length === 0, 20_000).catch(() => {})
    expect(live().map(story), `far ends left waiting, round ${round}, ${mine()}`).toEqual([])
    await until(async () => (await get<{ items: unknown[] }>('/api/calls')).items.length === 0)

    // A record follows its call's last word on the wire, by one commit.
    const unrecorded = () => load.calls.filter((each) => recordsOf(each) === 0 && wasAccepted(each))
    const complete = async () => {
      await readRecords(began - 1_000)
      return unrecorded().length === 0
    }
    await until(complete, 10_000).catch(() => {})
    expect(unrecorded().map(story), `calls without a record, round ${round}, ${mine()}`).toEqual([])
    const twice = [...labels].filter(([, ids]) => ids.size > 1)
    expect(twice, `calls with two records, round ${round}, ${mine()}`).toEqual([])

    // P5: who heard our answer stands on the record as answered, however soon after it the process died.
    const phases = new Map(
      [...known.values()].flatMap(({ legs }) => legs.map(({ ids, ending }) => [ids['call-id'], ending.phase] as const)),
    )
    const misjudged = load.calls.filter((each) => heardAnswer(each) && phases.get(each.label) !== 'answered')
    expect(misjudged.map(story), `answered, and recorded as less, round ${round}, ${mine()}`).toEqual([])

    const untold = () => {
      const told = new Set(app.webhooks.map(({ params }) => params.CallUUID))
      return [...known.values()].filter(({ id, platform }) => platform === 'vobiz' && !told.has(id)).map(({ id }) => id)
    }
    await until(() => untold().length === 0, 20_000).catch(() => {})
    expect(untold(), `calls whose app was not told, round ${round}, ${mine()}`).toEqual([])
    const odd = app.webhooks.filter(({ id, params }) => id !== `${params.CallUUID}:hangup`)
    expect(odd, `webhooks with an identity of their own, ${mine()}`).toEqual([])
    calls += load.calls.splice(0).length
  }
  expect(calls).toBeGreaterThan(kills * 5)
  // No webhook that no record stands for.
  await readRecords(0)
  expect(app.webhooks.filter(({ params }) => !known.has(params.CallUUID ?? ''))).toEqual([])
})
