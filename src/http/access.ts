/** Who may use the API: bearer tokens with scopes, or nobody but this machine where there are none. */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { Context, MiddlewareHandler } from 'hono'
import { isLoopback } from '../config/address.ts'
import type { HttpConfig, Scope } from '../config/config.ts'
import { Problem } from './problem.ts'

/** Who asks: the token's name, or `local` on a loopback address without tokens. */
export type Caller = Readonly<{ name: string; scopes: readonly Scope[] }>

export type ApiEnv = { Variables: { caller: Caller } }

export const local: Caller = { name: 'local', scopes: ['admin'] }

/** What each scope includes. */
const includes: Readonly<Record<Scope, readonly Scope[]>> = {
  read: ['read'],
  end: ['read', 'end'],
  admin: ['read', 'end', 'admin'],
}

/** Checks a request and sets `caller`. Throws a Problem at whoever may not come in. */
export function authenticate(tokens: HttpConfig['tokens']): MiddlewareHandler<ApiEnv> {
  const read = tokenReader(tokens)
  return async (c, next) => {
    refuseForeignPages(c, tokens.length === 0)
    c.set('caller', tokens.length === 0 ? local : read(c.req.header('authorization')))
    await next()
  }
}

/** Whose token an `Authorization` header bears. The function throws a Problem if it is nobody's. */
export function tokenReader(tokens: HttpConfig['tokens']): (header: string | undefined) => Caller {
  // Digests have one length, so comparing them tells nothing about a token's own.
  const known = tokens.map(({ name, scopes, token }) => ({ caller: { name, scopes }, digest: digest(token.reveal()) }))
  return (header) => callerOf(header, known)
}

export function requireScope(scope: Scope): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    const { name, scopes } = c.get('caller')
    if (!scopes.some((granted) => includes[granted].includes(scope))) {
      throw new Problem('auth.scope', `the token "${name}" has not the scope "${scope}"`)
    }
    await next()
  }
}

type Known = Readonly<{ caller: Caller; digest: Buffer }>

function callerOf(header: string | undefined, known: readonly Known[]): Caller {
  const given = /^Bearer +(\S+) *$/i.exec(header ?? '')?.[1]
  if (given === undefined) throw new Problem('auth.missing')
  const wanted = digest(given)
  let found: Caller | undefined
  // Every token is compared, so that the time says nothing about which one was near.
  for (const one of known) if (timingSafeEqual(one.digest, wanted)) found ??= one.caller
  if (found === undefined) throw new Problem('auth.invalid')
  return found
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

/**
 * A browser on this machine can reach loopback for any page that it shows. Such pages are known by their origin; and
 * one that has turned its own name to 127.0.0.1 (DNS rebinding), by the name in the request.
 */
export function refuseForeignPages(c: Context, open: boolean): void {
  const { host, hostname } = new URL(c.req.url)
  const origin = c.req.header('origin')
  const foreign = origin !== undefined && hostOfOrigin(origin) !== host
  if (foreign || c.req.header('sec-fetch-site') === 'cross-site' || (open && !isLoopback(hostname))) {
    throw new Problem('auth.cross-origin')
  }
}

function hostOfOrigin(origin: string): string | null {
  return URL.canParse(origin) ? new URL(origin).host : null
}
