/** Killed after the record was written, and before a far end had confirmed that it heard: the next process says it again. */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import type { RecordView } from '../../src/switchboard/ports.ts'
import { createPhone } from '../../src/testing/index.ts'
import { restartable } from '../restartable.ts'
import { until } from '../testing/stage.ts'

/** A far end that only answers when the test says so. */
async function callee() {
  const socket = createSocket('udp4')
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
  onTestFinished(() => void socket.close())
  const heard: { method: string; text: string; port: number }[] = []
  socket.on('message', (bytes, { port }) => {
    const text = bytes.toString('latin1')
    heard.push({ method: text.slice(0, text.indexOf(' ')), text, port })
  })
  const last = (method: string) => heard.findLast((message) => message.method === method)
  return {
    address: `sip:callee@127.0.0.1:${socket.address().port}`,
    heard,
    count: (method: string) => heard.filter((message) => message.method === method).length,
    hears: (method: string) => until(() => last(method) !== undefined),
    answer(method: string, status: string, tag: string, body = '') {
      const { text, port } = last(method)!
      const copied = text.split('\r\n').filter((line) => /^(Via|From|To|Call-ID|CSeq):/i.test(line))
      const head = copied.map((line) => (/^To:/i.test(line) && !line.includes(';tag=') ? `${line};tag=${tag}` : line))
      const contact = `Contact: <${this.address}>`
      const type = body === '' ? [] : ['Content-Type: application/sdp']
      const lines = [`SIP/2.0 ${status}`, ...head, contact, ...type, `Content-Length: ${body.length}`, '', body]
      socket.send(lines.join('\r\n'), port, '127.0.0.1')
    },
    /** A BYE in the dialog that its answer made. */
    hangUp() {
      const { text, port } = last('ACK')!
      const header = (name: string) => new RegExp(`^${name}: *(.*)$`, 'im').exec(text)![1]!.trim()
      const { text: invite } = last('INVITE')!
      const target = /^Contact: *<([^>]+)>/im.exec(invite)![1]
      const lines = [
        `BYE ${target} SIP/2.0`,
        `Via: SIP/2.0/UDP 127.0.0.1:${socket.address().port};branch=z9hG4bKleaves`,
        'Max-Forwards: 70',
        `From: ${header('To')}`,
        `To: ${header('From')}`,
        `Call-ID: ${header('Call-ID')}`,
        'CSeq: 1 BYE',
        'Content-Length: 0',
        '',
        '',
      ]
      socket.send(lines.join('\r\n'), port, '127.0.0.1')
    },
  }
}

