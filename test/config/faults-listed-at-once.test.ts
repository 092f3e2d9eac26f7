import { describe, expect, it } from 'vitest'
import { ConfigError, checkConfig, defineConfig } from '../../src/config/load.ts'

const token = 'a-long-enough-token'
const app = { platform: 'vobiz', answerUrl: 'https://app.example/answer' }

function places(file: unknown, environment = {}): string[] {
  const checked = checkConfig(file, environment)
  return checked.ok ? [] : checked.faults.map(({ code, place }) => `${code} ${place}`)
}

function only(file: unknown, environment = {}) {
  const checked = checkConfig(file, environment)
  expect(checked.ok ? [] : checked.faults).toHaveLength(1)
  return checked.ok ? undefined : checked.faults[0]
}

describe('a wrong configuration', () => {
  it('has every fault listed at once, of every section, shape and sense together', () => {
    expect(
      places({
        data: { path: 'x.db', memory: true },
        http: { host: '0.0.0.0', port: 99999, tokens: [{ name: 'ops', token: 'short', scopes: ['all'] }] },
        sip: { listen: [{ transport: 'udp', host: '0.0.0.0', port: 5060 }], media: { ports: [3000, 2000] } },
        routes: [
          { to: '+1', app, direct: { to: 'sip:a@b' } },
          { to: '+2', from: 'anyone', direct: { trunk: 'nowhere' } },
          { too: '+3', refuse: 'busy' },
        ],
        outbound: [{ to: '+44*' }],
        trunks: [{ name: 'carrier' }],
        accounts: [{ platform: 'vobiz', authId: 'MA_1' }],
        delivery: { allowPrivate: ['10.0.0.0/64'] },
        limits: { callz: 5 },
        log: { level: 'loud' },
        whatsapp: {},
      }),
    ).toMatchInlineSnapshot(`
      [
        "config.invalid $.data",
        "config.invalid $.http.port",
        "config.invalid $.http.tokens[0].token",
        "config.invalid $.http.tokens[0].scopes[0]",
        "config.missing $.sip.advertised",
        "config.invalid $.sip.media.ports",
        "config.invalid $.routes[0]",
        "config.missing $.routes[2].to",
        "config.unknown-key $.routes[2].too",
        "config.unknown-name $.routes[1].direct.trunk",
        "config.open $.routes[1]",
        "config.invalid $.outbound[0]",
        "config.missing $.trunks[0]",
        "config.invalid $.accounts[0]",
        "config.invalid $.delivery.allowPrivate[0]",
        "config.unknown-key $.limits.callz",
        "config.invalid $.log.level",
        "config.unknown-key $.whatsapp",
      ]
    `)
  })

  it('is not called odd for lack of an entry that is there, and at fault', () => {
    const found = (routes: unknown) => checkConfig({ routes, limits: { calls: 0 } }, {})
    const { faults, warnings } = { faults: [], ...found([{ to: '1', app: { ...app, hangupURL: 'x' } }]) }
    expect(faults.map(({ place }) => place)).toEqual(['$.routes[0].app.hangupURL', '$.limits.calls'])
    expect(warnings).toEqual([])
    expect(checkConfig({ routes: [] }, {}).warnings.map(({ place }) => place)).toEqual(['$.routes'])
  })

  it('is thrown whole at library users', () => {
    expect(() => defineConfig({ http: { port: -1 }, log: { level: 'loud' } }, {})).toThrow(ConfigError)
    expect(() => defineConfig({ http: { port: -1 }, log: { level: 'loud' } }, {})).toThrow(/2 faults.*port.*level/s)
  })

  it.each([null, 7, 'text', []])('is not an object: %j', (file) => {
    expect(only(file)?.place).toBe('$')
  })
})

