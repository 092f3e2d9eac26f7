/**
 * A voice app for Vobiz or Plivo: plain Node, no dependencies, nothing in it that knows Onhook.
 *
 *   node examples/vobiz-app/app.js            serves http://127.0.0.1:3000
 *   PORT=0 node examples/vobiz-app/app.js     serves any free port, and prints it
 *   AUTH_TOKEN=…                              checks the signature of every request
 *
 * Each path under /answer is the answer URL of one app; /hangup is the hangup URL of all of them.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { createServer } from 'node:http'
import { pathToFileURL } from 'node:url'

/** What each app says. `base` is where this server is reached. */
const documents = {
  '/answer/speak': () => '<Speak>Thank you for calling. Goodbye.</Speak><Hangup/>',
  '/answer/busy': () => '<Hangup reason="busy"/>',
  '/answer/rejected': () => '<Hangup reason="rejected"/>',
  '/answer/bare': () => '<Hangup/>',
  // The schedule stands before what it cuts short: after it, it would end the call at once.
  '/answer/schedule': (base) =>
    `<Hangup schedule="2"/><Speak>Two seconds.</Speak><Play loop="0">${base}/tone.wav</Play>`,
  '/answer/schedule-ringing': () => '<Hangup schedule="2" reason="busy"/><Wait length="60"/>',
  '/answer/early': () => '<PreAnswer><Speak>Nobody pays for this.</Speak></PreAnswer><Hangup reason="busy"/>',
  '/answer/ring': () => '<Wait length="60"/>',
  '/answer/long': (base) => `<Play loop="0">${base}/tone.wav</Play>`,
  '/answer/nothing': () => '',
  '/answer/broken': () => '<Speak>Tom & Jerry</Speak>',
  // Screening: numbers that end in 13 are busy, all others hear the greeting.
  '/answer/screen': (base, call) =>
    `<Redirect>${base}/answer/${/13$/.test(call.From ?? '') ? 'busy' : 'speak'}</Redirect>`,
}

/** Paths that are no documents at all. */
const failures = {
  '/answer/fail': (response) => response.writeHead(500, { 'content-type': 'text/plain' }).end('out of order'),
  '/answer/html': (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Hello</h1>'),
  '/answer/silent': () => {},
}

/** One second of 440 Hz at 8 kHz, 16 bits, one channel. */
function tone() {
  const samples = 8000
  const wav = Buffer.alloc(44 + samples * 2)
  wav.write('RIFF', 0)
  wav.writeUInt32LE(36 + samples * 2, 4)
  wav.write('WAVEfmt ', 8)
  wav.writeUInt32LE(16, 16)
  wav.writeUInt16LE(1, 20)
  wav.writeUInt16LE(1, 22)
  wav.writeUInt32LE(8000, 24)
  wav.writeUInt32LE(16_000, 28)
  wav.writeUInt16LE(2, 32)
  wav.writeUInt16LE(16, 34)
  wav.write('data', 36)
  wav.writeUInt32LE(samples * 2, 40)
  for (let n = 0; n < samples; n++)
    wav.writeInt16LE(Math.round(8000 * Math.sin((2 * Math.PI * 440 * n) / 8000)), 44 + n * 2)
  return wav
}

/** Vobiz signs its V2 over the URL without its query, and a nonce. */
function isSigned(request, base, token) {
  const nonce = String(request.headers['x-vobiz-signature-v2-nonce'] ?? '')
  const given = Buffer.from(String(request.headers['x-vobiz-signature-v2'] ?? ''))
  const url = base + String(request.url).split('?')[0]
  const expected = Buffer.from(
    createHmac('sha256', token)
      .update(url + nonce)
      .digest('base64'),
  )
  return given.length === expected.length && timingSafeEqual(given, expected)
}

async function parametersOf(request) {
  let body = ''
  for await (const chunk of request) body += chunk
  const query = String(request.url).split('?')[1] ?? ''
  return Object.fromEntries([...new URLSearchParams(query), ...new URLSearchParams(body)])
}

/**
 * Starts the app.
 * @param {{ port?: number, token?: string, onHangup?: (webhook: Record<string, string>, headers: object) => void }} options
 * @returns {Promise<{ url: string, close(): void }>}
 */
export function startApp({ port = 3000, token, onHangup = () => {} } = {}) {
  const sound = tone()
  const server = createServer(async (request, response) => {
    const base = `http://127.0.0.1:${server.address().port}`
    const path = String(request.url).split('?')[0]
    if (path === '/tone.wav') return response.writeHead(200, { 'content-type': 'audio/wav' }).end(sound)
    const call = await parametersOf(request)
    if (token !== undefined && !isSigned(request, base, token)) return response.writeHead(403).end('not signed\n')
    if (path === '/hangup') {
      onHangup(call, request.headers)
      return response.writeHead(200).end()
    }
    if (failures[path] !== undefined) return failures[path](response)
    const document = documents[path]
    if (document === undefined) {
      const paths = [...Object.keys(documents), ...Object.keys(failures)].join('\n')
      return response.writeHead(path === '/' ? 200 : 404, { 'content-type': 'text/plain' }).end(`${paths}\n`)
    }
    response.writeHead(200, { 'content-type': 'application/xml' })
    response.end(`<?xml version="1.0" encoding="UTF-8"?>\n<Response>${document(base, call)}</Response>\n`)
  })
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      const close = () => {
        server.close()
        server.closeAllConnections()
      }
      resolve({ url: `http://127.0.0.1:${server.address().port}`, close })
    })
  })
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const app = await startApp({
    port: Number(process.env.PORT ?? 3000),
    token: process.env.AUTH_TOKEN,
    onHangup: (webhook) => console.log(`hangup ${JSON.stringify(webhook)}`),
  })
  console.log(`listening ${app.url}`)
}
