import { describe, expect, it } from 'vitest'
import { idOf } from '../../src/config/chime-resolve.ts'
import { checkConfig, defineConfig } from '../../src/config/load.ts'

const echo = { url: 'http://127.0.0.1:9000/' }
const good = {
  functions: { echo },
  chime: {
    applications: [{ name: 'menu', function: 'echo' }],
    rules: [{ name: 'main', number: '+15550100', applications: ['menu'] }],
    keys: [{ accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'sixteen-characters' }],
  },
}
const withChime = (more: object) => ({ ...good, chime: { ...good.chime, ...more } })
const withFunction = (one: object) => ({ ...good, functions: { echo: one } })

function faults(file: unknown): string[] {
  const checked = checkConfig(file)
  return checked.ok ? [] : checked.faults.map(({ code, place }) => `${code} ${place}`)
}
const warnings = (file: unknown) => checkConfig(file).warnings.map(({ place }) => place)

it('the good one is good', () => {
  expect(faults(good)).toEqual([])
  expect(warnings(good)).toEqual([])
})

it('every fault of both sections is listed at once', () => {
  expect(
    faults({
      functions: { echo: { ...echo, arn: 'x' }, 'no name': echo, gone: { file: './not-there.js' } },
      chime: {
        region: 'nowhere',
        account: '12',
        applications: [
          { name: 'menu', function: 'nobody' },
          { name: 'menu', function: 'gone', id: 'x' },
        ],
        rules: [
          { name: 'both', number: '+1', host: 'a', applications: ['menu'] },
          { name: 'none', number: '+15550100', applications: ['nothing'] },
        ],
        buckets: { prompts: './not-there', x: '.' },
        cdrBucket: 'elsewhere',
        keys: [{ accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'short' }],
        hangupStatus: 486,
        retrys: 2,
      },
      routes: [{ to: '1', chime: 'nothing' }],
    }),
  ).toMatchInlineSnapshot(`
    [
      "config.unknown-name $.routes[0].chime",
      "config.invalid $.functions.echo.arn",
      "config.invalid $.functions.echo",
      "config.invalid $.functions["no name"]",
      "config.missing $.functions.gone.file",
      "config.invalid $.chime.region",
      "config.invalid $.chime.account",
      "config.invalid $.chime.applications[1].id",
      "config.invalid $.chime.rules[0].number",
      "config.invalid $.chime.rules[0]",
      "config.invalid $.chime.buckets.x",
      "config.invalid $.chime.keys[0].secretAccessKey",
      "config.invalid $.chime.hangupStatus",
      "config.unknown-key $.chime.retrys",
      "config.unknown-name $.chime.applications[0].function",
      "config.unknown-name $.chime.rules[1].applications[0]",
      "config.unknown-name $.chime.cdrBucket",
      "config.missing $.chime.buckets.prompts",
    ]
  `)
})

describe('one fault', () => {
  const application = good.chime.applications[0]!
  const rule = good.chime.rules[0]!
  it.each([
    ['two homes', withFunction({ ...echo, file: 'a.js' }), '$.functions.echo'],
    ['no home', withFunction({}), '$.functions.echo'],
    ['a setting that does not reach it', withFunction({ ...echo, handler: 'x' }), '$.functions.echo.handler'],
    [
      'variables that do not reach it',
      withFunction({ ...echo, environment: { A: '1' } }),
      '$.functions.echo.environment',
    ],
    ['a runtime without a handler', withFunction({ runtime: 'python3' }), '$.functions.echo.handler'],
    ['cloud credentials', withFunction({ url: 'http://169.254.169.254/latest' }), '$.functions.echo.url'],
    ['two of a name', withChime({ applications: [application, application] }), '$.chime.applications[1].name'],
    [
      'one number twice',
      withChime({ rules: [rule, { ...rule, name: 'second', number: '15550100' }] }),
      '$.chime.rules[1]',
    ],
    ['a user who is not there', withChime({ from: ['user:bob'] }), '$.chime.from'],
    [
      'a host that is an address',
      withChime({ rules: [{ name: 'a', host: 'sip:x', applications: ['menu'] }] }),
      '$.chime.rules[0].host',
    ],
    ['a rule to nothing', withChime({ rules: [{ ...rule, applications: [] }] }), '$.chime.rules[0].applications'],
    ['a key twice', withChime({ keys: [...good.chime.keys, ...good.chime.keys] }), '$.chime.keys[1].accessKeyId'],
    [
      'a key whose variable is not set',
      withChime({ keys: [{ accessKeyId: 'AKIA', secretAccessKeyEnv: 'NOT_SET' }] }),
      '$.chime.keys[0].secretAccessKeyEnv',
    ],
  ])('%s', (_, file, place) => {
    expect(faults(file).map((one) => one.split(' ')[1])).toEqual([place])
  })
})

it('what is probably not meant is pointed out', () => {
  const token = { name: 'ops', token: 'a-long-enough-token', scopes: ['admin'] }
  expect(warnings({ ...withChime({ keys: [] }), http: { tokens: [token] } })).toEqual(['$.chime.keys'])
  expect(warnings(withChime({ keys: [] }))).toEqual([])
  expect(warnings({ ...good, functions: { echo, idle: echo } })).toEqual(['$.functions.idle'])
  expect(
    warnings(withChime({ applications: [...good.chime.applications, { name: 'lost', function: 'echo' }] })),
  ).toEqual(['$.chime.applications[1]'])
})

it('an application may be named by the id that its name gives', () => {
  const id = idOf('application', 'menu')
  expect(id).toMatch(/^[\da-f]{8}-[\da-f]{4}-5[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/)
  const file = {
    ...withChime({ rules: [{ name: 'main', number: '+15550100', applications: [id] }] }),
    routes: [{ to: '1', chime: id }],
  }
  const { chime, routes } = defineConfig(file, {})
  expect(chime.applications[0]?.id).toBe(id)
  expect(chime.rules[0]?.applications).toEqual([id])
  expect(routes[0]?.goes).toEqual({ kind: 'chime', target: { kind: 'application', id } })
})
