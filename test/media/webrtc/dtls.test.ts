import { describe, expect, test } from 'vitest'
import { Dtls, type DtlsKeys, type Identity, makeIdentity, ownIdentity } from '../../../src/media/webrtc/dtls.ts'
import { sleepFor } from '../far-end.ts'

/** What the network does to a datagram: when each copy of it arrives, in milliseconds; none if it is lost. */
type Network = (n: number, from: 'client' | 'server') => readonly number[]

/** Both ends of an association, with such a network between them. */
async function shake(network: Network, impostor?: 'client' | 'server') {
  const identity = await ownIdentity()
  // Anybody can show the certificate; only its owner has the key.
  const other = await makeIdentity()
  const copied: Identity = {
    ...identity,
    certificate: { ...identity.certificate, keyPem: other.certificate.keyPem },
  }
  const said: string[] = []
  const keys: { client?: DtlsKeys; server?: DtlsKeys } = {}
  const ends: { client?: Dtls; server?: Dtls } = {}
  const count = { client: 0, server: 0 }
  const open = (role: 'client' | 'server', other: 'client' | 'server') =>
    new Dtls(role, role === impostor ? copied : identity, [identity.fingerprint], {
      send: (record) => {
        const copy = Buffer.from(record)
        for (const delay of network(count[role]++, role)) setTimeout(() => ends[other]?.hear(copy), delay)
      },
      ready: (found) => {
        keys[role] = found
      },
      failed: (detail) => void said.push(`${role}: ${detail}`),
      gone: () => void said.push(`${role}: gone`),
    })
  ends.server = open('server', 'client')
  ends.client = open('client', 'server')
  for (let waited = 0; waited < 15_000 && said.length === 0; waited += 20) {
    if (keys.client !== undefined && keys.server !== undefined) break
    await sleepFor(20)
  }
  // What is still under way must not harm.
  await sleepFor(100)
  const before = [...said]
  ends.client.close()
  await sleepFor(20)
  ends.server.close()
  return { keys, said: before, after: said.slice(before.length) }
}

describe('both ends come to the same keys', () => {
  test.each<[string, Network]>([
    ['on a good network', () => [0]],
    ['when everything comes twice', () => [0, 5]],
    ['when everything comes twice, much later', () => [0, 60]],
    ['when everything takes longer than they wait for', () => [700]],
    ['when what is sent first is lost', (n) => (n === 0 ? [] : [0])],
    ['when every third datagram is lost', (n) => (n % 3 === 2 ? [] : [0])],
    ['when what the server says first is lost', (n, from) => (from === 'server' && n === 0 ? [] : [0])],
    ['when the order is turned round', (n) => [20 - (n % 3) * 8]],
  ])('%s', async (_, network) => {
    const { keys, said, after } = await shake(network)
    expect(said).toEqual([])
    expect(keys.client?.ours).toEqual(keys.server?.theirs)
    expect(keys.client?.theirs).toEqual(keys.server?.ours)
    expect(keys.client?.ours.key).toHaveLength(16)
    if (network(0, 'client')[0] === 0) expect(after).toEqual(['server: gone'])
  })
})

test.each(['client', 'server'] as const)(
  'a %s that shows a certificate without its key comes to nothing',
  async (impostor) => {
    const { keys, said } = await shake(() => [0], impostor)
    const honest = impostor === 'client' ? 'server' : 'client'
    expect(keys[honest]).toBeUndefined()
    expect(said).toContain(`${honest}: DTLS: the signature is not that of the certificate`)
  },
)
