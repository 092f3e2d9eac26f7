import { isIP } from 'node:net'
import { classes, Message, methods, type StunOverTurnProtocol, TcpTransport, TlsTransport, TurnProtocol } from 'werift'
import type { Helper } from './ice-servers.ts'
import { type Address, Wire } from './wire.ts'

/** Milliseconds for a connection to a server. */
const connectPatience = 4000

/** An allocation at a TURN server (RFC 8656). Rejects if the server refuses, or when nobody waits any more. */
export async function openTurn(
  helper: Helper & { type: 'turn' },
  address: string,
  signal: AbortSignal,
): Promise<TurnProtocol> {
  const { host, port, username, credential } = helper
  const server: Address = [host, port]
  const transport = await openTurnTransport(helper, address)
  const turn = new TurnProtocol(server, username, credential, 600, transport)
  const giveUp = (): void => closeTurn(turn)
  signal.addEventListener('abort', giveUp, { once: true })
  try {
    if (signal.aborted) throw new Error('nobody waits for it any more')
    await turn.connectionMade()
    return turn
  } catch (error) {
    closeTurn(turn)
    throw error
  } finally {
    signal.removeEventListener('abort', giveUp)
  }
}

async function openTurnTransport(
  helper: Helper & { type: 'turn' },
  address: string,
): Promise<TurnProtocol['transport']> {
  const server: Address = [helper.host, helper.port]
  const options = { connectTimeoutMs: connectPatience }
  const open = {
    udp: () => Wire.open(address),
    tcp: () => TcpTransport.init(server, options),
    tls: () => TlsTransport.init(server, { servername: isIP(helper.host) === 0 ? helper.host : '' }, options),
  }
  // Their types differ from werift's own only in what may be absent.
  return (await open[helper.transport]()) as unknown as TurnProtocol['transport']
}

export function closeTurn(turn: TurnProtocol): void {
  for (const transaction of Object.values(turn.transactions)) transaction.cancel()
  turn.close().catch(() => {})
}

/** Gives the allocation back, so that a server with a quota has room again (RFC 8656 §3.9). */
export async function closeRelay(relay: StunOverTurnProtocol): Promise<void> {
  const { turn } = relay
  for (const transaction of Object.values(turn.transactions)) transaction.cancel()
  const goodbye = new Message(methods.REFRESH, classes.REQUEST).setAttribute('LIFETIME', 0)
  await turn.request(goodbye, turn.server, undefined, { retransmissions: 1, responseTimeout: 200 }).catch(() => {})
  await relay.close().catch(() => {})
}
