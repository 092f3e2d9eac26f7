import { Readable, Writable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { command } from '../../../src/cli/explain.ts'
import type { Io } from '../../../src/cli/io.ts'
import { runWith } from './surroundings.ts'

const event = JSON.stringify({ type: 'm.call.hangup', content: { reason: 'user_busy' } })

describe('onhook explain --lines', () => {
  test('gives a line for each line that is not empty', async () => {
    const { code, out } = await runWith(command, ['--lines'], `${event}\r\n\n  \nSIP/2.0 404 Not Found\n${event}`)
    expect(code).toBe(0)
    expect(
      out
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line).cause),
    ).toEqual(['busy', 'not-found', 'busy'])
  })

  test('goes on after a line that is not recognised, and ends with 1', async () => {
    const { code, out, err } = await runWith(command, ['--lines', '--json'], `${event}\n{"broken\n${event}\n`)
    expect(code).toBe(1)
    expect(err).toBe('1 line was not recognised\n')
    const found = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(found.map(({ cause }) => cause)).toEqual(['busy', 'unknown', 'busy'])
    expect(found[1].fault.code).toBe('explain.json')
  })

  test('is aligned on a terminal', async () => {
    const { out } = await runWith(command, ['--lines'], `${event}\n`, { isTTY: true })
    expect(out).toMatch(/^matrix +busy +callee +ringing +Ended/)
  })
})

function surroundings(stdin: Readable, stdout: Writable): Io {
  const stderr = new Writable({ write: (_chunk, _encoding, done) => done() })
  return { stdin, stdout, stderr, env: {}, cwd: '.', now: () => 0, onSignal: () => () => {} }
}

test('characters and lines that are cut between chunks are whole again', async () => {
  const line = JSON.stringify({ type: 'm.call.hangup', content: { reason: 'gremlins ünïcode ☎' } })
  const bytes = Buffer.from(`${line}\n${line}\n`)
  let out = ''
  const stdin = Readable.from(Array.from(bytes, (byte) => Buffer.from([byte])))
  const stdout = new Writable({
    write(chunk, _encoding, done) {
      out += String(chunk)
      done()
    },
  })
  expect(await command.run(['--lines'], surroundings(stdin, stdout))).toBe(0)
  const found = out
    .trimEnd()
    .split('\n')
    .map((text) => JSON.parse(text))
  expect(found).toHaveLength(2)
  for (const { raw } of found) expect(raw.value.content.reason).toBe('gremlins ünïcode ☎')
})

test('a slow reader is waited for: no more is read than it takes', async () => {
  const batch = Buffer.from(`${event}\n`.repeat(1_000))
  let read = 0
  const stdin = new Readable({
    highWaterMark: 1,
    read() {
      read++
      this.push(read > 50 ? null : batch)
    },
  })
  const taken: (() => void)[] = []
  const stdout = new Writable({ highWaterMark: 1, write: (_chunk, _encoding, done) => void taken.push(done) })
  const running = command.run(['--lines'], surroundings(stdin, stdout))
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve))
  expect(taken.length).toBe(1)
  expect(read).toBeLessThan(10)
  const drain = setInterval(() => {
    for (const done of taken.splice(0)) done()
  }, 0)
  expect(await running).toBe(0)
  clearInterval(drain)
  expect(read).toBe(51)
})

test('a reader that goes away ends the work', async () => {
  const batch = Buffer.from(`${event}\n`.repeat(1_000))
  const stdin = new Readable({
    read() {
      this.push(batch)
    },
  })
  const stdout = new Writable({ write: (_chunk, _encoding, done) => done(new Error('EPIPE')) })
  stdout.on('error', () => {})
  expect(await command.run(['--lines'], surroundings(stdin, stdout))).toBe(0)
  stdin.destroy()
})

test('a line without end is refused, not held in memory', async () => {
  const piece = Buffer.alloc(1024 * 1024, 'x')
  const stdin = Readable.from(Array.from({ length: 20 }, () => piece))
  const stdout = new Writable({ write: (_chunk, _encoding, done) => done() })
  await expect(command.run(['--lines'], surroundings(stdin, stdout))).rejects.toThrow('longer than')
})
