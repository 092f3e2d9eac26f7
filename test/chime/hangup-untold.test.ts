/** A HANGUP that a live function refuses twice is seen by the operator, and told by hand: the same event, under its own number. */
import pino from 'pino'
import { expect, it } from 'vitest'
import { terminal } from '../cli/terminal-io.ts'
import { action, answer, type Event, hangup } from './handler.ts'
import { stage, until } from './stage.ts'

const rest = action('Pause', { DurationInMilliseconds: 30_000 })

it.each([
  ['the caller leaves in a Pause', answer(rest), ['NEW_INBOUND_CALL', 'ACTION_FAILED', 'HANGUP', 'HANGUP']],
  ['the handler hangs up', answer(hangup(undefined, '486')), ['NEW_INBOUND_CALL', 'HANGUP', 'HANGUP']],
])('%s', async (_, first, story) => {
  const lines: { code?: string; message: string }[] = []
  const log = pino({ level: 'warn' }, { write: (line: string) => void lines.push(JSON.parse(line)) })
  let mood: 'refuses' | 'takes' = 'refuses'
  const handler = ({ InvocationEventType: type }: Event) => {
    if (type === 'NEW_INBOUND_CALL') return first
    // What no handler means to say: its host tells so of a handler that throws.
    return type === 'HANGUP' && mood === 'refuses' ? { errorType: 'Error', errorMessage: 'out of order' } : answer()
  }
  const { endpoint, phone, record, server } = await stage({ handler, log })
  const call = await (await phone()).call('+15550100')
  if (story.length === 4) {
    await until(() => endpoint.events.length === 1)
    await new Promise((resolve) => setTimeout(resolve, 50))
    call.hangup()
  }
  const { id } = await record(call)
  const deliveries = async (...args: string[]) => {
    const made = terminal()
    await made.onhook('deliveries', '--url', server.httpAddress, '--json', ...args)
    return JSON.parse(made.out()) as { id: string; call: string; url: string; kind: string; state: string }[]
  }
  await until(async () => (await deliveries('--state', 'failed')).length === 1)
  expect(endpoint.types()).toEqual(story)
  const [refused, again] = endpoint.hangups()
  expect(again).toEqual(refused)
  const [failed] = await deliveries('--state', 'failed')
  expect(failed).toMatchObject({ call: id, kind: 'hangup', url: 'function:app' })
  const [warning] = lines.filter(({ code }) => code === 'chime.hangup-untold')
  expect(warning?.message).toContain(failed!.id)

  mood = 'takes'
  for (const replays of [1, 2]) {
    const made = terminal()
    expect(await made.onhook('replay', '--url', server.httpAddress, failed!.id)).toBe(0)
    await until(async () => (await deliveries('--state', 'delivered')).length === 1)
    await until(() => endpoint.hangups().length === 2 + replays)
    expect(endpoint.hangups().at(-1)).toEqual(refused)
  }
  expect(refused.Sequence).toBe(story.length - 1)
  expect(await deliveries('--state', 'failed')).toEqual([])
})
