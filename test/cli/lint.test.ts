import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { terminal } from './terminal-io.ts'

let cwd: string
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'onhook-cli-'))
  writeFileSync(join(cwd, 'good.xml'), '<Response><Speak>Hello</Speak><Hangup schedule="60"/></Response>')
  writeFileSync(join(cwd, 'bad.xml'), '<Response>\n  <Hangup>now</Hangup>\n</Response>')
})
afterAll(() => rmSync(cwd, { recursive: true }))

it('says what a document will do in each state', async () => {
  const { onhook, out } = terminal({ cwd })
  expect(await onhook('lint', 'good.xml')).toBe(0)
  const lines = out().split('\n')
  expect(lines[0]).toBe('good.xml: valid')
  expect(lines[1]).toMatch(/^ {2}warning {2}1:31: .*\[vobiz\.schedule-last\]$/)
  expect(lines.slice(2)).toEqual([
    '  on a ringing call, answers it, sends 200 first',
    '    ends: script-end by platform, 4010 End Of XML Instructions',
    '  on an answered call, sends BYE first',
    '    ends: script-end by platform, 4010 End Of XML Instructions',
    '',
  ])
})

it('a document that is not valid is a failure, with the place of each fault', async () => {
  const { onhook, out } = terminal({ cwd })
  expect(await onhook('lint', 'good.xml', 'bad.xml')).toBe(1)
  expect(out()).toMatch(/good\.xml: valid.*bad\.xml: not valid\n {2}fault +2:11/s)
})

it('reads standard input', async () => {
  const { onhook, out } = terminal({ cwd, stdin: '<Response><Hangup reason="busy"/></Response>' })
  expect(await onhook('lint', '-')).toBe(0)
  expect(out()).toContain('on a ringing call, does not answer, sends 486 first\n    ends: busy by app, 3010')
})

it('--strict makes faults of what the vendor does not document', async () => {
  const bored = '<Response><Hangup reason="bored"/></Response>'
  expect(await terminal({ stdin: bored }).onhook('lint', '-')).toBe(0)
  expect(await terminal({ stdin: bored }).onhook('lint', '-', '--strict')).toBe(1)
})

it('--vendor plivo, and --json', async () => {
  const { onhook, out } = terminal({ cwd })
  expect(await onhook('lint', 'good.xml', '--vendor', 'plivo', '--json')).toBe(0)
  expect(JSON.parse(out())).toMatchObject([
    { file: 'good.xml', ok: true, outcomes: [{ state: 'unanswered', answers: true }, { state: 'answered' }] },
  ])
})

it('a file that cannot be read is a failure', async () => {
  const { onhook, err } = terminal({ cwd })
  expect(await onhook('lint', 'gone.xml')).toBe(1)
  expect(err()).toContain('gone.xml cannot be read (ENOENT)')
})
