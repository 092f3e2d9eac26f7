import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { developmentFile } from '../../src/config/development.ts'
import { faultLine } from '../../src/config/fault.ts'
import { checkConfig, defineConfig } from '../../src/config/load.ts'
import { configFile, configJsonSchema } from '../../src/config/schema.ts'

const page = readFileSync(new URL('../../docs/config.md', import.meta.url), 'utf8')
const examples = [...page.matchAll(/```json\n(.*?)```/gs)].map(([, text]) => JSON.parse(text as string))

describe('docs/config.md', () => {
  it('has a whole example that is right, once its secrets are there', () => {
    const secrets = [
      'DASHBOARD_TOKEN',
      'OPERATOR_TOKEN',
      'DEPLOY_TOKEN',
      'ALICE_PASSWORD',
      'CARRIER_PASSWORD',
      'VOBIZ_AUTH_TOKEN',
      'CHIME_SECRET',
      'MATRIX_AS_TOKEN',
      'MATRIX_HS_TOKEN',
    ]
    const environment = Object.fromEntries(secrets.map((name) => [name, `value-of-${name.toLowerCase()}`]))
    expect(checkConfig(examples[0], environment)).toMatchObject({ ok: true, warnings: [] })
  })

  it('has a session with the faults that are found in it', () => {
    const lines = /\$ onhook check-config\n(.*?)```/s.exec(page)![1]!.trim().split('\n')
    const answerUrl = 'https://app.example/answer'
    const file = {
      http: { host: '0.0.0.0' },
      routes: [{ to: '*', app: { platform: 'vobiz', answerUrl, hangupURL: answerUrl } }],
      trunks: [{ name: 'carrier', sources: ['203.0.113.0/33'] }],
    }
    const checked = checkConfig(file, {})
    expect(checked.ok ? [] : checked.faults.map(faultLine)).toEqual(lines.slice(0, -1))
    expect(lines.at(-1)).toMatch(/^3 faults in /)
  })

  it('shows every section', () => {
    const sections = Object.keys(configFile.shape).filter((name) => name !== '$schema')
    expect(sections.filter((name) => !page.includes(`### \`${name}\``))).toEqual([])
    expect(Object.keys(examples[0]).concat('log').sort()).toEqual([...sections].sort())
  })

  it('shows what `onhook dev` starts with', () => {
    const shown = JSON.parse(JSON.stringify(examples[1]).replaceAll('"URL"', '"http://127.0.0.1:3000/"'))
    const real = defineConfig(developmentFile({ vobiz: 'http://127.0.0.1:3000/' }), {})
    expect(defineConfig({ ...shown, outbound: [] }, {})).toEqual({ ...real, outbound: [] })
  })
})

it('the schema for editors knows every section and refuses unknown keys', () => {
  const schema = configJsonSchema() as { properties: object; additionalProperties: boolean }
  expect(Object.keys(schema.properties)).toEqual(Object.keys(configFile.shape))
  expect(schema.additionalProperties).toBe(false)
})

it('development takes a document instead of a URL', () => {
  const { routes } = defineConfig(
    developmentFile({ vobiz: '<Response><Hangup/></Response>', sipPort: 0, httpPort: 0 }),
    {},
  )
  expect(routes[0]?.goes).toMatchObject({ kind: 'app', app: { document: '<Response><Hangup/></Response>' } })
})
