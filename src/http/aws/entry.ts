/** Who may use the control API of the Chime platform: AWS clients with a configured key, or a bearer token. */
import type { Context, MiddlewareHandler } from 'hono'
import type { HttpConfig } from '../../config/config.ts'
import type { Secret } from '../../config/secret.ts'
import type { Clock } from '../../switchboard/ports.ts'
import { type ApiEnv, local, refuseForeignPages, tokenReader } from '../access.ts'
import { Problem } from '../problem.ts'
import { AwsError, errorResponse, signatureResponse } from './error.ts'
import { verifySignature } from './signature.ts'

export type EntryOptions = Readonly<{
  keys: readonly Readonly<{ accessKeyId: string; secret: Secret }>[]
  tokens: HttpConfig['tokens']
  clock: Clock
}>

/**
 * Without keys and tokens the API is open, as the rest of ours, to this machine alone: any signature is good, and none.
 * With keys every signature is verified. With tokens and no keys AWS clients stay out.
 */
export function awsEntry({ keys, tokens, clock }: EntryOptions): MiddlewareHandler<ApiEnv> {
  const secrets = new Map(keys.map(({ accessKeyId, secret }) => [accessKeyId, secret]))
  const bearer = tokenReader(tokens)
  const open = keys.length === 0 && tokens.length === 0
  return async (c, next) => {
    try {
      refuseForeignPages(c, open)
      const header = c.req.header('authorization')
      if (header?.startsWith('Bearer ') === true) {
        const caller = bearer(header)
        if (!caller.scopes.includes('admin'))
          throw new AwsError('ForbiddenException', 'the token has not the scope "admin"')
        c.set('caller', caller)
      } else if (open) c.set('caller', local)
      else if (keys.length === 0) {
        throw new AwsError(
          'AccessDeniedException',
          'this server has no access keys: see "chime.keys" of its configuration',
        )
      } else {
        const verified = verifySignature(
          await signedRequest(c),
          (id) => secrets.get(id)?.reveal(),
          'chime',
          clock.now(),
        )
        if (!verified.ok) return signatureResponse(c, verified.error, verified.message)
        c.set('caller', { name: verified.accessKeyId, scopes: ['admin'] })
      }
    } catch (error) {
      if (error instanceof AwsError) return errorResponse(c, error)
      if (!(error instanceof Problem)) throw error
      return errorResponse(c, new AwsError('ForbiddenException', error.message))
    }
    await next()
  }
}

async function signedRequest(c: Context<ApiEnv>) {
  const { incoming } = (c.env ?? {}) as { incoming?: { url?: string } }
  const { pathname, search } = new URL(c.req.url)
  return {
    method: c.req.method,
    // What came on the wire; a parsed URL may have been put in order.
    target: incoming?.url ?? pathname + search,
    header: (name: string) => c.req.header(name),
    body: new Uint8Array(await c.req.arrayBuffer()),
  }
}
