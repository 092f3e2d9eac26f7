/** A SIP media application handler in the test itself, reached as a Lambda endpoint is. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

// biome-ignore lint/suspicious/noExplicitAny: events are what the wire says; tests look into all of them
export type Event = any

export type Answer = Readonly<{ SchemaVersion: '1.0'; Actions?: readonly object[]; TransactionAttributes?: object }>

export type Handler = (event: Event) => object | undefined | Promise<object | undefined>

export const answer = (...actions: readonly object[]): Answer => ({ SchemaVersion: '1.0', Actions: actions })
export const action = (type: string, parameters: object = {}) => ({ Type: type, Parameters: parameters })
export const hangup = (callId?: string, code = '0') =>
  action('Hangup', { ...(callId !== undefined && { CallId: callId }), SipResponseCode: code })

export type Endpoint = Readonly<{
  url: string
  /** In the order in which they came, those of all calls. */
  events: readonly Event[]
  /** Types, in order, of one transaction, or of all. */
  types(transaction?: string): readonly string[]
  hangups(): readonly Event[]
}>

/** @param atEnd when it closes: after the test, if nothing else is said. */
export async function openHandler(
  handler: Handler,
  atEnd: (close: () => void) => void = onTestFinished,
): Promise<Endpoint> {
  const events: Event[] = []
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    const event = JSON.parse(body)
    events.push(event)
    const said = await handler(event)
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(said ?? null))
  })
  // Hundreds of calls open their connections at once; those that find no place in the queue come seconds later.
  await new Promise<void>((resolve) => server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, resolve))
  atEnd(() => {
    server.close()
    server.closeAllConnections()
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/2015-03-31/functions/app/invocations`,
    events,
    types: (transaction) =>
      events
        .filter(({ CallDetails }) => transaction === undefined || CallDetails.TransactionId === transaction)
        .map(({ InvocationEventType }) => InvocationEventType),
    hangups: () => events.filter(({ InvocationEventType }) => InvocationEventType === 'HANGUP'),
  }
}
