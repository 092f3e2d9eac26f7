/** P3: `kill -9` between a call's end and the function's answer to its HANGUP: the function has it again after the restart. */
import { expect, it, onTestFinished } from 'vitest'
import { type ServerProcess, startProcess } from '../../src/cli/demo/server-process.ts'
import { createPhone } from '../../src/testing/index.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { configFile } from './config-file.ts'
import { answer, openHandler } from './handler.ts'
import { until } from './stage.ts'

type Delivery = { id: string; state: string; attempts: unknown[] }

it('the same HANGUP comes at the next start, at once; what was answered comes no third time', async () => {
  const folder = temporaryFolder()
  const hanging: (() => void)[] = []
  onTestFinished(() => {
    for (const resolve of hanging) resolve()
  })
  let mood: 'hangs' | 'answers' = 'hangs'
  const endpoint = await openHandler(async ({ InvocationEventType: type }) => {
    if (type === 'HANGUP' && mood === 'hangs') await new Promise<void>((resolve) => hanging.push(resolve))
    return answer()
  })
  const file = configFile(folder, endpoint.url)
  let server: ServerProcess = await startProcess(file)
  onTestFinished(() => server.stop())
  const caller = await createPhone({ server: server.sip, user: '+15550123' })
  onTestFinished(() => caller.close())
  const call = await caller.call('+15550100')
  await call.ringing()
  await until(() => endpoint.types().length === 1)
  call.hangup()
  expect(await call.ended()).toMatchObject({ by: 'us', how: 'CANCEL' })
  await until(() => endpoint.hangups().length === 1)
  const get = async (path: string) =>
    (await fetch(`${server.http}/api/${path}`)).json() as Promise<{ items: unknown[] }>
  await until(async () => (await get('records')).items.length === 1)

  await server.kill()
  mood = 'answers'
  server = await startProcess(file)
  await until(() => endpoint.hangups().length >= 2)
  const [first, second] = endpoint.hangups()
  expect(second).toEqual(first)
  const deliveries = async () => (await get('deliveries')).items as Delivery[]
  await until(async () => (await deliveries()).every(({ state }) => state === 'delivered'))
  expect(await deliveries()).toHaveLength(1)
  expect((await get('records')).items).toHaveLength(1)

  await server.kill()
  server = await startProcess(file)
  await until(async () => (await deliveries()).length === 1)
  expect(endpoint.hangups()).toHaveLength(2)
}, 60_000)
