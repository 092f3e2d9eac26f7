/** Shapes that more than one section of the configuration is made of. */
import { z } from 'zod'
import { bearerExpected, isBearer } from './bearer.ts'

export const name = z.string().regex(/^[\w.-]{1,64}$/, 'expected 1 to 64 letters, digits, dots, dashes or underscores')
export const pattern = z
  .string()
  .min(1)
  .max(255)
  .regex(/^\S+$/, 'expected no blanks')
  .describe('Exact, or with * for any characters.')
export const variable = z.string().regex(/^[A-Za-z_]\w*$/, 'expected the name of an environment variable')
export const bearer = z.string().min(16, 'too short: at least 16 characters').refine(isBearer, bearerExpected)
export const httpUrl = z.url({ protocol: /^https?$/, error: 'expected an http or https URL' })

/** Of a service that knows us by something else: a user and a password in the address would be left out without a word. */
export const bareUrl = httpUrl.refine(
  (text) => {
    const url = URL.parse(text)
    return url === null || `${url.username}${url.password}` === ''
  },
  { error: 'expected an address without user and password: they would not be sent' },
)
export const sourceRule = z
  .string()
  .regex(
    /^(anyone|loopback|trunks|users|matrix|(trunk|user):\S+)$/,
    'expected anyone, loopback, trunks, users, matrix, trunk:NAME or user:NAME',
  )

/** Exactly (or at most) one of some keys. Looked at even where another key of the object is at fault. */
const choice = (keys: readonly string[], count: 'one' | 'at most one') => ({
  check: (value: unknown) => {
    const given = keys.filter((key) => Object.hasOwn(value as object, key)).length
    return count === 'one' ? given === 1 : given <= 1
  },
  params: {
    error: `expected ${count} of ${keys.map((key) => `"${key}"`).join(', ')}`,
    when: ({ value }: { value: unknown }) => typeof value === 'object' && value !== null && !Array.isArray(value),
  },
})

export function withChoice<S extends z.ZodType>(schema: S, keys: readonly string[], count: 'one' | 'at most one'): S {
  const { check, params } = choice(keys, count)
  return schema.refine(check, params) as S
}
