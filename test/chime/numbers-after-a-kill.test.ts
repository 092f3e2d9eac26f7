/** P3: `kill -9` just when an event is told: the HANGUP that comes after the restart has the next number, which no event before it had. */
import { expect, it, onTestFinished } from 'vitest'
import { type ServerProcess, startProcess } from '../../src/cli/demo/server-process.ts'
import { createPhone } from '../../src/testing/index.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { configFile } from './config-file.ts'
import { action, answer, openHandler } from './handler.ts'
import { until } from './stage.ts'

const keys = action('SendDigits', { Digits: '1', ToneDurationInMilliseconds: 50 })
const rest = action('Pause', { DurationInMilliseconds: 30_000 })

it.each([
  ['NEW_INBOUND_CALL', 'stays', 1],
  ['ACTION_SUCCESSFUL', 'stays', 2],
  ['ACTION_FAILED', 'leaves', 3],
])(
  'at %s, while the caller %s',
  async (fatal, caller, number) => {
    const folder = temporaryFolder()
    let server: ServerProcess
    let mood: 'kills' | 'answers' = 'kills'
    const endpoint = await openHandler(async ({ InvocationEventType: type }) => {
      if (type === fatal && mood === 'kills') {
        mood = 'answers'
        await server.kill()
      }
      return type === 'NEW_INBOUND_CALL' ? answer(keys, rest) : answer()
    })
    const file = configFile(folder, endpoint.url)
    server = await startProcess(file)
    onTestFinished(() => server.stop())
    const phone = await createPhone({ server: server.sip, user: '+15550123' })
    onTestFinished(() => phone.close())
    const call = await phone.call('+15550100')
    if (caller === 'leaves') {
      await until(() => endpoint.types().length === 2)
      call.hangup()
    }
    await until(() => mood === 'answers')
    await server.kill()
    server = await startProcess(file)
    await until(() => endpoint.hangups().length > 0, 20_000)
    expect(endpoint.events.map(({ Sequence }) => Sequence)).toEqual(Array.from({ length: number + 1 }, (_, n) => n + 1))
    expect(endpoint.events.at(-2)).toMatchObject({ InvocationEventType: fatal })
    expect(endpoint.hangups()).toHaveLength(1)
  },
  60_000,
)
