/** Killed after the record was written, and before a far end had confirmed that it heard: the next process says it again. */
import { createSocket } from 'node:dgram'
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
  await second.hears('CANCEL')
  expect(second.heard.find(({ method }) => method === 'CANCEL')?.text).toMatch(/^Reason: SIP;cause=200/im)
  second.answer('CANCEL', '200 OK', 'second')
  second.answer('INVITE', '487 Request Terminated', 'second')
  await second.hears('ACK')
  // Told again, since nobody knew that it had been: it knows the call no longer.
  await until(() => first.count('BYE') > 1)
  first.answer('BYE', '481 Call Does Not Exist', 'first')
  await until(async () => (await told())?.filter((outcome) => outcome === 'delivered').length === 2)
  expect((await record())?.ending).toMatchObject({ actor: 'api' })
})
