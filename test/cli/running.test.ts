import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { run as dev } from '../../src/cli/dev.ts'
import type { Running } from '../../src/cli/running.ts'
import { run as serve } from '../../src/cli/serve.ts'
import type { Config } from '../../src/config/config.ts'
import { createDialer } from '../../src/config/dialer.ts'
import { FakeControl } from '../http/fake-control.ts'
import { terminal, until } from './terminal-io.ts'

let cwd: string
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'onhook-cli-'))
})
afterAll(() => rmSync(cwd, { recursive: true }))

/** A server that only notes what is asked of it. */
function fakeStart() {
  const control = new FakeControl()
  const asked: string[] = []
  const configs: Config[] = []
  let drained!: () => void
  const start = async (config: Config): Promise<Running> => {
    configs.push(config)
    return {
      sipAddress: '127.0.0.1:5060',
      httpAddress: 'http://127.0.0.1:8060',
      control,
      drain() {
        asked.push('drain')
        return new Promise((resolve) => {
          drained = resolve
        })
      },
      async stop() {
        asked.push('stop')
      },
    }
  }
  return { start, asked, configs, control, drained: () => drained() }
}

describe('onhook serve', () => {
  it('SIGTERM drains, and then it is done', async () => {
    const { io, signal, err, listening } = terminal({ cwd })
    const { start, asked, drained } = fakeStart()
    const done = serve([], io, start)
    await until(() => listening() === 2)
    expect(err()).toContain('onhook serves SIP at 127.0.0.1:5060 and HTTP at http://127.0.0.1:8060')
    signal('SIGTERM')
    await until(() => asked.length === 1)
    expect([asked, err().includes('live ones have 30 s')]).toEqual([['drain'], true])
    drained()
    expect([await done, listening()]).toEqual([0, 0])
  })

  it('SIGINT ends everything now', async () => {
    const { io, signal, listening } = terminal({ cwd })
    const { start, asked } = fakeStart()
    const done = serve([], io, start)
    await until(() => listening() === 2)
    signal('SIGINT')
    expect([await done, asked]).toEqual([0, ['stop']])
  })

  it.each(['SIGTERM', 'SIGINT'] as const)('a second signal cuts a drain short: %s', async (second) => {
    const { io, signal, listening } = terminal({ cwd })
    const { start, asked } = fakeStart()
    const done = serve([], io, start)
    await until(() => listening() === 2)
    signal('SIGTERM')
    signal(second)
    expect([await done, asked]).toEqual([0, ['drain', 'stop']])
  })

  it('a wrong configuration starts nothing, and says all that is wrong', async () => {
    writeFileSync(join(cwd, 'wrong.json'), '{"http":{"host":"0.0.0.0"},"limits":{"calls":0}}')
    const { io } = terminal({ cwd })
    const { start, configs } = fakeStart()
    await expect(serve(['--config', 'wrong.json'], io, start)).rejects.toThrow(
      /2 faults in .*wrong\.json; nothing was started\n.*http\.tokens.*\n.*limits\.calls/,
    )
    expect(configs).toEqual([])
  })

  it('tells what is odd, and starts all the same', async () => {
    const { io, signal, err, listening } = terminal({ cwd, env: { ONHOOK_HTTP_PROT: '1' } })
    const { start } = fakeStart()
    const done = serve([], io, start)
    await until(() => listening() === 2)
    signal('SIGINT')
    await done
    expect(err()).toContain('warning: ONHOOK_HTTP_PROT: unknown variable. Did you mean ONHOOK_HTTP_PORT?')
  })

  it.each([
    ['EADDRINUSE', 'another program listens there already (127.0.0.1:5060): stop it, or take another port'],
    ['EACCES', 'not allowed to listen there (127.0.0.1:5060)'],
    ['EADDRNOTAVAIL', 'this machine has no such address (127.0.0.1:5060)'],
  ])('%s is a sentence', async (code, message) => {
    const { io } = terminal({ cwd })
    const start = async () => {
      throw Object.assign(new Error('bind'), { code, address: '127.0.0.1', port: 5060 })
    }
    await expect(serve([], io, start)).rejects.toThrow(message)
  })
})

