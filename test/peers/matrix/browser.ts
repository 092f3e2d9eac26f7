/** Chromium, with a page that is a Matrix client, and a microphone that hears a tone. */
import { readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'
import { build } from 'vite'
import { folder } from '../places.ts'
import { tone } from '../sound.ts'
import { within } from '../waiting.ts'
import { Device } from './device.ts'
import type { Account, Synapse } from './synapse.ts'

const entry = fileURLToPath(new URL('page/main.ts', import.meta.url))

/** The page and what it needs, in a folder. */
async function bundle(place: string): Promise<void> {
  await build({
    configFile: false,
    logLevel: 'error',
    root: place,
    build: {
      outDir: join(place, 'page'),
      emptyOutDir: true,
      minify: false,
      reportCompressedSize: false,
      rolldownOptions: { input: entry, output: { entryFileNames: 'main.js' } },
    },
  })
  await writeFile(
    join(place, 'page/index.html'),
    '<!doctype html><title>client</title><script type=module src=main.js></script>',
  )
}

const types: Readonly<Record<string, string>> = { html: 'text/html', js: 'text/javascript', wasm: 'application/wasm' }

async function serve(root: string): Promise<{ url: string; close(): void }> {
  const server = createServer(async (request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname
    const file = join(root, path === '/' ? 'index.html' : path)
    const body = await readFile(file).catch(() => undefined)
    if (body === undefined) response.writeHead(404).end()
    else response.writeHead(200, { 'content-type': types[file.split('.').at(-1)!] ?? 'text/plain' }).end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://localhost:${port}/`,
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}

/** A device in a browser of its own. */
export async function browserDevice(
  synapse: Synapse,
  account: Account,
  { hertz, relayOnly = false }: { hertz: number; relayOnly?: boolean },
): Promise<Device> {
  const place = await folder()
  const closers: (() => unknown)[] = [place.remove]
  const close = async () => {
    for (const closer of closers.splice(0).reverse()) await closer()
  }
  try {
    const voice = await tone(join(place.path, 'voice.wav'), { seconds: 10, hertz })
    await bundle(place.path)
    const server = await serve(join(place.path, 'page'))
    closers.push(() => server.close())
    const context = await chromium.launchPersistentContext(join(place.path, 'profile'), {
      executablePath: '/usr/bin/chromium',
      headless: true,
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--no-first-run',
        '--use-fake-ui-for-media-stream',
        '--use-fake-device-for-media-stream',
        `--use-file-for-fake-audio-capture=${voice}`,
        '--autoplay-policy=no-user-gesture-required',
      ],
    })
    closers.push(() => context.close())
    let log = ''
    const page = context.pages()[0] ?? (await context.newPage())
    page.on('console', (message) => {
      log = `${log}${message.text()}\n`.slice(-200_000)
    })
    page.on('pageerror', (error) => {
      log += `${error}\n`
    })
    await page.goto(server.url)
    await page.waitForFunction('globalThis.startDriver !== undefined')
    const { userId, accessToken, deviceId } = account
    const login = JSON.stringify({ baseUrl: synapse.url, userId, accessToken, deviceId, relayOnly })
    await within(`${userId} to start\n${log}`, page.evaluate(`startDriver(${login})`))
    return new Device(account, {
      ask: (method, args) => page.evaluate(`driver.${method}(...${JSON.stringify(args)})`),
      kill: close,
      close,
      log: () => log,
    })
  } catch (error) {
    await close()
    throw error
  }
}
