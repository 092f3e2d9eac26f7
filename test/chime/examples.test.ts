/** The handlers of `examples/`, as their READMEs start them, on real calls. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../temporary-folder.ts'
import { desk, secondLine, stage, until, wireOf } from './stage.ts'

const example = (name: string, environment: Record<string, string> = {}) => ({
  file: fileURLToPath(new URL(`../../examples/${name}`, import.meta.url)),
  environment,
})
const hungUp = { by: 'them', how: 'BYE' }

describe('the menu', () => {
  it('says goodbye on 9', async () => {
    const { phone, record } = await stage({ function: example('chime-menu/handler.js') })
    const call = await (await phone()).call('100')
    await call.answered()
    await call.hears('sound')
    await call.press('9')
    expect(await call.ended(20_000)).toMatchObject(hungUp)
    expect((await record(call)).ending).toMatchObject({ cause: 'hangup', actor: 'app', phase: 'answered' })
  })

  it('is busy on 2, and comes back after 1', async () => {
    const { phone, record } = await stage({ function: example('chime-menu/handler.js') })
    const call = await (await phone()).call('100')
    await call.answered()
    await call.hears('sound')
    await call.press('1')
    // The opening hours, and the menu again; both are cut short by the next key at the latest.
    await call.hears('sound')
    await until(async () => {
      await call.press('2')
      return call.state.name === 'ended' || (await ended(call, 2_000))
    }, 30_000)
    expect(await call.ended()).toMatchObject(hungUp)
    expect((await record(call)).ending).toMatchObject({ cause: 'busy', actor: 'app' })
  })
})

const ended = (call: { ended(within: number): Promise<unknown> }, within: number) =>
  call.ended(within).then(
    () => true,
    () => false,
  )

describe('the bridge', () => {
  const bridge = example('chime-bridge/handler.js', { DESTINATION: desk })

  it.each(['caller', 'callee'] as const)('ends both when the %s hangs up', async (who) => {
    const { phone, line, record } = await stage({ function: bridge })
    const other = await line(desk)
    const first = await (await phone()).call('100')
    const second = await other.incoming()
    expect(first.state.name).not.toBe('answered')
    await second.answer()
    await first.answered()
    first.speak(440)
    await second.hears({ frequency: 440 })
    const [leaves, stays] = who === 'caller' ? [first, second] : [second, first]
    leaves.hangup()
    expect(await stays.ended()).toMatchObject(hungUp)
    const { legs } = await record(first)
    expect(legs.map(({ ending }) => ending.actor)).toEqual(who === 'caller' ? ['caller', 'app'] : ['app', 'callee'])
  })

  it('tells a caller that nobody answered, who then was never answered', async () => {
    const { phone, line } = await stage({ function: bridge })
    await line(desk, { onCall: (call) => call.busy() })
    const call = await (await phone()).call('100')
    expect(await call.ended()).toMatchObject({ how: 'refusal', status: 480 })
    expect(wireOf(call)).not.toContain('← 200 INVITE')
  })
})

it('the transfer takes the desk away and brings the second line', async () => {
  const { phone, line, record } = await stage({
    function: example('chime-transfer/handler.js', { DESK: desk, SECOND_LINE: secondLine }),
  })
  const [front, back] = [await line(desk), await line(secondLine)]
  const caller = await (await phone()).call('100')
  const first = await front.incoming()
  await first.answer()
  await caller.answered()
  caller.speak(440)
  await first.hears({ frequency: 440 })
  await first.press('*1')
  expect(await first.ended()).toMatchObject(hungUp)
  expect(caller.state.name).toBe('answered')
  const second = await back.incoming(20_000)
  await second.answer()
  await second.hears({ frequency: 440 })
  second.hangup()
  expect(await caller.ended()).toMatchObject(hungUp)
  expect((await record(caller)).legs).toHaveLength(3)
})

it('the voicemail keeps what was said', async () => {
  const folder = temporaryFolder()
  const { phone } = await stage({
    function: example('chime-voicemail/handler.py'),
    chime: { buckets: { voicemail: folder } },
  })
  const call = await (await phone()).call('100')
  await call.answered(20_000)
  await call.hears('sound')
  call.speak(440)
  await until(async () => {
    await call.press('#')
    return call.state.name === 'ended' || (await ended(call, 2_000))
  }, 40_000)
  expect(await call.ended()).toMatchObject(hungUp)
  const [message] = readdirSync(join(folder, 'messages'), { recursive: true }).filter((name) =>
    `${name}`.endsWith('.wav'),
  )
  expect(
    readFileSync(join(folder, 'messages', `${message}`))
      .subarray(0, 4)
      .toString(),
  ).toBe('RIFF')
})
