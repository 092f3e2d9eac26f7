import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Config } from '../../src/config/config.ts'
import { variables } from '../../src/config/environment.ts'
import { checkConfig, defineConfig } from '../../src/config/load.ts'

const matrix = {
  ONHOOK_MATRIX_HOMESERVER: 'http://127.0.0.1:8008',
  ONHOOK_MATRIX_SERVER_NAME: 'example.org',
  ONHOOK_MATRIX_AS_TOKEN: 'sixteen-characters',
  ONHOOK_MATRIX_HS_TOKEN: 'sixteen-other-ones',
}

const rows: [name: string, text: string, pick: (config: Config) => unknown, value: unknown, more?: object][] = [
  ['ONHOOK_DATA_PATH', '/tmp/x.db', ({ data }) => data, { kind: 'file', path: '/tmp/x.db' }],
  ['ONHOOK_DATA_MEMORY', 'true', ({ data }) => data, { kind: 'memory' }],
  ['ONHOOK_HTTP_HOST', 'localhost', ({ http }) => http.host, 'localhost'],
  ['ONHOOK_HTTP_PORT', '9000', ({ http }) => http.port, 9000],
  ['ONHOOK_HTTP_TOKEN', 'sixteen-characters', ({ http }) => http.tokens[0]?.token.reveal(), 'sixteen-characters'],
  [
    'ONHOOK_HTTP_TOKENS',
    '[{"name":"a","token":"sixteen-characters","scopes":["end"]}]',
    ({ http }) => http.tokens[0]?.scopes,
    ['end'],
  ],
  [
    'ONHOOK_SIP_LISTEN',
    'udp:127.0.0.1:5061, tcp:[::1]:0',
    ({ sip }) => sip.listen,
    [
      { transport: 'udp', host: '127.0.0.1', port: 5061 },
      { transport: 'tcp', host: '::1', port: 0 },
    ],
  ],
  ['ONHOOK_SIP_ADVERTISED', '203.0.113.9', ({ sip }) => sip.advertised, '203.0.113.9'],
  ['ONHOOK_SIP_REALM', 'example.org', ({ sip }) => sip.realm, 'example.org'],
  ['ONHOOK_SIP_DIGEST', 'SHA-256, MD5', ({ sip }) => sip.digest, ['SHA-256', 'MD5']],
  ['ONHOOK_SIP_MEDIA_PORTS', '30000-30999', ({ sip }) => sip.media.ports, [30_000, 30_999]],
  ['ONHOOK_SIP_MEDIA_ADDRESS', '203.0.113.9', ({ sip }) => sip.media.address, '203.0.113.9'],
  ['ONHOOK_SIP_MEDIA_SILENCE_SECONDS', '60', ({ sip }) => sip.media.silenceSeconds, 60],
  ['ONHOOK_SIP_USERS', '[{"name":"alice","password":"long-enough"}]', ({ sip }) => sip.users[0]?.name, 'alice'],
  ['ONHOOK_ROUTES', '[{"to":"*","refuse":"busy"}]', ({ routes }) => routes[0]?.goes, { kind: 'refuse', cause: 'busy' }],
  ['ONHOOK_OUTBOUND', '[{"to":"sip:*@host"}]', ({ outbound }) => outbound, [{ to: 'sip:*@host' }]],
  ['ONHOOK_TRUNKS', '[{"name":"a","server":"b"}]', ({ trunks }) => trunks[0]?.name, 'a'],
  [
    'ONHOOK_ACCOUNTS',
    '[{"platform":"vobiz","authId":"MA","authToken":"long-enough"}]',
    ({ accounts }) => accounts[0]?.authId,
    'MA',
  ],
  [
    'ONHOOK_FUNCTIONS',
    '{"echo":{"url":"http://127.0.0.1:9000/"}}',
    ({ functions }) => functions.echo,
    { url: 'http://127.0.0.1:9000/' },
  ],
  ['ONHOOK_MATRIX_HOMESERVER', 'https://m.example', ({ matrix }) => matrix?.homeserver, 'https://m.example', matrix],
  ['ONHOOK_MATRIX_SERVER_NAME', 'm.example', ({ matrix }) => matrix?.users, ['@*:m.example'], matrix],
  [
    'ONHOOK_MATRIX_AS_TOKEN',
    'token-of-ours-to-show',
    ({ matrix }) => matrix?.asToken.reveal(),
    'token-of-ours-to-show',
    matrix,
  ],
  [
    'ONHOOK_MATRIX_HS_TOKEN',
    'token-of-theirs-to-show',
    ({ matrix }) => matrix?.hsToken.reveal(),
    'token-of-theirs-to-show',
    matrix,
  ],
  ['ONHOOK_MATRIX_URL', 'http://onhook:8069/', ({ matrix }) => matrix?.url, 'http://onhook:8069', matrix],
  ['ONHOOK_CHIME_REGION', 'eu-central-1', ({ chime }) => chime.region, 'eu-central-1'],
  ['ONHOOK_CHIME_ACCOUNT', '111122223333', ({ chime }) => chime.account, '111122223333'],
  [
    'ONHOOK_CHIME_APPLICATIONS',
    '[{"name":"menu","id":"00000000-0000-4000-8000-000000000001","function":"echo"}]',
    ({ chime }) => chime.applications,
    [{ name: 'menu', id: '00000000-0000-4000-8000-000000000001', function: 'echo', region: 'us-east-1' }],
    { ONHOOK_FUNCTIONS: '{"echo":{"url":"http://127.0.0.1:9000/"}}' },
  ],
  [
    'ONHOOK_CHIME_RULES',
    '[{"name":"main","number":"15550100","applications":["menu"],"disabled":true}]',
    ({ chime }) => chime.rules.map(({ id: _, ...rule }) => rule),
    [
      {
        name: 'main',
        trigger: { kind: 'number', value: '+15550100' },
        applications: ['00000000-0000-4000-8000-000000000001'],
        state: 'disabled',
      },
    ],
    {
      ONHOOK_FUNCTIONS: '{"echo":{"url":"http://127.0.0.1:9000/"}}',
      ONHOOK_CHIME_APPLICATIONS: '[{"name":"menu","id":"00000000-0000-4000-8000-000000000001","function":"echo"}]',
    },
  ],
  ['ONHOOK_CHIME_FROM', 'loopback, users', ({ chime }) => chime.from, ['loopback', 'users']],
  ['ONHOOK_CHIME_NUMBERS', '+15550100', ({ chime }) => chime.numbers, ['+15550100']],
  [
    'ONHOOK_CHIME_BUCKETS',
    '{"prompts":".","away":{"s3":true}}',
    ({ chime }) => chime.buckets,
    {
      prompts: { kind: 'folder', folder: '.' },
      away: { kind: 's3', bucket: 'away', region: 'us-east-1' },
    },
  ],
  [
    'ONHOOK_CHIME_CDR_BUCKET',
    'records',
    ({ chime }) => chime.cdrBucket,
    'records',
    { ONHOOK_CHIME_BUCKETS: '{"records":"."}' },
  ],
  [
    'ONHOOK_CHIME_KEYS',
    '[{"accessKeyId":"AKIA","secretAccessKey":"sixteen-characters"}]',
    ({ chime }) => chime.keys.map(({ accessKeyId, secret }) => [accessKeyId, secret.reveal()]),
    [['AKIA', 'sixteen-characters']],
  ],
  ['ONHOOK_CHIME_RETRIES', '3', ({ chime }) => chime.retries, 3],
  ['ONHOOK_CHIME_ORPHAN_SECONDS', '60', ({ chime }) => chime.orphanSeconds, 60],
  ['ONHOOK_CHIME_HANGUP_STATUS', '603', ({ chime }) => chime.hangupStatus, 603],
  ['ONHOOK_DELIVERY_ALLOW_PRIVATE', '10.0.0.0/8, ::1', ({ delivery }) => delivery.allowPrivate, ['10.0.0.0/8', '::1']],
  ['ONHOOK_LIMITS_CALLS', '7', ({ limits }) => limits.calls, 7],
  ['ONHOOK_LIMITS_CALLS_PER_SECOND', '7', ({ limits }) => limits.callsPerSecond, 7],
  ['ONHOOK_LIMITS_CALLS_PER_CALLER', '7', ({ limits }) => limits.callsPerCaller, 7],
  ['ONHOOK_LIMITS_RING_SECONDS', '7', ({ limits }) => limits.ringSeconds, 7],
  ['ONHOOK_LIMITS_DURATION_SECONDS', '7', ({ limits }) => limits.durationSeconds, 7],
  ['ONHOOK_LIMITS_DRAIN_SECONDS', '7', ({ limits }) => limits.drainSeconds, 7],
  ['ONHOOK_LOG_LEVEL', 'debug', ({ log }) => log.level, 'debug'],
]

