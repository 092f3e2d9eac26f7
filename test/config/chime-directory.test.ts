import { describe, expect, it } from 'vitest'
import { createChimeDirectory, memoryShelf, type Shelf } from '../../src/config/chime-directory.ts'
import { idOf } from '../../src/config/chime-resolve.ts'
import { defineConfig } from '../../src/config/load.ts'
import { createRouter } from '../../src/config/router.ts'
import type { Offer } from '../../src/switchboard/ports.ts'

const file = {
  functions: {
    echo: { url: 'http://127.0.0.1:9000/' },
    away: { arn: 'arn:aws:lambda:eu-west-1:111122223333:function:f' },
  },
  chime: {
    account: '111122223333',
    from: ['users'],
    applications: ['menu', 'spare'].map((name) => ({ name, function: 'echo' })),
    rules: [
      { name: 'main', number: '+15550100', applications: ['spare', 'menu'] },
      { name: 'voice', host: 'Voice.Example', applications: ['menu'] },
      { name: 'off', number: '+15550101', applications: ['menu'], disabled: true },
    ],
    numbers: ['+15550199'],
  },
  routes: [
    { to: '7', from: 'users', chime: 'spare', limits: { durationSeconds: 9 } },
    { to: '8', from: 'users', chime: 'off' },
    { to: '+1555*', from: 'users', refuse: 'busy' },
  ],
}

async function open(shelf: Shelf = memoryShelf()) {
  const config = defineConfig(file, {})
  const directory = createChimeDirectory({
    chime: config.chime,
    functions: config.functions,
    shelf,
    appOf: (applications, rule) => ({
      platform: 'chime',
      data: { reaches: applications.map(({ name }) => name).join(), by: rule?.name ?? null },
    }),
    now: 1000,
  })
  await directory.open()
  const router = createRouter(config, directory)
  const offer = (to: string, host: string, kind: Offer['source']['kind']): Offer => ({
    network: 'sip',
    to,
    from: '+1',
    toAddress: `sip:${to}@${host}:5060;transport=udp`,
    fromAddress: 'sip:+1@phone',
    source: { kind, name: 'alice', address: '192.0.2.1:5060' },
    ids: {},
    headers: {},
  })
  /** What the call runs on, or why it is refused. */
  const route = (to: string, host = 'here', kind: Offer['source']['kind'] = 'user') => {
    const routing = router.route(offer(to, host, kind))
    return routing.type === 'app' ? `${routing.app.data.reaches} by ${routing.app.data.by}` : routing.reason.cause
  }
  return { directory, route, router, offer }
}

describe('a call finds its application', () => {
  it('by the number of a rule, in the order of the rule', async () => {
    const { route } = await open()
    expect(route('+15550100')).toBe('spare,menu by main')
    expect(route('15550100')).toBe('spare,menu by main')
  })

  it('by the host that was asked for, whatever the number, its port and its letters', async () => {
    const { route } = await open()
    expect(route('anything', 'VOICE.example')).toBe('menu by voice')
    expect(route('+15550100', 'voice.example')).toBe('spare,menu by main')
  })

  it('by a route, with its limits', async () => {
    const { route, router, offer } = await open()
    expect(route('7')).toBe('spare by null')
    expect(router.route(offer('7', 'here', 'user'))).toMatchObject({ limits: { duration: 9000 } })
  })

  it('not by a disabled rule', async () => {
    const { route } = await open()
    expect(route('+15550101')).toBe('busy')
    expect(route('8')).toBe('not-found')
  })

  it('not for whom nobody vouches', async () => {
    const { route } = await open()
    expect(route('+15550100', 'here', 'anonymous')).toBe('blocked')
    expect(route('+15550100', 'here', 'trunk')).toBe('not-found')
  })
})

describe('what the API makes', () => {
  const times = { created: 2000, updated: 2000, origin: 'api' } as const
  const application = { id: 'a-1', name: 'made', function: 'echo', region: 'us-east-1', logs: false, ...times }
  const rule = {
    id: 'r-1',
    name: 'made',
    trigger: { kind: 'number', value: '+15550102' },
    applications: ['a-1'],
    state: 'enabled',
    ...times,
  } as const

  it('takes calls at once, and after a restart, until it is dropped', async () => {
    const shelf = memoryShelf()
    const first = await open(shelf)
    expect(first.route('+15550102')).toBe('busy')
    await first.directory.saveApplication(application)
    await first.directory.saveRule(rule)
    expect(first.route('+15550102')).toBe('made by made')
    const second = await open(shelf)
    expect(second.route('+15550102')).toBe('made by made')
    await second.directory.dropRule('r-1')
    expect(second.route('+15550102')).toBe('busy')
    expect((await open(shelf)).directory.rules().map(({ name }) => name)).toEqual(['main', 'voice', 'off'])
  })

  it('gives way to a configuration that has come to name the same number', async () => {
    const shelf = memoryShelf()
    const { directory } = await open(shelf)
    await directory.saveApplication(application)
    await directory.saveRule({ ...rule, trigger: { kind: 'number', value: '+15550100' } })
    expect((await open(shelf)).route('+15550100')).toBe('spare,menu by main')
  })

  it('is not there before it is durable', async () => {
    const { directory } = await open({ ...memoryShelf(), put: () => Promise.reject(new Error('disk full')) })
    await expect(directory.saveApplication(application)).rejects.toThrow('disk full')
    expect(directory.application('a-1')).toBeUndefined()
  })
})

describe('ARNs', () => {
  it.each([
    ['arn:aws:lambda:eu-west-1:111122223333:function:f', 'away'],
    ['arn:aws:lambda:us-east-1:999999999999:function:echo', 'echo'],
    ['arn:aws:lambda:us-east-1:999999999999:function:echo:live', 'echo'],
    ['arn:aws:lambda:us-east-1:999999999999:function:toString', undefined],
    ['arn:aws:s3:::echo', undefined],
  ])('%s is the function %s', async (arn, name) => {
    expect((await open()).directory.functionAt(arn)).toBe(name)
  })

  it('are those of the configuration, or made of names', async () => {
    const { directory } = await open()
    expect(directory.arnOf({ function: 'away', region: 'x' })).toBe('arn:aws:lambda:eu-west-1:111122223333:function:f')
    expect(directory.arnOf(directory.application(idOf('application', 'menu'))!)).toBe(
      'arn:aws:lambda:us-east-1:111122223333:function:echo',
    )
  })
})

it('numbers are those of rules, and further ones', async () => {
  expect((await open()).directory.numbers()).toEqual(['+15550199', '+15550100', '+15550101'])
})
