import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { command } from '../../../src/cli/explain.ts'
import { runWith } from './surroundings.ts'

const folder = mkdtempSync(join(tmpdir(), 'onhook-explain-'))
afterAll(() => rmSync(folder, { recursive: true }))

const busy = 'SIP/2.0 486 Busy Here\r\nCall-ID: 1\r\nContent-Length: 0\r\n\r\n'
const stanza = '<call id="1"><terminate call-id="C"/></call>'

describe('onhook explain', () => {
  test('prints one JSON object: the ending, the dialect and a sentence', async () => {
    const { code, out, err } = await runWith(command, [], busy)
    expect(code).toBe(0)
    expect(err).toBe('')
    expect(JSON.parse(out)).toMatchObject({
      cause: 'busy',
      actor: 'callee',
      at: 1_000,
      codes: { sip: 486 },
      dialect: 'sip',
      summary: expect.stringContaining('busy'),
      raw: { dialect: 'sip', value: busy },
    })
  })

  test('reads standard input, also by its name, and files', async () => {
    writeFileSync(join(folder, 'bye'), busy)
    for (const args of [['sip'], ['-'], ['sip', '-']]) {
      expect(JSON.parse((await runWith(command, args, busy)).out).cause).toBe('busy')
    }
    for (const args of [['bye'], ['sip', 'bye'], [join(folder, 'bye')]]) {
      expect(JSON.parse((await runWith(command, args, '', { cwd: folder })).out).cause).toBe('busy')
    }
  })

  test('takes the phase, the direction and the sender', async () => {
    const causeOf = async (...args: string[]) => JSON.parse((await runWith(command, args, stanza)).out).cause
    expect(await causeOf('--phase', 'answered')).toBe('hangup')
    expect(await causeOf('--phase', 'ringing', '--direction', 'in')).toBe('cancelled')
    expect(await causeOf('--phase=ringing', '--sender=callee')).toBe('declined')
  })

  test('speaks to people on a terminal, and JSON there if asked', async () => {
    const { out } = await runWith(command, [], busy, { isTTY: true, env: { NO_COLOR: '1' } })
    expect(out).toContain('Ended before it rang, by the callee: busy.')
    expect(out).toMatch(/^ {2}codes +SIP 486 · Busy Here$/m)
    expect(out).not.toContain('\u001b')
    expect((await runWith(command, [], busy, { isTTY: true })).out).toContain('\u001b[1m')
    expect(JSON.parse((await runWith(command, ['--json'], busy, { isTTY: true })).out).cause).toBe('busy')
  })
})

describe('several messages', () => {
  const events = ['ice_failed', 'user_busy'].map((reason) => ({ type: 'm.call.hangup', content: { reason } }))
  test.each([
    ['a JSON array', JSON.stringify(events)],
    ['JSON values one a line', events.map((event) => JSON.stringify(event)).join('\n')],
    [
      'stanzas',
      '<call id="1"><terminate call-id="C" reason="setup_failed"/></call>\n<call id="2">\n<terminate call-id="C" reason="busy"/>\n</call>\n',
    ],
    ['SIP messages', `SIP/2.0 488 Not Acceptable Here\r\nCall-ID: 1\r\n\r\n${busy}`],
  ])('%s, each on a line of its own', async (_, text) => {
    const { code, out } = await runWith(command, [], text)
    expect(code).toBe(0)
    const causes = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).cause)
    expect(causes).toHaveLength(2)
    expect(causes[1]).toBe('busy')
    expect(['media-failed', 'incompatible']).toContain(causes[0])
  })

  test('on a terminal with an empty line between them', async () => {
    const { out } = await runWith(command, [], JSON.stringify(events), { isTTY: true, env: { NO_COLOR: '1' } })
    expect(out.match(/^Ended/gm)).toHaveLength(2)
    expect(out).toContain('\n\nEnded')
  })

  test('pretty-printed JSON is one message', async () => {
    const { out } = await runWith(command, [], JSON.stringify(events[0], null, 2))
    expect(JSON.parse(out).cause).toBe('media-failed')
  })
})

describe('what cannot be explained', () => {
  test('a message of no dialect: exit code 1, and what would help', async () => {
    const { code, out, err } = await runWith(command, [], 'hello')
    expect(code).toBe(1)
    expect(JSON.parse(out)).toMatchObject({
      cause: 'unknown',
      dialect: null,
      fault: { code: 'explain.not-recognised' },
    })
    expect(err).toContain('name the dialect')
  })

  test('nothing at all', async () => {
    expect(await runWith(command, [], '')).toMatchObject({
      code: 1,
      err: expect.stringContaining('nothing to explain'),
    })
  })

  test('a file that is not there', async () => {
    expect(await runWith(command, ['nowhere'], '', { cwd: folder })).toMatchObject({
      code: 1,
      err: expect.stringContaining('nowhere'),
    })
  })
})

describe('wrong usage is exit code 2, and says what would be right', () => {
  test.each([
    [['smoke', 'file'], 'DIALECT is one of sip'],
    [['--phase', 'later'], '--phase is one of queued'],
    [['--direction', 'up'], '--direction is one of in, out'],
    [['--sender', 'me'], '--sender is one of caller'],
    [['--nonsense'], '--nonsense'],
    [['--phase'], '--phase'],
    [['sip', 'a', 'b'], 'one file at a time'],
  ])('%j', async (args, message) => {
    expect(await runWith(command, args, busy)).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringContaining(message),
    })
  })
})

test('the help names every option', () => {
  for (const word of ['--phase', '--direction', '--lines', '--json', 'Exit codes', 'matrix'])
    expect(command.help).toContain(word)
})
