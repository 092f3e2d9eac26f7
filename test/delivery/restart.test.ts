import { expect, test } from 'vitest'
import { answered, delivery, world } from './deliveries.ts'

test('P4: what was pending is taken up by the next process: the overdue at once, the rest at its time', async () => {
  const before = await world()
  before.web.reply = () => answered(500)
  await before.send(delivery('retried'), delivery('far', { next: 50_000 }))
  await before.ledger.enqueue([delivery('never-tried'), delivery('done', { state: 'delivered', next: null })])

  const after = await world({}, before)
  after.web.reply = () => answered(200)
  expect(await after.dispatcher.start()).toBe(3)
  await after.clock.pass(0)
  const bodies = () => after.web.requests.map(({ request }) => request.body)
  expect(bodies()).toEqual(['CallUUID=never-tried'])
  await after.clock.pass(1000)
  expect(bodies()).toEqual(['CallUUID=never-tried', 'CallUUID=retried'])
  await after.clock.pass(60_000)
  expect(bodies()).toEqual(['CallUUID=never-tried', 'CallUUID=retried', 'CallUUID=far'])
  expect((await after.ledger.deliveries({ state: 'pending' }, { limit: 10 })).items).toEqual([])
})

test('P3: what was left to a script that died with its process goes out at the start, and not when the script would be late', async () => {
  const before = await world()
  await before.clock.pass(1000)
  const left = delivery('left to its script', { created: 500, next: 120_500 })
  const retried = delivery('tried', {
    created: 500,
    next: 90_000,
    attempts: [{ at: 500, milliseconds: 1, status: 500, error: null }],
  })
  await before.ledger.enqueue([left, retried])
  const after = await world({}, before)
  after.web.reply = () => answered(200)
  // A script that lives in this process keeps its own time.
  await after.ledger.enqueue([delivery('of a living script', { created: 1000, next: 121_000 })])
  expect(await after.dispatcher.start()).toBe(3)
  await after.clock.pass(0)
  const bodies = () => after.web.requests.map(({ request }) => request.body)
  expect(bodies()).toEqual(['CallUUID=left to its script'])
  await after.clock.pass(125_000)
  expect(bodies()).toEqual(['CallUUID=left to its script', 'CallUUID=tried', 'CallUUID=of a living script'])
})

test('what a process wrote whose clock has been set back since is attempted at the start, and not years later', async () => {
  const year = 365 * 86_400_000
  const { ledger, web, clock, dispatcher } = await world()
  const attempt = { at: year, milliseconds: 1, status: 500, error: null }
  await ledger.enqueue([
    delivery('tried', { created: year - 1000, next: year + 1000, attempts: [attempt] }),
    delivery('left to its script', { created: year, next: year + 120_000 }),
  ])
  web.reply = () => answered(200)
  expect(await dispatcher.start()).toBe(2)
  await clock.pass(0)
  expect(web.requests.map(({ request }) => request.body).sort()).toEqual([
    'CallUUID=left to its script',
    'CallUUID=tried',
  ])
})

test('a backlog of any size is taken up, oldest first, each once, with new ones between', async () => {
  const { web, clock, ledger, dispatcher, send } = await world({ limits: { perHost: 4, total: 4 } })
  const old = Array.from({ length: 1203 }, (_, index) => delivery(`old${index}`, { next: -2000 + index }))
  await ledger.enqueue(old)
  web.reply = () => answered(200)
  const started = dispatcher.start()
  await send(delivery('new'))
  await started
  for (let turn = 0; dispatcher.backlog().waiting + dispatcher.backlog().active > 0 && turn < 5000; turn++)
    await clock.pass(0)
  const ids = web.requests.map(({ request }) => request.body?.replace('CallUUID=', ''))
  expect(ids.filter((id) => id !== 'new')).toEqual(old.map(({ id }) => id))
  expect(ids.filter((id) => id === 'new')).toHaveLength(1)
  expect((await ledger.deliveries({ state: 'pending' }, { limit: 10 })).items).toEqual([])
})

test('a poked delivery is attempted without reading the ledger', async () => {
  const { ledger, web, clock } = await world()
  let reads = 0
  const counting = {
    attempted: ledger.attempted,
    deliveries: ledger.deliveries,
    delivery: (id: string) => {
      reads++
      return ledger.delivery(id)
    },
  }
  const { dispatcher, web: used } = await world({ ledger: counting, clock, web })
  web.reply = () => answered(200)
  await ledger.enqueue([delivery('d1')])
  dispatcher.poke([delivery('d1')])
  await clock.pass(0)
  expect(web.requests).toHaveLength(1)
  expect(used.requests).toHaveLength(0)
  expect(reads).toBe(0)
})
