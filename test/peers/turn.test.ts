import { createSocket } from 'node:dgram'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { createMedia, type IceServer, type Media, type PeerSession, type PeerState } from '../../src/media/index.ts'
import { Coturn } from './coturn.ts'
import { describeWith } from './programs.ts'
import { until } from './waiting.ts'

describeWith(['turnserver'], 'coturn', () => {
  let media: Media
  let coturn: Coturn
  const open: PeerSession[] = []

  beforeAll(async () => {
    coturn = await Coturn.start({ users: { name: 'alice', password: 'secret' } })
    media = createMedia({ address: '127.0.0.1', iceTimeout: 10_000 })
  })
  afterEach(() => {
    for (const session of open.splice(0)) session.close()
  })
  afterAll(async () => {
    await media?.close()
    await coturn?.remove()
  })

  const server = (transport: 'udp' | 'tcp', credential = 'secret'): IceServer => ({
    urls: [coturn.url(transport)],
    username: 'alice',
    credential,
  })

  async function peer(servers: readonly IceServer[], relayOnly = true) {
    const session = await media.peer({ iceServers: servers, relayOnly })
    open.push(session)
    const states: PeerState[] = []
    const lines: string[] = []
    session.onState((state) => void states.push(state))
    session.onCandidate(({ candidate }) => void lines.push(candidate))
    return { session, states, lines }
  }

  test.each(['udp', 'tcp'] as const)(
    'two sessions that may only use it over %s hear each other, also after a restart',
    async (transport) => {
      const caller = await peer([server(transport)])
      const callee = await peer([server(transport)])
      caller.session.onCandidate((candidate) => callee.session.candidate(candidate))
      callee.session.onCandidate((candidate) => caller.session.candidate(candidate))
      await caller.session.accept(await callee.session.answer(await caller.session.offer()))
      let heard = ''
      callee.session.onDigit((digit) => {
        heard += digit
      })
      expect(await caller.session.sendDigits('12')).toBe('finished')
      await until('the keys are heard', () => heard === '12')
      const lines = caller.lines.filter((line) => line !== '')
      expect(lines.length).toBeGreaterThan(0)
      expect(lines.every((line) => line.includes(' typ relay '))).toBe(true)
      await caller.session.accept(await callee.session.answer(await caller.session.offer({ iceRestart: true })))
      await until('new ways are found', () => caller.lines.filter((line) => line === '').length === 2)
      await caller.session.sendDigits('3')
      await until('the keys are heard', () => heard === '123')
      const freed = () => coturn.log.match(/deleted|session .* closed/gi)?.length ?? 0
      const before = freed()
      caller.session.close()
      await caller.session.closed
      await until('the allocation is given back', () => freed() > before)
    },
  )

  test('nothing waits for a server that says nothing', async () => {
    const silent = createSocket('udp4')
    await new Promise<void>((resolve) => silent.bind(0, '127.0.0.1', resolve))
    const asked = new Promise((resolve) => silent.once('message', resolve))
    const at = `127.0.0.1:${silent.address().port}`
    const caller = await peer([{ ...server('udp'), urls: [`turn:${at}`, `stun:${at}`] }], false)
    const callee = await peer([], false)
    caller.session.onCandidate((candidate) => callee.session.candidate(candidate))
    await caller.session.accept(await callee.session.answer(await caller.session.offer()))
    await until('they are connected', () => caller.states.at(-1) === 'connected')
    await asked
    // It is still being waited for: the line that no more will come has not left.
    expect(caller.lines).not.toContain('')
    silent.close()
  })

  test.each<[string, () => IceServer[]]>([
    ['with wrong credentials', () => [server('udp', 'wrong')]],
    [
      'that is not there',
      () => [{ ...server('udp'), urls: ['turn:127.0.0.1:9', 'turn:127.0.0.1:9?transport=tcp', 'turns:127.0.0.1:9'] }],
    ],
    ['that is {}', () => [{} as IceServer]],
    ['whose name nobody knows', () => [{ ...server('udp'), urls: ['turn:nobody.invalid', 'stun:nobody.invalid'] }]],
  ])('without a server %s the call goes on', async (_, servers) => {
    const caller = await peer(servers(), false)
    const callee = await peer([], false)
    caller.session.onCandidate((candidate) => callee.session.candidate(candidate))
    await caller.session.accept(await callee.session.answer(await caller.session.offer()))
    await until('they are connected', () => caller.states.at(-1) === 'connected')
    await until('it says that no more will come', () => caller.lines.at(-1) === '', 15_000)
  })

  test('a session that may only use a server and has none fails, and tells no address of ours', async () => {
    const caller = await peer([])
    const offer = await caller.session.offer()
    await until('it says that no more will come', () => caller.lines.at(-1) === '')
    expect(offer).not.toContain('a=candidate')
    expect(caller.lines).toEqual([''])
  })
})
