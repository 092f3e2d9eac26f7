import { describe, expect, it } from 'vitest'
import { checkConfig, defineConfig } from '../../src/config/load.ts'
import { createRouter } from '../../src/config/router.ts'
import type { Offer } from '../../src/switchboard/ports.ts'

const token = 'sixteen-characters'
const section = { homeserver: 'http://127.0.0.1:8008', serverName: 'example.org', asToken: token, hsToken: token }

function faults(file: unknown, environment = {}) {
  const checked = checkConfig(file, environment)
  return checked.ok ? [] : checked.faults.map(({ code, place }) => `${code} ${place}`)
}

describe('the section matrix', () => {
  it('is filled in', () => {
    expect(defineConfig({ matrix: section }, {}).matrix).toMatchObject({
      listen: { host: '127.0.0.1', port: 8069 },
      url: 'http://127.0.0.1:8069',
      id: 'onhook',
      bot: 'onhook',
      ghostPrefix: 'tel_',
      users: ['@*:example.org'],
      trustServerClock: true,
    })
    expect(defineConfig({}, {}).matrix).toBeUndefined()
  })

  it.each([
    [
      {},
      [
        'config.invalid $.matrix.homeserver',
        'config.missing $.matrix.serverName',
        'config.invalid $.matrix',
        'config.invalid $.matrix',
      ],
    ],
    [{ ...section, serverName: '@alice:example.org' }, ['config.invalid $.matrix.serverName']],
    [{ ...section, ghostPrefix: 'Tel ' }, ['config.invalid $.matrix.ghostPrefix']],
    [{ ...section, asTokenEnv: 'X' }, ['config.invalid $.matrix']],
    [{ ...section, hsToken: undefined, hsTokenEnv: 'NOT_SET' }, ['config.variable $.matrix.hsTokenEnv']],
  ])('%j has its faults named', (matrix, expected) => {
    expect(faults({ matrix: JSON.parse(JSON.stringify(matrix)) })).toEqual(expected)
  })
})

describe('routes', () => {
  it('reach a Matrix user only where Matrix is carried, and one at a time', () => {
    const routes = (to: unknown) => [{ to: '1', direct: { to } }]
    expect(faults({ matrix: section, routes: routes('@bob:example.org') })).toEqual([])
    expect(faults({ routes: routes('@bob:example.org') })).toEqual(['config.missing $.routes[0].direct.to'])
    expect(faults({ matrix: section, routes: routes(['@bob:example.org', 'sip:a@b']) })).toEqual([
      'config.invalid $.routes[0].direct.to',
    ])
  })

  const offer = (network: string, to: string): Offer => ({
    network,
    to,
    from: '1',
    toAddress: '',
    fromAddress: '',
    source: { kind: 'user', name: '@alice:example.org', address: '' },
    ids: {},
    headers: {},
  })

  it('from "matrix" take Matrix users, and "users" does not', () => {
    const routing = (from: string, network: string) =>
      createRouter(defineConfig({ matrix: section, routes: [{ to: '*', from, hold: true }] }, {})).route(
        offer(network, '1'),
      ).type
    expect([routing('matrix', 'matrix'), routing('users', 'sip')]).toEqual(['app', 'app'])
    expect([routing('users', 'matrix'), routing('matrix', 'sip'), routing('trunks', 'matrix')]).toEqual(
      Array(3).fill('refuse'),
    )
  })

  it('to a Matrix user are placed on Matrix, and others on SIP', () => {
    const router = createRouter(
      defineConfig(
        {
          matrix: section,
          routes: [
            { to: '1', from: 'users', direct: { to: '@bob:example.org' } },
            { to: '2', from: 'users', direct: { to: 'sip:a@b' } },
          ],
        },
        {},
      ),
    )
    const networkOf = (to: string) => {
      const routing = router.route(offer('sip', to))
      return routing.type === 'app' ? (routing.app.data as { network: string }).network : routing.type
    }
    expect([networkOf('1'), networkOf('2')]).toEqual(['matrix', 'sip'])
  })
})
