/** `GET /api/events`: what lives now, then everything that happens, as server-sent events. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import type { Call, CallId } from '../call/call.ts'
import type { Clock } from '../switchboard/ports.ts'
import { type ApiEnv, requireScope } from './access.ts'
import type { ControlPlane } from './control.ts'
import { callOf, EventRing, sseText } from './event-ring.ts'
import { failures } from './openapi.ts'
import { Problem } from './problem.ts'
import { liveCallView } from './views.ts'

export type EventOptions = Readonly<{
  /** Events kept for readers that come back. */
  kept?: number
  /** Milliseconds for which they are kept when the last reader has left. */
  patience?: number
  /** Readers at once. */
  readers?: number
  /** A comment this often keeps proxies from closing a quiet feed. Milliseconds. */
  heartbeat?: number
  /** Calls per snapshot event. */
  snapshotPage?: number
}>

const defaults = { kept: 4096, patience: 300_000, readers: 200, heartbeat: 15_000, snapshotPage: 200 } as const

/** Bytes that one reader is handed at a time; the rest stays in the ring, so a slow reader costs no memory. */
const chunkSize = 65_536

const feedHeaders = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-store',
  'x-accel-buffering': 'no',
} as const

const route = createRoute({
  method: 'get',
  path: '/api/events',
  operationId: 'followEvents',
  summary: 'Live events',
  description:
    'Server-sent events. First `snapshot` (several, the last with `more: false`), then `leg-added`, `leg-ringing`, ' +
    '`leg-early`, `leg-answered`, `branch-ended`, `leg-ended`, `call-ended`, and `late` and `told` beside a standing ' +
    'record. With `Last-Event-ID` what was missed is sent instead of a snapshot, while it is still kept.',
  tags: ['events'],
  middleware: [requireScope('read')] as const,
  request: {
    query: z.strictObject({
      call: z.string().max(128).optional().openapi({ description: 'Events of this call only.' }),
    }),
    headers: z.object({ 'last-event-id': z.string().max(64).optional() }),
  },
  responses: {
    200: { description: 'The feed.', content: { 'text/event-stream': { schema: z.string() } } },
    ...failures(400, 401, 403, 503),
  },
})

export type EventFeed = Readonly<{ ring: EventRing; close(): void }>

export function addEvents(
  app: OpenAPIHono<ApiEnv>,
  control: ControlPlane,
  clock: Clock,
  epoch: string,
  options: EventOptions = {},
): EventFeed {
  const { kept, patience, readers, heartbeat, snapshotPage } = { ...defaults, ...options }
  const ring = new EventRing(kept, epoch)
  let open = 0
  /** Nobody had a number of ours to come back with before the first reader. */
  let left = Number.NEGATIVE_INFINITY
  const unsubscribe = control.subscribe((event) => {
    if (open > 0 || clock.now() - left < patience) ring.push(event)
    else ring.skip()
  })
  app.openapi(route, (c) => {
    // Only what stands above the feed is asked for: a reader whom nobody reads would keep its place for ever.
    if (c.req.method === 'HEAD') return c.body(null, 200, { ...feedHeaders })
    if (open >= readers || ring.closed) throw new Problem('events.full')
    const reader = new Reader(ring, control, clock, {
      call: c.req.valid('query').call,
      from: c.req.valid('header')['last-event-id'],
      heartbeat,
      snapshotPage,
      onClose: () => {
        open--
        left = clock.now()
      },
    })
    open++
    return c.body(reader.stream(), 200, { ...feedHeaders })
  })
  return {
    ring,
    close() {
      unsubscribe()
      ring.close()
    },
  }
}

type ReaderOptions = Readonly<{
  call: CallId | undefined
  from: string | undefined
  heartbeat: number
  snapshotPage: number
  onClose: () => void
}>

/** One follower: a place in the ring. It is asked for more only as fast as it reads. */
class Reader {
  readonly #ring: EventRing
  readonly #control: ControlPlane
  readonly #clock: Clock
  readonly #options: ReaderOptions
  /** Serial of the last event sent. */
  #place: number
  /** Calls of a snapshot that are still to be sent. */
  #snapshot: readonly Call[] | undefined
  #closed = false
  #interrupt: (() => void) | undefined

  constructor(ring: EventRing, control: ControlPlane, clock: Clock, options: ReaderOptions) {
    this.#ring = ring
    this.#control = control
    this.#clock = clock
    this.#options = options
    const resumed = serialOf(options.from, ring.epoch)
    this.#place = resumed !== undefined && ring.reaches(resumed) ? resumed : -1
  }

  stream(): ReadableStream<Uint8Array> {
    const encoder = new TextEncoder()
    return new ReadableStream<Uint8Array>(
      {
        pull: async (controller) => {
          const text = await this.#more()
          if (text === undefined) {
            this.#close()
            controller.close()
          } else controller.enqueue(encoder.encode(text))
        },
        cancel: () => this.#close(),
      },
      { highWaterMark: 1 },
    )
  }

  #close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#interrupt?.()
    this.#options.onClose()
  }

  /** The next text to send; undefined at the end of the feed. */
  async #more(): Promise<string | undefined> {
    for (;;) {
      if (this.#closed || this.#ring.closed) return undefined
      // Too slow, new, or from another process: the picture is drawn afresh.
      if (this.#snapshot === undefined && (this.#place < 0 || !this.#ring.reaches(this.#place))) this.#drawAfresh()
      const text = this.#snapshot === undefined ? this.#events() : this.#nextPage(this.#snapshot)
      if (text !== '') return text
      if (!(await this.#changed())) return ': still here\n\n'
    }
  }

  #drawAfresh(): void {
    this.#place = this.#ring.last
    const { call } = this.#options
    this.#snapshot = [...this.#control.live()].filter(({ id }) => call === undefined || id === call)
  }

  #nextPage(calls: readonly Call[]): string {
    const page = calls.slice(0, this.#options.snapshotPage)
    const rest = calls.slice(page.length)
    const more = rest.length > 0
    this.#snapshot = more ? rest : undefined
    const data = JSON.stringify({ at: this.#clock.now(), calls: page.map(liveCallView), more })
    // Only the last page carries an id: who breaks off before it starts again.
    return `${more ? '' : `id: ${this.#ring.epoch}-${this.#place}\n`}event: snapshot\ndata: ${data}\n\n`
  }

  #events(): string {
    let text = ''
    for (;;) {
      const entry = this.#ring.at(this.#place + 1)
      if (entry === undefined || text.length >= chunkSize) return text
      this.#place++
      const { call } = this.#options
      if (call === undefined || callOf(entry.event) === call) text += sseText(entry, this.#ring.epoch)
    }
  }

  /** False if the heartbeat came first. Whichever comes, nothing stays behind. */
  #changed(): Promise<boolean> {
    return new Promise((resolve) => {
      const settle = (changed: boolean) => {
        disarm()
        forget()
        this.#interrupt = undefined
        resolve(changed)
      }
      const disarm = this.#clock.alarm(this.#clock.now() + this.#options.heartbeat, () => settle(false))
      const forget = this.#ring.onChange(() => settle(true))
      this.#interrupt = () => settle(true)
    })
  }
}

function serialOf(id: string | undefined, epoch: string): number | undefined {
  const at = id?.lastIndexOf('-') ?? -1
  if (id === undefined || at === -1 || id.slice(0, at) !== epoch) return undefined
  const serial = id.slice(at + 1)
  return /^\d{1,15}$/.test(serial) ? Number(serial) : undefined
}
