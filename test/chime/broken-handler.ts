import { expect } from 'vitest'
import { stage, until } from './stage.ts'

/** The first caller of a handler's file that breaks for `+15550100` is refused so; the next one, of another number, is served; nobody lives on. */
export async function breaksForOneCaller(file: string, status: number, cause: string): Promise<void> {
  const { phone, record, server } = await stage({ function: { file } })
  const caller = await phone()
  const call = await caller.call('+15550100')
  expect(await call.ended(15_000)).toMatchObject({ by: 'them', how: 'refusal', status })
  expect((await record(call)).ending).toMatchObject({ cause })
  const next = await caller.call('+15550101')
  expect(await next.ended(15_000)).toMatchObject({ by: 'them', how: 'refusal', status: 486 })
  await until(() => [...server.control.live()].length === 0, 15_000)
}
