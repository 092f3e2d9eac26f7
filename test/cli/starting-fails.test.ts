import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createLedger } from '../../src/ledger/ledger.ts'
import { terminal } from './terminal-io.ts'

let cwd: string
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'onhook-cli-'))
  writeFileSync(join(cwd, 'app.xml'), '<Response><Hangup/></Response>')
})
afterEach(() => rmSync(cwd, { recursive: true }))

async function dev(...options: string[]) {
  const { onhook, err } = terminal({ cwd })
  const code = await onhook('dev', '--vobiz', 'app.xml', '--http-port', '0', ...options)
  return { code, said: err() }
}

describe('a server that cannot start says why in one sentence', () => {
  it('where the SIP port is taken', async () => {
    const other = createSocket('udp4').bind(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address()
    const { code, said } = await dev('--sip-port', String(port))
    other.close()
    expect([code, said]).toEqual([
      1,
      `onhook dev: another program listens there already (127.0.0.1:${port}): stop it, or take another port\n`,
    ])
  })

  it('where nobody knows the name to listen on', async () => {
    const { onhook, err } = terminal({ cwd })
    const http = {
      host: 'nobody.invalid',
      port: 0,
      tokens: [{ name: 'a', token: 'a-token-of-a-test', scopes: ['read'] }],
    }
    const listen = [{ transport: 'udp', host: '127.0.0.1', port: 0 }]
    const file = join(cwd, 'named.json')
    writeFileSync(file, JSON.stringify({ data: { memory: true }, http, sip: { listen }, routes: [] }))
    expect(await onhook('serve', '--config', file)).toBe(1)
    expect(
      err()
        .split('\n')
        .filter((line) => !line.startsWith('warning')),
    ).toEqual(['onhook serve: nobody knows the name "nobody.invalid": listen on an address', ''])
  })

  it('where a function was on its way, and says nothing of that', async () => {
    writeFileSync(join(cwd, 'handler.mjs'), 'export const handler = async () => ({})')
    const other = createSocket('udp4').bind(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address()
    const { onhook, err } = terminal({ cwd })
    const code = await onhook('dev', '--chime', 'handler.mjs', '--http-port', '0', '--sip-port', String(port))
    other.close()
    expect([code, err()]).toEqual([
      1,
      `onhook dev: another program listens there already (127.0.0.1:${port}): stop it, or take another port\n`,
    ])
  })

  it('where another process has the data file', async () => {
    const path = join(cwd, 'calls.db')
    const other = createLedger({ path })
    await other.open()
    const { code, said } = await dev('--sip-port', '0', '--data', path)
    await other.close()
    expect(code).toBe(1)
    expect(said).toBe(
      `onhook dev: another process is using this data file: ${path}; stop the other process, or give this one its own data path\n`,
    )
  })
})
