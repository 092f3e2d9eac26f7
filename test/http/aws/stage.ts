import { ChimeSDKVoiceClient } from '@aws-sdk/client-chime-sdk-voice'
import { onTestFinished } from 'vitest'
import { createChimeDirectory, memoryShelf, type Shelf } from '../../../src/config/chime-directory.ts'
import { defineConfig } from '../../../src/config/load.ts'
import { Secret } from '../../../src/config/secret.ts'
import { createChimeFace, type Desk } from '../../../src/http/aws/chime.ts'
import { listen } from '../../../src/http/listen.ts'
import { createLogger } from '../../../src/http/log.ts'
import { allTokens } from '../faces.ts'

export const account = '111122223333'
export const key = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'a-secret-of-the-example' }

/** What the engine was asked, in order. */
export type Asked = Readonly<{ verb: 'create' | 'update'; application: string; [more: string]: unknown }>

export type Options = Readonly<{
  keys?: boolean
  tokens?: boolean
  shelf?: Shelf
  desk?: Partial<Desk>
}>

/** The face on a real socket, over an engine that only notes what it is asked. */
export async function stage({ keys = false, tokens = false, shelf = memoryShelf(), desk = {} }: Options = {}) {
  const { chime, functions } = defineConfig(
    {
      functions: { echo: { url: 'http://127.0.0.1:9000/' }, other: { url: 'http://127.0.0.1:9001/' } },
      chime: {
        account,
        applications: [{ name: 'menu', function: 'echo' }],
        rules: [{ name: 'main', number: '+15550100', applications: ['menu'] }],
      },
    },
    {},
  )
  const directory = createChimeDirectory({
    chime,
    functions,
    shelf,
    appOf: (applications) => ({ platform: 'chime', data: { applications } }),
    now: 1_700_000_000_000,
  })
  await directory.open()
  const asked: Asked[] = []
  let made = 0
  const uuid = () => `00000000-0000-4000-8000-${String(++made).padStart(12, '0')}`
  // Clients sign by the machine's own time.
  const clock = { now: () => Date.now(), alarm: () => () => {} }
  const app = createChimeFace({
    desk: {
      async create(application, request) {
        asked.push({ verb: 'create', application: application.id, request })
        return desk.create?.(application, request) ?? { ok: true, transactionId: `tx/${asked.length}` }
      },
      update(application, transaction, args) {
        asked.push({ verb: 'update', application, transaction, args })
        return desk.update?.(application, transaction, args) ?? 'accepted'
      },
    },
    directory,
    account,
    clock,
    ids: { uuid },
    log: createLogger({ level: 'silent' }),
    keys: keys ? [{ accessKeyId: key.accessKeyId, secret: new Secret(key.secretAccessKey) }] : [],
    tokens: tokens ? allTokens : [],
  })
  const listening = await listen(app, { host: '127.0.0.1', port: 0 })
  onTestFinished(() => listening.close(0))
  return {
    url: listening.url,
    directory,
    asked,
    application: chime.applications[0]!.id,
    rule: chime.rules[0]!.id,
    client(credentials: Readonly<{ accessKeyId: string; secretAccessKey: string }> = key) {
      const client = new ChimeSDKVoiceClient({ endpoint: listening.url, region: 'us-east-1', credentials })
      onTestFinished(() => client.destroy())
      return client
    },
  }
}
