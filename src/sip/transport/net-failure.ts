import type { FlowFailure } from './flow.ts'

const codes: Readonly<Record<string, FlowFailure['code']>> = {
  ECONNREFUSED: 'sip.transport.refused',
  ECONNRESET: 'sip.transport.reset',
  EPIPE: 'sip.transport.reset',
  ECONNABORTED: 'sip.transport.reset',
  ETIMEDOUT: 'sip.transport.timeout',
  EHOSTUNREACH: 'sip.transport.unreachable',
  ENETUNREACH: 'sip.transport.unreachable',
  EHOSTDOWN: 'sip.transport.unreachable',
  ENETDOWN: 'sip.transport.unreachable',
  EADDRNOTAVAIL: 'sip.transport.unreachable',
  EAFNOSUPPORT: 'sip.transport.unreachable',
  EINVAL: 'sip.transport.unreachable',
  EACCES: 'sip.transport.unreachable',
  EPERM: 'sip.transport.unreachable',
  ENOTFOUND: 'sip.transport.unreachable',
  EMSGSIZE: 'sip.transport.too-large',
  ENOBUFS: 'sip.transport.congested',
  ENOMEM: 'sip.transport.congested',
  EAGAIN: 'sip.transport.congested',
}

/** What the system said, in our words; the system's own go into the detail. */
export function failureOf(error: unknown): FlowFailure {
  const code = (error as NodeJS.ErrnoException | undefined)?.code
  const detail = error instanceof Error ? error.message : String(error)
  return { code: codes[code ?? ''] ?? 'sip.transport.failed', detail }
}
