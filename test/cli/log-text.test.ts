import { describe, expect, it } from 'vitest'
import { logText } from '../../src/cli/log-text.ts'
import { moment } from '../../src/cli/terminal.ts'
import { createLogger } from '../../src/http/log.ts'

const plain = (_: string, text: string) => text

/** What people read of one line of the log, without its time. */
function read(write: (log: ReturnType<typeof createLogger>) => void): string {
  let text = ''
  const destination = {
    write(line: string) {
      text = logText(line, plain)
    },
  }
  write(createLogger({ level: 'trace', destination }))
  return text.slice('10:00:00  '.length)
}

describe('a line of the log, for people', () => {
  it('says what an app did wrong, on which call and where', () => {
    const warning = { code: 'vobiz.prompt', place: '1:41', message: '<Play> was skipped: dns', call: 'c1' }
    expect(read((log) => log.warn(warning, 'an app'))).toBe(
      'c1  warning: <Play> was skipped: dns (vobiz.prompt at 1:41)',
    )
  })

  it('says what media lack', () => {
    const warning = { code: 'media.no-speech-program', detail: 'tones stand for speech' }
    expect(read((log) => log.warn(warning, 'media'))).toBe('warning: tones stand for speech (media.no-speech-program)')
  })

  it('says an error by its message, without its stack', () => {
    const err = Object.assign(new Error('the disk is full'), { code: 'ledger.full' })
    expect(read((log) => log.error({ err }, 'settle'))).toBe('error: the disk is full (ledger.full)')
    const mendable = Object.assign(err, { remedy: 'free some space' })
    expect(read((log) => log.error({ err: mendable }, 'settle'))).toBe(
      'error: the disk is full; free some space (ledger.full)',
    )
  })

  it('says a bare sentence', () => {
    expect(read((log) => log.info('started'))).toBe('info: started')
  })

  it('begins with the time of day', () => {
    const line = '{"level":"info","time":"2026-11-20T10:00:00.000Z","msg":"x"}'
    expect(logText(line, plain)).toBe(`${moment(Date.parse('2026-11-20T10:00:00.000Z')).slice(11)}  info: x`)
  })
})
