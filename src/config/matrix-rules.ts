/** What the section `matrix` can get wrong together with others. */
import { isLoopback } from './address.ts'
import { type ConfigFault, fault } from './fault.ts'
import { isMatrixUser } from './matrix-schema.ts'
import type { Rule } from './rule.ts'

const tokensArePresent: Rule = ({ matrix }, environment) => {
  const look = (key: 'asTokenEnv' | 'hsTokenEnv') => {
    const variable = matrix.value?.[key]
    if (variable === undefined) return undefined
    const value = environment[variable] ?? ''
    const place = `$.matrix.${key}`
    if (value === '') return fault('config.variable', place, `the variable ${variable} is not set`, `Set ${variable}`)
    return value.length < 16
      ? fault('config.variable', place, `the value of ${variable} is too short: at least 16 characters`)
      : undefined
  }
  return [look('asTokenEnv'), look('hsTokenEnv')]
}

/** The two tokens say who speaks: one that is both says nothing. */
const tokensDiffer: Rule = ({ matrix }) => {
  const { asToken, hsToken, asTokenEnv, hsTokenEnv } = matrix.value ?? {}
  const same = (asToken !== undefined && asToken === hsToken) || (asTokenEnv !== undefined && asTokenEnv === hsTokenEnv)
  return [same ? fault('config.invalid', '$.matrix.hsToken', 'the two tokens are the same') : undefined]
}

/** Whoever may call may use every route for users, trunks among them. */
const callersAreSomebody: Rule = ({ matrix }) =>
  (matrix.value?.callers ?? []).map((pattern, index) =>
    /^@?\*?(:\*?)?$/.test(pattern)
      ? fault(
          'config.open',
          `$.matrix.callers[${index}]`,
          'anybody on any homeserver could place calls',
          'Name users, or those of one homeserver: @*:example.org',
        )
      : undefined,
  )

const matrixUsersNeedMatrix: Rule = ({ matrix, routes, outbound }) => {
  if (matrix.written) return []
  const need = (place: string) =>
    fault(
      'config.missing',
      place,
      'a Matrix user is named, and there is no section "matrix"',
      'Add the section "matrix"',
    )
  return [
    ...routes.flatMap(({ index, value }) =>
      [value.direct?.to ?? []].flat().some(isMatrixUser) ? [need(`$.routes[${index}].direct.to`)] : [],
    ),
    ...outbound.map(({ index, value }) => (value.to.startsWith('@') ? need(`$.outbound[${index}]`) : undefined)),
  ]
}

const oneNetworkRings: Rule = ({ routes }) =>
  routes.map(({ index, value }) => {
    const all = [value.direct?.to ?? []].flat()
    const users = all.filter(isMatrixUser).length
    return users > 0 && (users < all.length || value.direct?.trunk !== undefined)
      ? fault(
          'config.invalid',
          `$.routes[${index}].direct.to`,
          'Matrix users ring together with Matrix users only, and through no trunk',
        )
      : undefined
  })

export const matrixRules: readonly Rule[] = [
  tokensArePresent,
  tokensDiffer,
  callersAreSomebody,
  matrixUsersNeedMatrix,
  oneNetworkRings,
]

/** The homeserver delivers call events in the clear, and so does this listener. */
export function matrixOddities({ matrix }: Parameters<Rule>[0]): ConfigFault[] {
  const host = matrix.value?.listen.host
  return host === undefined || isLoopback(host)
    ? []
    : [fault('config.open', '$.matrix.listen.host', `${host} can be reached from other machines, without TLS`)]
}
