/** The shape of the section `matrix`: a homeserver whose application service we are. */
import { z } from 'zod'
import { isAddress } from './address.ts'
import { bareUrl, bearer, pattern, variable, withChoice } from './shapes.ts'

const serverName = z
  .string()
  .regex(/^[\w.-]{1,230}(:\d{1,5})?$|^\[[\da-f:]+\](:\d{1,5})?$/i, 'expected a server name such as example.org')
const localpart = z
  .string()
  .regex(
    /^[a-z\d._=/+-]{1,64}$/,
    'expected 1 to 64 of the letters that Matrix has for user names: a to z, 0 to 9, ._=/+-',
  )

const matrixShape = z.strictObject({
  homeserver: bareUrl.describe('Base URL of its client-server API.'),
  serverName: serverName.describe('What stands behind the colon in its users’ names.'),
  asToken: bearer.optional(),
  asTokenEnv: variable.optional(),
  hsToken: bearer.optional(),
  hsTokenEnv: variable.optional(),
  listen: z
    .strictObject({
      host: z.string().refine(isAddress, 'expected an IP address').default('127.0.0.1'),
      port: z.int().min(0).max(65_535).default(8069),
    })
    .prefault({})
    .describe('Where the homeserver delivers events.'),
  url: bareUrl.optional().describe('Where it reaches us; absent: the listening address.'),
  id: z
    .string()
    .regex(/^[\w.-]{1,64}$/, 'expected 1 to 64 letters, digits, dots, dashes or underscores')
    .default('onhook')
    .describe('Our name at the homeserver.'),
  bot: localpart.default('onhook').describe('Local part of our own user.'),
  ghostPrefix: localpart
    .default('tel_')
    .describe('What the local parts of the users that stand for numbers begin with.'),
  users: z.array(pattern).min(1).optional().describe('Who may talk to them; absent: every user of the homeserver.'),
  trustServerClock: z.boolean().default(true),
})

export const matrixFile = withChoice(
  withChoice(matrixShape, ['asToken', 'asTokenEnv'], 'one'),
  ['hsToken', 'hsTokenEnv'],
  'one',
)
