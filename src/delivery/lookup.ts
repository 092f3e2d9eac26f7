import { type LookupAddress, lookup as systemLookup } from 'node:dns'
import type { LookupFunction } from 'node:net'
import type { AddressGuard } from './address-guard.ts'

/** A name that leads, or an address that is, where customers' URLs must not go. */
export class RefusedAddress extends Error {
  override readonly name = 'RefusedAddress'
}

export type Resolve = (name: string, done: (error: Error | null, addresses: readonly LookupAddress[]) => void) => void

const systemResolve: Resolve = (name, done) =>
  systemLookup(name, { all: true }, (error, addresses) => done(error, addresses ?? []))

/**
 * Resolves a name for a connection that is being made, and hands on only addresses that the guard lets pass: the
 * address that was checked is the address that is connected to, so a name cannot change its meaning in between.
 * One refused address refuses the name: a name that leads both inside and outside is a mistake or an attack.
 */
export function guardedLookup(guard: AddressGuard, resolve: Resolve = systemResolve): LookupFunction {
  return (name, options, done) => {
    resolve(name, (error, addresses) => {
      if (error !== null) return done(error, '')
      for (const { address } of addresses) {
        const kind = guard(address)
        if (kind !== null) return done(new RefusedAddress(`${name} leads to a ${kind} address`), '')
      }
      const wanted = addresses.filter(({ family }) => !options.family || options.family === family)
      const [first] = wanted
      if (first === undefined)
        return done(Object.assign(new Error(`${name} has no address`), { code: 'ENOTFOUND' }), '')
      if (options.all) done(null, wanted as LookupAddress[])
      else done(null, first.address, first.family)
    })
  }
}
