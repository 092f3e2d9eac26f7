/** One log line for everything that somebody does to a call by hand. */
import type { Context } from 'hono'
import type { Logger } from 'pino'
import type { ApiEnv } from './access.ts'

export type AuditEntry = Readonly<{
  action: 'end' | 'place' | 'replay' | 'update' | 'change'
  call?: string | undefined
  leg?: string | undefined
  delivery?: string | undefined
  cause?: string | undefined
  result: string
}>

export type Audit = (c: Context<ApiEnv>, entry: AuditEntry) => void

export function createAudit(log: Logger): Audit {
  return (c, entry) => {
    const by = c.get('caller').name
    const address = (c.env as { incoming?: { socket?: { remoteAddress?: string } } } | undefined)?.incoming?.socket
      ?.remoteAddress
    log.info(
      { audit: true, by, ...(address !== undefined && { source: address }), ...entry },
      `${entry.action} by ${by}`,
    )
  }
}
