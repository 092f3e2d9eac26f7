/** The section `matrix`: Onhook as an application service of one homeserver. */
import { z } from 'zod'
import { isAddress } from './address.ts'
import { httpUrl, pattern, variable, withChoice } from './shapes.ts'

const token = z.string().min(16, 'too short: at least 16 characters')
const localpart = z.string().regex(/^[a-z0-9._=/+-]{1,64}$/, 'expected small letters, digits and . _ = - / +')

export const matrixFile = withChoice(
  withChoice(
    z.strictObject({
      homeserver: httpUrl.describe("Base URL of the homeserver's client-server API."),
      serverName: z
        .string()
        .regex(/^[\w.:[\]-]{1,230}$/, 'expected the server name: what stands behind the colon in its users’ names'),
      asToken: token.optional(),
      asTokenEnv: variable.optional(),
      hsToken: token.optional(),
      hsTokenEnv: variable.optional(),
      listen: z
        .strictObject({
          host: z.string().refine(isAddress, 'expected an IP address').default('127.0.0.1'),
          port: z.int().min(0).max(65_535).default(8061),
        })
        .prefault({}),
      ghostPrefix: localpart.default('onhook_'),
      senderLocalpart: localpart.default('onhook'),
      callers: z.array(pattern).min(1).describe('Users who may call and be joined, such as @*:example.org.'),
      trustServerClock: z.boolean().default(false),
    }),
    ['asToken', 'asTokenEnv'],
    'one',
  ),
  ['hsToken', 'hsTokenEnv'],
  'one',
)

export type MatrixFile = z.output<typeof matrixFile>

/** `@user:server`, as far as an address of a call needs it. */
export function isMatrixUser(text: string): boolean {
  return /^@[^\s:]+:\S+$/.test(text)
}
