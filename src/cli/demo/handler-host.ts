/** A handler of the examples, served as a Lambda endpoint is, so that what it is told can be shown. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** As the handler received it. */
export type HandlerEvent = Readonly<{
  InvocationEventType: string
  ActionData?: Readonly<{ Type: string; Parameters?: Readonly<{ SipResponseCode?: number; ParticipantTag?: string }> }>
  CallDetails: Readonly<{ TransactionId: string }>
}>

type Handler = (event: unknown) => Promise<unknown>

export type HandlerHost = Readonly<{ url: string; close(): void }>

export async function hostHandler(handler: Handler, onEvent: (event: HandlerEvent) => void): Promise<HandlerHost> {
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    const event = JSON.parse(body) as HandlerEvent
    onEvent(event)
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(await handler(event)))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/2015-03-31/functions/demo/invocations`,
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}

/** `NEW_INBOUND_CALL`, `ACTION_SUCCESSFUL CallAndBridge`, `HANGUP LEG-B 0` */
export function wordsOf({ InvocationEventType: type, ActionData: data }: HandlerEvent): string {
  if (data === undefined) return type
  if (type !== 'HANGUP') return `${type} ${data.Type}`
  return `${type} ${data.Parameters?.ParticipantTag} ${data.Parameters?.SipResponseCode}`
}