describe('onhook dev', () => {
  async function developed(args: string[], act: (given: ReturnType<typeof fakeStart>) => void = () => {}) {
    const made = terminal({ cwd, env: { ONHOOK_HTTP_PORT: '1', ONHOOK_ROUTES: '[]' } })
    const fake = fakeStart()
    const done = dev(args, made.io, fake.start)
    await until(() => made.listening() === 2)
    act(fake)
    made.signal('SIGINT')
    expect(await done).toBe(0)
    return { config: fake.configs[0]!, err: made.err(), out: made.out(), control: fake.control }
  }

  it('lets every number reach the app, from this machine only, whatever the environment says', async () => {
    const { config, err, out } = await developed(['--vobiz', 'http://127.0.0.1:3000/answer'])
    expect(config).toMatchObject({
      data: { kind: 'memory' },
      http: { host: '127.0.0.1', port: 8060, tokens: [] },
      routes: [
        {
          to: '*',
          from: ['loopback', 'users', 'trunks'],
          goes: { kind: 'app', app: { answerUrl: 'http://127.0.0.1:3000/answer' } },
        },
      ],
      sip: {
        listen: [
          { transport: 'udp', host: '127.0.0.1' },
          { transport: 'tcp', host: '127.0.0.1' },
        ],
      },
    })
    expect(out).toBe('')
    expect(err).toMatchInlineSnapshot(`
      "onhook dev: every number reaches http://127.0.0.1:3000/answer

        call it    sip:100@127.0.0.1:5060 with any softphone
                   onhook call 100
        look       onhook calls
        end it     onhook hangup --all
        after      onhook records
        API        http://127.0.0.1:8060/api/openapi.json

      Ctrl-C stops it. Calls come from this machine only.
      ending all calls
      "
    `)
  })

  it('takes what its options say', async () => {
    const { config } = await developed([
      '--vobiz',
      'http://x.example/',
      '--hangup-url',
      'http://x.example/h',
      '--fallback-url',
      'http://x.example/f',
      '--sip-port',
      '0',
      '--http-port',
      '0',
      '--data',
      'x.db',
      '--user',
      'alice:long-enough',
      '--user',
      'bob:also:long',
      '--quiet',
    ])
    expect(config).toMatchObject({
      data: { kind: 'file', path: 'x.db' },
      http: { port: 0 },
      sip: { listen: [{ port: 0 }, { port: 0 }], users: [{ name: 'alice' }, { name: 'bob' }] },
      routes: [{ goes: { app: { hangupUrl: 'http://x.example/h', fallbackUrl: 'http://x.example/f' } } }],
    })
    expect(config.sip.users[1]?.password.reveal()).toBe('also:long')
  })

  it('runs a document from a file', async () => {
    writeFileSync(join(cwd, 'hello.xml'), '<Response><Hangup/></Response>')
    const { config } = await developed(['--vobiz', 'hello.xml'])
    expect(config.routes[0]?.goes).toMatchObject({ app: { document: '<Response><Hangup/></Response>' } })
  })

  it('runs a handler from a file, with its folders and its variables, and says where AWS clients reach it', async () => {
    writeFileSync(join(cwd, 'menu.js'), 'export const handler = () => ({})')
    mkdirSync(join(cwd, 'prompts'))
    const args = ['--chime', 'menu.js', '--bucket', 'sounds=prompts', '--env', 'A=b=c', '--trunk', '127.0.0.1:5090']
    const { config, err } = await developed([...args, '--user', '15550111:long-enough'])
    const id = config.chime.applications[0]!.id
    expect(config).toMatchObject({
      data: { kind: 'memory' },
      functions: { dev: { file: join(cwd, 'menu.js'), env: { A: 'b=c' } } },
      chime: {
        applications: [{ name: 'dev', function: 'dev' }],
        buckets: { sounds: { kind: 'folder', folder: join(cwd, 'prompts') } },
        keys: [],
      },
      routes: [{ to: '*', goes: { kind: 'chime', target: { kind: 'application', id } } }],
      trunks: [{ server: '127.0.0.1:5090' }],
    })
    const dialer = createDialer(config)
    const to = (number: string) => {
      const dialled = dialer.target({ to: number })
      return dialled.ok ? [dialled.target.to, dialled.target.trunk] : dialled.code
    }
    expect(to('+15550111')).toEqual(['15550111', undefined])
    expect(to('+15550112')).toEqual(['+15550112', 'outside'])
    expect(err).toContain(`
  AWS        AWS_ENDPOINT_URL_CHIME_SDK_VOICE=http://127.0.0.1:8060 and any credentials
             application ${id}
`)
  })

  it('says what is wrong with it, and starts nothing', async () => {
    writeFileSync(join(cwd, 'bad.xml'), '<Response><Hangup></Response>')
    const fake = fakeStart()
    await expect(dev(['--vobiz', 'bad.xml'], terminal({ cwd }).io, fake.start)).rejects.toThrow(
      /nothing was started\n.*document/,
    )
    await expect(dev(['--vobiz', 'gone.xml'], terminal({ cwd }).io, fake.start)).rejects.toThrow(
      /neither an http address nor a file/,
    )
    expect(fake.configs).toEqual([])
  })

  it('prints where it is and what happens as JSON lines', async () => {
    const { out } = await developed(['--vobiz', 'http://127.0.0.1:3000/', '--json'], ({ control }) => {
      control.answerLeg(control.add({ from: '+1', to: '100' }))
    })
    expect(
      out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toMatchObject([
      { sip: '127.0.0.1:5060', http: 'http://127.0.0.1:8060' },
      { event: 'leg-added', id: '0190-000001', call: { to: '100' } },
      { event: 'leg-answered', id: '0190-000001' },
    ])
  })

  it('prints what happens to each call', async () => {
    const { err, control } = await developed(['--vobiz', 'http://127.0.0.1:3000/'], ({ control }) => {
      const id = control.add({ from: '+1', to: '100' })
      control.answerLeg(id)
      control.step(id, {
        type: 'end',
        at: control.clock.now(),
        leg: `${id}-a`,
        reason: { cause: 'hangup', actor: 'party' },
        heard: 'wire',
      })
    })
    const lines = err.split('\n').filter((line) => line.includes('0190-000001'))
    expect(lines.map((line) => line.slice(10))).toEqual([
      '0190-000001  +1 → 100  came in',
      '0190-000001  +1 → 100  answered',
      '0190-000001  ended: hangup by caller while answered',
    ])
    expect(control.observers).toBe(0)
  })
})
