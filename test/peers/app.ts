/** A customer's app: an HTTP server that gives documents, and keeps the webhooks that it gets. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { until } from './waiting.ts'

export type Params = Readonly<Record<string, string>>
export type Page = (params: Params, response: ServerResponse, request: IncomingMessage) => void

export type Webhook = Readonly<{ id: string; params: Params }>

export class App {
  readonly #server: Server
  readonly #pages: Readonly<Record<string, Page>>
  readonly webhooks: Webhook[] = []
  /** Paths asked for documents, in order. */
  readonly asked: string[] = []

  private constructor(pages: Readonly<Record<string, Page>>) {
    this.#pages = pages
    this.#server = createServer((request, response) => this.#serve(request, response))
  }

  /** Each page answers its path; `/hangup` is taken. */
  static async start(pages: Readonly<Record<string, Page>> = {}): Promise<App> {
    const app = new App(pages)
    await new Promise<void>((resolve) => app.#server.listen(0, '127.0.0.1', resolve))
    return app
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** The rest of a route into an app that is this document, and whose hangup webhooks come here. */
  runs(document: string, from: string | readonly string[] = 'anyone') {
    return {
      from,
      app: { platform: 'vobiz', document: `<Response>${document}</Response>`, hangupUrl: `${this.url}/hangup` },
    }
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = ''
    for await (const chunk of request) body += chunk
    const { pathname, searchParams } = new URL(request.url ?? '/', this.url)
    const params = Object.fromEntries([...searchParams, ...new URLSearchParams(body)])
    if (pathname === '/hangup') {
      this.webhooks.push({ id: String(request.headers['idempotency-key']), params })
      response.end()
      return
    }
    this.asked.push(pathname)
    const page = this.#pages[pathname]
    if (page === undefined) response.writeHead(404).end()
    else page(params, response, request)
  }

  /** The hangup webhook of a call. */
  async hangup(call: string, limit?: number): Promise<Params> {
    const of = () => this.webhooks.find(({ params }) => params.CallUUID === call)?.params
    return until(`the hangup webhook of ${call}`, of, limit)
  }

  hangupsOf(call: string): readonly Webhook[] {
    return this.webhooks.filter(({ params }) => params.CallUUID === call)
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}

/** A page that is a document. */
export function document(elements: string): Page {
  return (_params, response) => {
    response.writeHead(200, { 'content-type': 'application/xml' }).end(`<Response>${elements}</Response>`)
  }
}
