/** Deliveries, a ledger to keep them in, and a web that answers as the test says. */
import { onTestFinished } from 'vitest'
import { createDispatcher, type DeliveryDispatcher, type DispatcherOptions } from '../../src/delivery/dispatcher.ts'
import { createWebhookSigner } from '../../src/delivery/standard-webhooks.ts'
import { createLedger, type DurableLedger } from '../../src/ledger/ledger.ts'
import type { Delivery, WebClient, WebRequest, WebResult } from '../../src/switchboard/ports.ts'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'

export function delivery(id: string, over: Partial<Delivery> = {}): Delivery {
  return {
    id,
    kind: 'hangup',
    url: 'http://app.test/hangup',
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: `CallUUID=${id}`,
    policy: {
      connectTimeout: 2000,
      readTimeout: 5000,
      totalTimeout: 6000,
      backoff: [1000, 2000, 4000],
      retryOn: ['connect', 'read', '5xx'],
    },
    call: 'c1',
    platform: 'vobiz',
    state: 'pending',
    created: 0,
    next: 0,
    attempts: [],
    ...over,
  }
}

export function answered(status: number): WebResult {
  return { ok: true, status, headers: {}, body: new Uint8Array(), url: 'http://app.test/', milliseconds: 1 }
}

export function failed(error: Extract<WebResult, { ok: false }>['error']): WebResult {
  return { ok: false, error, detail: 'as the test says', milliseconds: 1 }
}

/** Each request waits until the test answers it; one whose signal fires is given up. */
export class ScriptedWeb implements WebClient {
  readonly requests: { request: WebRequest; answer: (result: WebResult) => void }[] = []
  /** Answers at once instead. */
  reply: ((request: WebRequest) => WebResult) | undefined

  fetch(request: WebRequest): Promise<WebResult> {
    const { promise, resolve } = Promise.withResolvers<WebResult>()
    this.requests.push({ request, answer: resolve })
    if (this.reply !== undefined) resolve(this.reply(request))
    request.signal?.addEventListener('abort', () => resolve(failed('aborted')))
    return promise
  }

  get urls(): string[] {
    return this.requests.map(({ request }) => request.url)
  }

  answerAll(result: WebResult): void {
    for (const { answer } of this.requests) answer(result)
  }
}

export type World = {
  clock: VirtualClock
  ledger: DurableLedger
  web: ScriptedWeb
  dispatcher: DeliveryDispatcher
  faults: unknown[]
  /** Makes deliveries durable and pokes them, as the switchboard does. */
  send: (...deliveries: Delivery[]) => Promise<void>
}

export async function world(options: Partial<DispatcherOptions> = {}, earlier?: World): Promise<World> {
  const clock = earlier?.clock ?? new VirtualClock()
  const ledger = earlier?.ledger ?? createLedger({ memory: true })
  if (earlier === undefined) {
    await ledger.open()
    onTestFinished(() => ledger.close())
  }
  const web = new ScriptedWeb()
  const faults: unknown[] = []
  const dispatcher = createDispatcher({
    ledger,
    web,
    clock,
    webhooks: createWebhookSigner(),
    onFault: (fault) => faults.push(fault),
    ...options,
  })
  const send = async (...deliveries: Delivery[]) => {
    await ledger.enqueue(deliveries)
    dispatcher.poke(deliveries)
    await clock.pass(0)
  }
  return { clock, ledger, web, dispatcher, faults, send }
}