it.each(rows)('%s=%s', (name, text, pick, value, more = {}) => {
  expect(pick(defineConfig({}, { ...more, [name]: text }))).toEqual(value)
})

it('every variable of the table is tested above and told in docs/config.md', () => {
  expect(rows.map(([name]) => name)).toEqual(variables.map(({ name }) => name))
  const page = readFileSync(new URL('../../docs/config.md', import.meta.url), 'utf8')
  expect(variables.filter(({ name }) => !page.includes(`\`${name}\``))).toEqual([])
})

it('a variable wins over the file', () => {
  expect(
    defineConfig({ http: { port: 1 }, data: { path: 'a' } }, { ONHOOK_HTTP_PORT: '2', ONHOOK_DATA_MEMORY: 'true' }),
  ).toMatchObject({
    http: { port: 2 },
    data: { kind: 'memory' },
  })
})

it('ONHOOK_HTTP_TOKEN stands beside the tokens of the file, with every scope', () => {
  const file = { http: { tokens: [{ name: 'ops', token: 'sixteen-characters', scopes: ['read'] }] } }
  expect(defineConfig(file, { ONHOOK_HTTP_TOKEN: 'another-sixteen-c' }).http.tokens).toMatchObject([
    { name: 'ops', scopes: ['read'] },
    { name: 'environment', scopes: ['admin'] },
  ])
})

