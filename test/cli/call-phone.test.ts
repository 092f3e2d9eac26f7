/** `onhook call` against a real server: as the built-in phone, and placed by the server to a registered phone. */
import { describe, expect, it } from 'vitest'
import { type Stage, stage, until } from '../testing/stage.ts'
import { terminal } from './terminal-io.ts'

const tone = '<Play loop="0">{app}/tone.wav</Play>'

function call(...args: string[]) {
  const made = terminal()
  return { ...made, done: made.onhook('call', ...args) }
}

describe('the built-in phone', () => {
  const sip = (set: Stage) => ['--sip', set.server.sipAddress]

  it('shows what passed, and who ended it', async () => {
    const set = await stage({ documents: { 100: '<Play>{app}/tone.wav</Play><Hangup/>' } })
    const { done, out, err } = call('100', ...sip(set))
    expect(await done).toBe(0)
    expect(err()).toMatch(/^calling sip:100@127[.\d:]+: Ctrl-C hangs up\nanswered\n$/)
    expect(out()).toMatch(/│◀─+ BYE │.*Q\.850;cause=16\n/)
    expect(out()).toMatch(/ended by the other end: BYE, Q\.850;cause=16, after \d+(\.\d)? s\n$/)
  })

  it('fails where it was not answered, and says what it heard', async () => {
    const set = await stage({ documents: { 100: '<Hangup reason="busy"/>' } })
    const { done, out } = call('100', ...sip(set))
    expect(await done).toBe(1)
    expect(out()).toContain('ended by the other end: 486 Busy Here, Q.850;cause=17')
  })

  it('gives up ringing when it is told to', async () => {
    const set = await stage({ documents: { 100: '<Wait length="60"/>' } })
    const { done, out } = call('100', ...sip(set), '--ring', '1')
    expect(await done).toBe(1)
    expect(out()).toContain('ended here: CANCEL, Q.850;cause=19')
  })

  it('hangs up with Ctrl-C', async () => {
    const set = await stage({ documents: { 100: tone } })
    const { done, out, err, signal, listening } = call('100', ...sip(set))
    await until(() => err().includes('answered'))
    signal('SIGINT')
    expect([await done, listening()]).toEqual([0, 0])
    expect(out()).toContain('ended here: BYE')
  })

  it('hangs up after a while, and prints JSON', async () => {
    const set = await stage({ documents: { 100: tone } })
    const { done, out } = call('100', ...sip(set), '--from', '+15550199', '--hangup', '1', '--json')
    expect(await done).toBe(0)
    expect(JSON.parse(out())).toMatchObject({
      target: '100',
      answered: true,
      end: { by: 'us', how: 'BYE', told: 'delivered' },
      wire: expect.arrayContaining(['out INVITE', 'in 200 INVITE', 'out BYE']),
    })
    expect(set.app.asked[0]).toMatchObject({ From: '15550199', To: '100' })
  })

  it('says so when nobody is there', async () => {
    const { done, out } = call('100', '--sip', '127.0.0.1:9')
    expect(await done).toBe(1)
    expect(out()).toContain('failed: no-response')
  })

  it('calls over TCP where the address says so', async () => {
    const set = await stage({
      documents: { 100: '<Hangup reason="rejected"/>' },
      config: { sip: { listen: [{ transport: 'tcp', host: '127.0.0.1', port: 0 }] } },
    })
    const { done, out } = call(`sip:100@${set.server.sipAddress};transport=tcp`, '--phone')
    expect(await done).toBe(1)
    expect(out()).toContain('603 Decline')
  })
})

describe('a call that the server places to a registered phone', () => {
  it.each([
    ['decline', 1, 'declined by callee while ringing'],
    ['busy', 1, 'busy by callee while ringing'],
    ['answer', 0, 'hangup by callee while answered'],
  ] as const)('%s: exit code %i', async (act, code, words) => {
    const set = await stage()
    const phone = await set.phone({ user: 'alice', password: 'alice-secret' })
    await phone.register()
    const { done, out } = call('alice', '--url', set.server.httpAddress)
    const ringing = await phone.incoming()
    await ringing[act]()
    if (act === 'answer') {
      await until(() => [...set.server.control.live()].some(({ legs }) => legs[0]?.state.name === 'answered'))
      ringing.hangup()
    }
    expect(await done).toBe(code)
    expect(out()).toContain(words)
  })

  it('lets it ring: no-answer', async () => {
    const set = await stage()
    const phone = await set.phone({ user: 'alice', password: 'alice-secret' })
    await phone.register()
    const { done, out } = call('alice', '--url', set.server.httpAddress, '--ring', '1')
    expect(await done).toBe(1)
    expect(out()).toContain('no-answer by timer while ringing')
  })
})