describe('an unknown key', () => {
  it.each([
    [{ http: { prot: 1 } }, '$.http.prot', 'Did you mean "port"?'],
    [{ rootes: [] }, '$.rootes', 'Did you mean "routes"?'],
    [
      { routes: [{ to: '1', app: { ...app, answerURL: 'x' } }] },
      '$.routes[0].app.answerURL',
      'Did you mean "answerUrl"?',
    ],
    [{ sip: { media: { prots: [1, 2] } } }, '$.sip.media.prots', 'Did you mean "ports"?'],
    [{ trunks: [{ name: 'a', server: 'b', qqqqqqqqqqq: 1 }] }, '$.trunks[0].qqqqqqqqqqq', 'Known here: name, server'],
    [
      { routes: [{ to: '1', app: { ...app, compat: { callStatsu: 'rich' } } }] },
      '$.routes[0].app.compat.callStatsu',
      'Did you mean "callStatus"?',
    ],
    [{ limits: { 'calls per second': 1 } }, '$.limits["calls per second"]', 'callsPerSecond'],
  ])('%j is named, with the nearest known one', (file, place, hint) => {
    const found = only(file)
    expect(found).toMatchObject({ code: 'config.unknown-key', place })
    expect(found?.remedy).toContain(hint)
  })

  it.each(['whatsapp'])('%s is named as what a later version knows', (section) => {
    expect(only({ [section]: {} })?.message).toMatch(/not carried by this version/)
  })
})

describe('values that contradict each other', () => {
  it.each([
    ['a data path and memory', { data: { path: 'a', memory: true } }, '$.data'],
    [
      'a token and its variable',
      { http: { tokens: [{ name: 'a', token, tokenEnv: 'X', scopes: ['read'] }] } },
      '$.http.tokens[0]',
    ],
    ['a user without a password', { sip: { users: [{ name: 'a' }] } }, '$.sip.users[0]'],
    ['a route to nowhere', { routes: [{ to: '1' }] }, '$.routes[0]'],
    ['an app without URL or document', { routes: [{ to: '1', app: { platform: 'vobiz' } }] }, '$.routes[0].app'],
    ['a media range upside down', { sip: { media: { ports: [4000, 4000] } } }, '$.sip.media.ports'],
    [
      'two routes of the name in one list',
      {
        http: {
          tokens: [
            { name: 'a', token, scopes: ['read'] },
            { name: 'a', token, scopes: ['end'] },
          ],
        },
      },
      '$.http.tokens[1].name',
    ],
    [
      'two trunks with one source',
      {
        trunks: [
          { name: 'a', sources: ['192.0.2.1'] },
          { name: 'b', sources: ['192.0.2.1'] },
        ],
      },
      '$.trunks[1].sources',
    ],
    ['one socket twice', { sip: { listen: [{ port: 5060 }, { port: 5060 }] } }, '$.sip.listen[1]'],
    ['a trunk that goes nowhere', { trunks: [{ name: 'a' }] }, '$.trunks[0]'],
    ['a number without a trunk', { outbound: [{ to: '+1*' }] }, '$.outbound[0]'],
    [
      'a direct number without a trunk',
      { routes: [{ to: '1', direct: { to: '+15550100' } }] },
      '$.routes[0].direct.to',
    ],
  ])('%s', (_, file, place) => {
    expect(only(file)?.place).toBe(place)
  })
})

describe('a document of the configuration', () => {
  const documented = (document: string, more: object = {}) => ({
    routes: [{ to: '1', app: { platform: 'vobiz', document, ...more } }],
  })

  it('must be one that a call can run', () => {
    expect(only(documented('<Response><Hangup>now</Hangup></Response>'))).toMatchObject({
      place: '$.routes[0].app.document',
      message: expect.stringMatching(/^1:\d+: /),
    })
    expect(places(documented('<Response><Speak>Hi</Speak></Response>'))).toEqual([])
  })

  it('is read as its compatibility switches say', () => {
    const document = '<Response><Hangup reason="bored"/></Response>'
    expect(places(documented(document))).toEqual([])
    expect(places(documented(document, { compat: { mode: 'strict' } }))).toEqual([
      'config.invalid $.routes[0].app.document',
    ])
  })
})

