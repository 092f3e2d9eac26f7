/** Secrets whose variable holds them: what the schema says of one in the file, said here of the variable's value. */
import { bearerExpected, isBearer } from './bearer.ts'
import type { Draft } from './draft.ts'
import { variableOf } from './environment.ts'
import { fault } from './fault.ts'
import type { Rule } from './rule.ts'

export const secretsArePresent: Rule = (draft, environment) => {
  const look = (place: string, variable: string | undefined, shortest: number, kind: 'any' | 'bearer' = 'any') => {
    if (variable === undefined) return undefined
    const value = variableOf(environment, variable) ?? ''
    if (value === '') return fault('config.variable', place, `the variable ${variable} is not set`, `Set ${variable}`)
    if (value.length < shortest)
      return fault('config.variable', place, `the value of ${variable} is too short: at least ${shortest} characters`)
    return kind === 'bearer' && !isBearer(value)
      ? fault('config.variable', place, `the value of ${variable}: ${bearerExpected}`)
      : undefined
  }
  return [
    ...draft.http.tokens.map(({ index, value }) =>
      look(`$.http.tokens[${index}].tokenEnv`, value.tokenEnv, 16, 'bearer'),
    ),
    ...draft.sip.users.map(({ index, value }) => look(`$.sip.users[${index}].passwordEnv`, value.passwordEnv, 8)),
    ...draft.trunks.map(({ index, value }) =>
      look(`$.trunks[${index}].credentials.passwordEnv`, value.credentials?.passwordEnv, 1),
    ),
    ...(['asTokenEnv', 'hsTokenEnv'] as const).map((key) =>
      look(`$.matrix.${key}`, matrixVariable(draft, key), 16, 'bearer'),
    ),
    ...draft.accounts.map(({ index, value }) => look(`$.accounts[${index}].authTokenEnv`, value.authTokenEnv, 8)),
    ...draft.chime.keys.map(({ index, value }) =>
      look(`$.chime.keys[${index}].secretAccessKeyEnv`, value.secretAccessKeyEnv, 16),
    ),
  ]
}

function matrixVariable({ matrix }: Draft, key: 'asTokenEnv' | 'hsTokenEnv'): string | undefined {
  return typeof matrix === 'object' ? matrix[key] : undefined
}
