import { execFile } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

/** Fifty sessions that play, speak, dial, relay, record and sit in rooms; then the engine is closed, and nothing else is done. */
const program = `
  const { createMedia } = await import(process.argv[1])
  const media = createMedia({ address: '127.0.0.1', fetchAudio: () => new Promise(() => {}) })
  const { mkdtempSync, readdirSync, rmSync } = await import('node:fs')
  const folder = mkdtempSync(process.argv[2])
  const sessions = await Promise.all(Array.from({ length: 50 }, () => media.session()))
  const agreed = (port) => ({ codec: 'PCMU', payloadType: 0, dtmfPayloadType: 101, address: '127.0.0.1', port,
    rtcpAddress: '127.0.0.1', rtcpPort: port + 1, direction: 'sendrecv', ptime: 20 })
  const seats = await Promise.all(['a', 'a', 'b'].map((room) => media.seat(room)))
  const playing = sessions.map((session, n) => {
    const other = sessions[n ^ 1]
    session.setRemote(agreed(other.localPort))
    session.record({ track: 'both', file: folder + '/' + n + '.wav' })
    if (n % 5 === 0) session.connect(other)
    if (n % 5 === 4) session.connect(seats[n % 3])
    if (n % 5 === 1) return session.sendDigits('123WWW')
    if (n % 5 === 2) return session.play({ type: 'audio', url: 'http://never/' })
    if (n % 5 === 3) return session.play({ type: 'speech', text: 'a long text '.repeat(100) + n })
    return session.play({ type: 'tone', frequency: 400, milliseconds: 60000 }, { loop: 0 })
  })
  await new Promise((resolve) => setTimeout(resolve, 150))
  for (const session of sessions.slice(0, 25)) session.close()
  await media.close()
  const results = new Set(await Promise.all(playing))
  console.log([...results].join(), readdirSync(folder).length)
  rmSync(folder, { recursive: true })
`

test('fifty sessions closed in the middle of everything leave no handle, no thread and no child: the process ends', async () => {
  const index = new URL('../../../src/media/index.ts', import.meta.url).href
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '--eval', program, index, join(tmpdir(), 'onhook-sessions-')],
    {
      timeout: 15_000,
    },
  )
  expect(stdout.trim()).toBe('stopped 50')
})