it('the file is not changed', () => {
  const file = { http: { port: 1 } }
  checkConfig(file, { ONHOOK_HTTP_PORT: '2', ONHOOK_LOG_LEVEL: 'warn' })
  expect(file).toEqual({ http: { port: 1 } })
})

describe('what cannot be read', () => {
  it.each([
    ['ONHOOK_HTTP_PORT', 'eight'],
    ['ONHOOK_DATA_MEMORY', 'yes'],
    ['ONHOOK_SIP_LISTEN', '0.0.0.0:5060'],
    ['ONHOOK_SIP_MEDIA_PORTS', '20000'],
    ['ONHOOK_ROUTES', '[{'],
  ])('%s=%s is a fault with an example', (name, text) => {
    const checked = checkConfig({}, { [name]: text })
    expect(checked.ok ? [] : checked.faults).toMatchObject([
      { code: 'config.variable', place: name, remedy: expect.stringContaining(name) },
    ])
  })

  it('a value that the check refuses is told with the variable that set it', () => {
    const checked = checkConfig({}, { ONHOOK_HTTP_PORT: '70000' })
    expect(checked.ok ? [] : checked.faults).toMatchObject([
      { place: '$.http.port', message: expect.stringContaining('set by ONHOOK_HTTP_PORT') },
    ])
  })

  it('a mistyped name is pointed out; the home of a secret is not', () => {
    const file = {
      accounts: [{ platform: 'vobiz', authId: 'MA', authTokenEnv: 'ONHOOK_MY_VOBIZ' }],
      routes: [{ to: '*', refuse: 'busy' }],
    }
    const { warnings } = checkConfig(file, { ONHOOK_HTTP_PROT: '1', ONHOOK_MY_VOBIZ: 'long-enough', ONHOOK_URL: 'x' })
    expect(warnings).toMatchObject([{ place: 'ONHOOK_HTTP_PROT', remedy: 'Did you mean ONHOOK_HTTP_PORT?' }])
  })
})