const sdp = ['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 'c=IN IP4 127.0.0.1', 't=0 0', 'm=audio 40000 RTP/AVP 0', '']

async function stage(to: string | readonly string[]) {
  const server = await restartable({
    sip: { media: { ports: [36_000, 36_999] } },
    routes: [{ to: '200', from: 'loopback', direct: { to } }],
  })
  const phone = await createPhone({ server: server.sip, sound: 'none' })
  onTestFinished(() => phone.close(100))
  const get = async (path: string) => (await fetch(`${server.http}${path}`)).json()
  const record = async () => ((await get('/api/records')) as { items: RecordView[] }).items[0]
  return {
    phone,
    record,
    /** The first of the devices that ring answers. */
    async talk(...devices: Awaited<ReturnType<typeof callee>>[]) {
      const call = await phone.call('200')
      for (const device of devices) await device.hears('INVITE')
      devices[0]!.answer('INVITE', '200 OK', 'first', sdp.join('\r\n'))
      await call.answered()
      await devices[0]!.hears('ACK')
    },
    /** Ends the one live call. */
    async end() {
      const [call] = ((await get('/api/calls')) as { items: { id: string }[] }).items
      await fetch(`${server.http}/api/calls/${call!.id}/end`, { method: 'POST' })
    },
    async restart() {
      await server.kill()
      await server.start()
    },
    told: async () => (await record())?.annex.flatMap((entry) => (entry.type === 'told' ? [entry.outcome] : [])),
  }
}

test('P2: a CANCEL that still waited for the first response', async () => {
  const far = await callee()
  const { phone, record, restart, told } = await stage(far.address)
  const call = await phone.call('200')
  await far.hears('INVITE')
  call.hangup()
  await call.ended()
  await until(async () => (await record()) !== undefined)
  expect(far.count('CANCEL')).toBe(0)
  await restart()
  await far.hears('CANCEL')
  far.answer('CANCEL', '200 OK', 'far')
  far.answer('INVITE', '487 Request Terminated', 'far')
  await far.hears('ACK')
  await until(async () => (await told())?.includes('delivered') === true)
  expect((await record())?.ending).toMatchObject({ cause: 'cancelled', actor: 'caller' })
})

test('P2: a callee who answers in spite of such a CANCEL gets an ACK and a BYE', async () => {
  const far = await callee()
  const { phone, record, restart } = await stage(far.address)
  const call = await phone.call('200')
  await far.hears('INVITE')
  call.hangup()
  await call.ended()
  await until(async () => (await record()) !== undefined)
  await restart()
  await far.hears('CANCEL')
  far.answer('INVITE', '200 OK', 'far', sdp.join('\r\n'))
  await far.hears('ACK')
  await far.hears('BYE')
  far.answer('BYE', '200 OK', 'far')
})

test('P2: a BYE that was lost', async () => {
  const far = await callee()
  const { talk, record, restart, told, end } = await stage(far.address)
  await talk(far)
  await end()
  await far.hears('BYE')
  await until(async () => (await record()) !== undefined)
  await restart()
  const before = far.count('BYE')
  await until(() => far.count('BYE') > before)
  far.answer('BYE', '200 OK', 'far')
  await until(async () => (await told())?.filter((outcome) => outcome === 'delivered').length === 2)
  expect((await record())?.ending).toMatchObject({ actor: 'api' })
  const [only, ...more] = [await record()]
  expect([only?.legs.length, more]).toEqual([2, []])
})

/** The CANCEL of a device whose call another one took, and what follows. */
async function hearsThatItLost(device: Awaited<ReturnType<typeof callee>>): Promise<void> {
  await device.hears('CANCEL')
  expect(device.heard.find(({ method }) => method === 'CANCEL')?.text).toMatch(/^Reason: SIP;cause=200/im)
  device.answer('CANCEL', '200 OK', 'second')
  device.answer('INVITE', '487 Request Terminated', 'second')
  await device.hears('ACK')
}

test('P2: the CANCEL of a device that had lost, after the one that answered had hung up', async () => {
  const [first, second] = [await callee(), await callee()]
  const { talk, record, restart } = await stage([first.address, second.address])
  await talk(first, second)
  first.hangUp()
  await until(async () => (await record()) !== undefined)
  expect((await record())?.ending).toMatchObject({ cause: 'hangup', actor: 'callee' })
  expect(second.count('CANCEL')).toBe(0)
  await restart()
  await hearsThatItLost(second)
})

test('P2: the CANCEL of a device that had lost, after the one that answered had confirmed its BYE', async () => {
  const [first, second] = [await callee(), await callee()]
  const { talk, record, restart, told, end } = await stage([first.address, second.address])
  await talk(first, second)
  await end()
  await first.hears('BYE')
  first.answer('BYE', '200 OK', 'first')
  await until(async () => (await told())?.includes('delivered') === true)
  expect(second.count('CANCEL')).toBe(0)
  await restart()
  await hearsThatItLost(second)
  // Told again, since nobody knew that it had been: it knows the call no longer.
  await until(() => first.count('BYE') > 1)
  first.answer('BYE', '481 Call Does Not Exist', 'first')
  await until(async () => (await told())?.filter((outcome) => outcome === 'delivered').length === 2)
  expect((await record())?.ending).toMatchObject({ actor: 'api' })
})

test('P2: a caller whose connection ended with the process is told at the address that its Via names', async () => {
  const ringing = await callee()
  const routes = [{ to: '200', from: 'loopback', direct: { to: ringing.address } }]
  const server = await restartable({ sip: { media: { ports: [36_000, 36_999] } }, routes }, () => {}, ['udp', 'tcp'])
  await server.kill()
  await server.start()
  const heard: string[] = []
  const listening = createServer((socket) => socket.on('data', (bytes) => heard.push(bytes.toString('latin1'))))
  listening.listen(0, '127.0.0.1')
  await once(listening, 'listening')
  onTestFinished(() => void listening.close())
  const { port } = listening.address() as AddressInfo
  const [host, sip] = server.sip.split(':')
  const socket = connect(Number(sip), host)
  onTestFinished(() => void socket.destroy())
  let answers = ''
  socket.on('data', (bytes) => {
    answers += bytes.toString('latin1')
  })
  socket.on('error', () => {})
  const body = sdp.join('\r\n')
  socket.write(
    [
      `INVITE sip:200@${server.sip};transport=tcp SIP/2.0`,
      `Via: SIP/2.0/TCP 127.0.0.1:${port};branch=z9hG4bKcaller;rport`,
      'Max-Forwards: 70',
      'From: <sip:caller@127.0.0.1>;tag=caller',
      `To: <sip:200@${server.sip}>`,
      'Call-ID: told-by-its-via',
      'CSeq: 1 INVITE',
      `Contact: <sip:caller@127.0.0.1:${port};transport=tcp>`,
      'Content-Type: application/sdp',
      `Content-Length: ${body.length}`,
      '',
      body,
    ].join('\r\n'),
  )
  await ringing.hears('INVITE')
  ringing.answer('INVITE', '180 Ringing', 'ringing')
  await until(() => answers.includes('SIP/2.0 180'))
  await server.kill()
  await server.start()
  await until(() => heard.join('').includes('SIP/2.0 503'))
  expect(heard.join('')).toContain('CSeq: 1 INVITE')
  await ringing.hears('CANCEL')
})
