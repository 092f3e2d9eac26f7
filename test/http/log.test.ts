import { Writable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { Secret } from '../../src/config/secret.ts'
import { createLogger, maskNumber, maskText } from '../../src/http/log.ts'
import { LedgerError } from '../../src/ledger/errors.ts'

function logged(write: (log: ReturnType<typeof createLogger>) => void): Record<string, unknown>[] {
  const lines: Record<string, unknown>[] = []
  const destination = new Writable({
    write(chunk: Buffer, _, done) {
      lines.push(JSON.parse(chunk.toString()))
      done()
    },
  })
  write(createLogger({ level: 'info', destination }))
  return lines
}

describe('a number', () => {
  it.each([
    ['+15551234567', '+155******67'],
    ['15551234567', '155******67'],
    ['5551234', '555**34'],
    ['100', '100'],
    ['+123456', '+123456'],
  ])('%s is logged as %s', (number, masked) => {
    expect(maskNumber(number)).toBe(masked)
  })

  it.each([
    ['sip:+15551234567@host:5060', 'sip:+155******67@host:5060'],
    ['from +15551234567 to 4420123456', 'from +155******67 to 442*****56'],
    ['tel:+15551234567;x=1', 'tel:+155******67;x=1'],
    ['"+15551234567"', '"+155******67"'],
    ['0190a1b2-1234567-8', '0190a1b2-1234567-8'],
    ['deadbeef12345678', 'deadbeef12345678'],
    ['1794000000.123', '1794000000.123'],
    ['port 5060', 'port 5060'],
  ])('in a text: %s', (text, masked) => {
    expect(maskText(text)).toBe(masked)
  })

  it('never reaches a log in full: not in a value, a list, a message, an error', () => {
    const lines = logged((log) => {
      log.info({ from: '+15551234567', deep: { list: ['sip:15551234567@h'] } }, 'call from +15551234567')
      log.error({ err: new Error('no route to +15551234567') })
      log.error(new Error('+15551234567 again'))
      log.child({ call: 'c-1' }).warn('+15551234567 was refused')
      log.info({ at: 1_794_000_000_000 }, 'a time is no number')
    })
    expect(lines).toHaveLength(5)
    expect(JSON.stringify(lines)).not.toContain('5551234567')
    expect(lines[4]).toMatchObject({ at: 1_794_000_000_000 })
  })
})

describe('a secret', () => {
  it('never reaches a log, wrapped or by its usual names', () => {
    const lines = logged((log) => {
      log.info({
        config: { token: new Secret('HIDE1'), authToken: 'HIDE2' },
        headers: { Authorization: 'Bearer HIDE3', 'proxy-authorization': 'Digest HIDE4', cookie: 'HIDE5' },
        credentials: { username: 'u', password: 'HIDE6' },
        secret: new Secret('HIDE7'),
        other: new Secret('HIDE8'),
      })
    })
    expect(JSON.stringify(lines)).not.toContain('HIDE')
  })
})

it('what is nested without end, or refers to itself, is cut off', () => {
  const loop: Record<string, unknown> = { name: 'loop' }
  loop.self = loop
  expect(JSON.stringify(logged((log) => log.info(loop)))).toContain('[deep]')
})

it('an error that says what mends it is said with that, and without a stack', () => {
  const [line] = logged((log) => log.error({ err: new LedgerError('ledger.full', '/data/onhook.db') }, 'settle'))
  expect(line?.err).toEqual({
    type: 'LedgerError',
    code: 'ledger.full',
    message: 'the disk is full: /data/onhook.db',
    remedy: expect.stringContaining('space'),
  })
})

it('an error keeps its code and where it came from', () => {
  const [line] = logged((log) => log.error({ err: Object.assign(new Error('gone'), { code: 'sip.gone' }) }, 'failed'))
  expect(line).toMatchObject({
    level: 'error',
    msg: 'failed',
    err: { type: 'Error', message: 'gone', code: 'sip.gone', stack: expect.stringContaining('log.test') },
  })
})