describe('a name that nothing bears', () => {
  const trunks = [{ name: 'carrier', server: 'sip.example' }]
  it.each([
    [{ trunks, outbound: [{ to: '+1*', trunk: 'carier' }] }, '$.outbound[0].trunk', 'Did you mean "carrier"?'],
    [
      { trunks, routes: [{ to: '1', direct: { to: '+1', trunk: 'x' } }] },
      '$.routes[0].direct.trunk',
      'Add it under "trunks"',
    ],
    [{ routes: [{ to: '1', app: { ...app, account: 'MA_9' } }] }, '$.routes[0].app.account', 'Add it under "accounts"'],
    [{ routes: [{ to: '1', from: 'user:bob', app }] }, '$.routes[0].from', 'Add it under "sip.users"'],
    [{ routes: [{ to: '1', from: ['trunk:bob'], app }] }, '$.routes[0].from', 'Add it under "trunks"'],
  ])('%j', (file, place, remedy) => {
    expect(only(file)).toMatchObject({ code: 'config.unknown-name', place, remedy })
  })
})

describe('each value on its own', () => {
  it.each([
    [{ http: { port: '8060' } }, '$.http.port'],
    [{ http: { port: 70_000 } }, '$.http.port'],
    [{ http: { host: 'a b' } }, '$.http.host'],
    [{ sip: { listen: [] } }, '$.sip.listen'],
    [{ sip: { listen: [{ transport: 'sctp' }] } }, '$.sip.listen[0].transport'],
    [{ sip: { listen: [{ host: 'localhost' }] } }, '$.sip.listen[0].host'],
    [{ trunks: [{ name: 'a', server: 'carrier.example:70000' }] }, '$.trunks[0].server'],
    [{ sip: { media: { silenceSeconds: 1 } } }, '$.sip.media.silenceSeconds'],
    [{ sip: { users: [{ name: 'a b', password: 'long-enough' }] } }, '$.sip.users[0].name'],
    [{ sip: { realm: 'a"b' } }, '$.sip.realm'],
    [{ sip: { digest: [] } }, '$.sip.digest'],
    [{ sip: { digest: ['MD5', 'MD5'] } }, '$.sip.digest'],
    [{ sip: { digest: ['SHA-1'] } }, '$.sip.digest[0]'],
    [{ routes: [{ to: 'a b', refuse: 'busy' }] }, '$.routes[0].to'],
    [{ routes: [{ to: '1', refuse: 'bussy' }] }, '$.routes[0].refuse'],
    [{ routes: [{ to: '1', from: 'everyone', refuse: 'busy' }] }, '$.routes[0].from'],
    [{ routes: [{ to: '1', from: [], refuse: 'busy' }] }, '$.routes[0].from'],
    [{ routes: [{ to: '1', app: { ...app, answerUrl: 'ftp://x/' } }] }, '$.routes[0].app.answerUrl'],
    [{ routes: [{ to: '1', app: { ...app, answerMethod: 'PUT' } }] }, '$.routes[0].app.answerMethod'],
    [{ routes: [{ to: '1', app: { platform: 'nobody' } }] }, '$.routes[0].app.platform'],
    [{ routes: [{ to: '1', app: { ...app, compat: { mode: 'loose' } } }] }, '$.routes[0].app.compat.mode'],
    [{ routes: [{ to: '1', app: { ...app, compat: { callStatus: 'poor' } } }] }, '$.routes[0].app.compat.callStatus'],
    [{ routes: [{ to: '1', limits: { ringSeconds: 0 }, refuse: 'busy' }] }, '$.routes[0].limits.ringSeconds'],
    [{ trunks: [{ name: 'a', server: 'http://x' }] }, '$.trunks[0].server'],
    [{ trunks: [{ name: 'a', sources: ['sip.example'] }] }, '$.trunks[0].sources[0]'],
    [{ delivery: { allowPrivate: ['10.0.0.0/33'] } }, '$.delivery.allowPrivate[0]'],
    [{ limits: { durationSeconds: 0 } }, '$.limits.durationSeconds'],
    [{ log: { level: 'chatty' } }, '$.log.level'],
    [{ data: { memory: false } }, '$.data.memory'],
  ])('%j', (file, place) => {
    expect(only(file)?.place).toBe(place)
  })
})
