import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

/**
 * The worker's half, in a process of its own. Two sessions; in what belongs to the first, errors come out of nowhere: at
 * its first candidate from a timer, or from a promise that nobody holds.
 */
const program = `
  const [peersUrl, streamUrl, tickerUrl, roundsUrl, how] = process.argv.slice(1)
  const [{ Peers }, { Stream }, { Ticker }, { Rounds }] = await Promise.all([peersUrl, streamUrl, tickerUrl, roundsUrl].map((url) => import(url)))
  const settings = { address: '127.0.0.1', portRange: null, spare: 1, lostAfter: 0, idle: 'nothing', control: 'none',
    symmetric: 'any', peers: { load: 'first', hosts: [], patience: 1000 } }
  const chance = { uint32: () => 5, fraction: () => 0.5 }
  const ticker = new Ticker({ now: () => performance.now(), after: (ms, ring) => void setTimeout(ring, ms) })
  const streams = new Map()
  const reports = []
  const raise = { timer: () => setTimeout(() => { throw new Error('boom') }), promise: () => void Promise.reject(new Error('boom')),
    elsewhere: () => {} }
  const report = (one) => {
    reports.push(one)
    if (one.type === 'candidate' && one.session === 1 && one.candidate.candidate === '') raise[how]()
  }
  const peers = new Peers({ settings, chance, rounds: new Rounds(), report,
    open: (id, transport) => { const stream = new Stream(id, transport, settings, ticker, chance, report); streams.set(id, stream); return stream },
    close: (id) => { peers.left(id); streams.get(id).close(() => report({ type: 'closed', session: id })) } })
  await peers.open(1, { iceServers: [] })
  await peers.open(3, { iceServers: [] })
  const ask = { verb: 'offer', wish: {}, iceRestart: false }
  for (const session of [1, 3]) peers.obey({ type: 'describe', session, job: 1, ask })
  if (how === 'elsewhere') setTimeout(() => { throw new Error('not a session') })
  await new Promise((resolve) => setTimeout(resolve, 200))
  peers.obey({ type: 'describe', session: 3, job: 2, ask })
  console.log(JSON.stringify(reports.map(({ type, session, code, result }) => [type, session, code ?? result?.ok ?? null])))
  process.exit()
`

const urls = ['peers', 'stream', 'ticker', 'rounds'].map(
  (name) => new URL(`../../../src/media/engine/${name}.ts`, import.meta.url).href,
)
const run = (how: string) =>
  promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program, ...urls, how], { timeout: 15_000 })

test.each(['timer', 'promise'])('an error out of a %s ends the one session that it belongs to', async (how) => {
  const { stdout } = await run(how)
  const reports = JSON.parse(stdout) as [string, number, unknown][]
  expect(reports).toContainEqual(['peer-failed', 1, 'media.peer-failed'])
  expect(reports).toContainEqual(['closed', 1, null])
  expect(reports.filter(([type]) => type === 'peer-failed')).toHaveLength(1)
  expect(reports.at(-1)).toEqual(['described', 3, true])
})

test('an error that belongs to no session is not swallowed', async () => {
  await expect(run('elsewhere')).rejects.toMatchObject({ stderr: expect.stringContaining('not a session') })
})
