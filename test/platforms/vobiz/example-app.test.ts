import { type execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createWebClient } from '../../../src/delivery/web-client.ts'
import { systemClock } from '../../../src/switchboard/clock.ts'
import { token, World } from './world.ts'

const web = createWebClient({ clock: systemClock(), version: 'test', addresses: { allow: ['127.0.0.0/8'] } })
const script = new URL('../../../examples/vobiz-app/app.js', import.meta.url).pathname

let child: ReturnType<typeof execFile>
let lines: AsyncIterator<string>
let base: string

beforeAll(async () => {
  child = spawn(process.execPath, [script], {
    env: { PORT: '0', AUTH_TOKEN: token },
    stdio: ['ignore', 'pipe', 'inherit'],
  }) as ReturnType<typeof execFile>
  lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]()
  base = (await lines.next()).value.replace('listening ', '')
})

afterAll(async () => {
  child.kill()
  await once(child, 'exit')
  await web.close()
})

const outcomes: readonly [path: string, wire: readonly string[], code: string][] = [
  ['busy', ['refuse busy'], '3010'],
  ['rejected', ['refuse declined'], '3020'],
  ['bare', ['refuse declined'], '3020'],
  ['speak', ['200', 'BYE hangup'], '4000'],
  ['schedule', ['200', 'BYE scheduled'], '6000'],
  ['schedule-ringing', ['180', 'refuse busy'], '3010'],
  ['early', ['183', 'refuse busy'], '3010'],
  ['nothing', ['refuse script-end'], '4010'],
  ['broken', ['refuse app-invalid'], '8011'],
  ['html', ['refuse app-invalid'], '8011'],
  ['fail', ['refuse app-unreachable'], '7011'],
]

it.each(outcomes)('the sample app’s /answer/%s', async (path, wire, code) => {
  const world = await World.of({ web, app: { answerUrl: `${base}/answer/${path}#rc=0`, hangupUrl: `${base}/hangup` } })
  await world.settled()
  expect(world.wire).toEqual(wire)
  expect(world.webhook.HangupCauseCode).toBe(code)
})

it('checks the signature of its hangup webhook, and prints it', async () => {
  const world = await World.of({ web, app: { answerUrl: `${base}/answer/busy`, hangupUrl: `${base}/hangup` } })
  await world.settled()
  const { url, method, headers, body, policy } = world.deliveries[0]!
  const request = { url, method, body, ...policy, maxBytes: 1000, maxRedirects: 0 }
  expect(await web.fetch({ ...request, headers })).toMatchObject({ ok: true, status: 403 })
  const signed = { ...headers, ...world.platform.sign?.(world.deliveries[0]!) }
  expect(await web.fetch({ ...request, headers: signed })).toMatchObject({ ok: true, status: 200 })
  const printed = (await lines.next()).value
  expect(JSON.parse(printed.replace('hangup ', ''))).toMatchObject({ CallUUID: world.call, HangupCauseCode: '3010' })
})
