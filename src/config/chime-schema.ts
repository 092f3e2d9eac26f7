/** The shape of the sections `functions` and `chime`: handlers, and what of the Chime platform they serve. */
import { z } from 'zod'
import { bareUrl, pattern, sourceRule, variable, withChoice } from './shapes.ts'

/** Names that environment variables and files of handlers have anyway; kept narrow, they stand in ARNs. */
const functionName = z.string().regex(/^[\w-]{1,64}$/, 'expected 1 to 64 letters, digits, dashes or underscores')
const uuid = z
  .string()
  .regex(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/, 'expected a UUID in lower case')
  .describe('Absent: made of the name, and the same at each start.')
const region = z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'expected a region such as us-east-1')
const path = z.string().min(1).max(4096)

export const functionHomes = ['file', 'runtime', 'command', 'url', 'arn'] as const

export const functionFile = withChoice(
  z.strictObject({
    file: path.optional().describe('JavaScript, TypeScript or Python file; runs here, and stays warm.'),
    runtime: z.string().min(1).optional().describe('A Python, on the PATH or by its path.'),
    command: z
      .array(z.string().min(1))
      .min(1)
      .optional()
      .describe('Program and arguments: any runtime that speaks the Lambda Runtime API.'),
    url: bareUrl.optional().describe('Where a Lambda endpoint or the runtime interface emulator takes invocations.'),
    arn: z
      .string()
      .regex(/^arn:aws[\w-]*:lambda:[a-z\d-]+:\d{12}:function:[\w-]{1,64}(:[\w$-]+)?$/, 'expected a function’s ARN')
      .optional()
      .describe('A function at AWS; needs the package @aws-sdk/client-lambda.'),
    handler: z
      .string()
      .regex(/^[\w./-]+$/, 'expected the name of an export, or module.name')
      .optional(),
    root: path.optional().describe('The folder of a runtime’s module, or that a command runs in.'),
    environment: z.record(variable, z.string()).default({}).describe('Variables of the handler’s own.'),
    memory: z.int().min(64).max(10_240).optional().describe('Megabytes.'),
    concurrency: z.int().min(1).max(1000).optional().describe('Invocations at one time; the rest wait.'),
    region: region.optional().describe('Of the ARN, if another.'),
    endpoint: bareUrl.optional().describe('Where the ARN is called, instead of AWS.'),
  }),
  functionHomes,
  'one',
)

export const functionsFile = z.record(functionName, functionFile)

export const applicationFile = z.strictObject({
  name: functionName,
  id: uuid.optional(),
  function: functionName,
  region: region.optional(),
})

export const sipRuleFile = withChoice(
  z.strictObject({
    name: functionName,
    id: uuid.optional(),
    number: z
      .string()
      .regex(/^\+?[1-9]\d{1,14}$/, 'expected a number such as +15550100')
      .optional(),
    host: z
      .string()
      .regex(/^[\w.-]{1,253}$/, 'expected a host name or an IPv4 address')
      .optional(),
    applications: z.array(z.string().min(1)).min(1).max(25),
    disabled: z.boolean().default(false),
  }),
  ['number', 'host'],
  'one',
)

const s3File = z.strictObject({
  s3: z.literal(true),
  region: region.optional(),
  endpoint: bareUrl.optional(),
  bucket: z.string().min(1).optional().describe('Its name there, if another.'),
})
export const bucketFile = z.union([path, s3File])

export const accessKeyFile = withChoice(
  z.strictObject({
    accessKeyId: z.string().regex(/^[\w.-]{4,128}$/, 'expected 4 to 128 letters, digits, dots, dashes or underscores'),
    secretAccessKey: z.string().min(16, 'too short: at least 16 characters').optional(),
    secretAccessKeyEnv: variable.optional(),
  }),
  ['secretAccessKey', 'secretAccessKeyEnv'],
  'one',
)

/** Of a whole entry: keys, or a pattern of them. */
const keys = z
  .string()
  .min(1)
  .max(200)
  .refine(isPattern, 'expected keys such as 1, or a regular expression such as ^\\d{4}$')

function isPattern(text: string): boolean {
  try {
    new RegExp(text)
    return true
  } catch {
    return false
  }
}

const botFile = z.strictObject({
  intents: z
    .array(
      z.strictObject({
        name: z.string().min(1).max(100),
        keys,
        say: z.string().max(1000).optional().describe('Said once it is understood.'),
        slot: z.string().min(1).max(100).optional().describe('The slot that the keys are put into.'),
      }),
    )
    .min(1),
  fallback: z.string().max(1000).optional().describe('Said when nothing was understood, before the next attempt.'),
  attempts: z.int().min(1).max(20).default(3),
  patienceSeconds: z.number().min(0.5).max(60).default(5).describe('Without a key for so long an attempt is over.'),
})

export const chimeFile = z.strictObject({
  region: region.default('us-east-1'),
  account: z
    .string()
    .regex(/^\d{12}$/, 'expected the 12 digits of an AWS account')
    .default('000000000000'),
  applications: z.array(applicationFile).default([]),
  rules: z.array(sipRuleFile).default([]),
  from: z.union([sourceRule, z.array(sourceRule).min(1)]).default(['trunks', 'users']),
  numbers: z.array(pattern).default([]).describe('Further numbers that handlers may show as the caller’s.'),
  buckets: z.record(z.string().regex(/^[\w.-]{3,63}$/, 'expected a bucket’s name'), bucketFile).default({}),
  cdrBucket: z.string().optional(),
  keys: z.array(accessKeyFile).default([]),
  retries: z.int().min(0).max(10).default(1),
  bots: z.record(z.string().min(1).max(2048), botFile).default({}).describe('Bots in the place of Lex, by their ARN.'),
  orphanSeconds: z.int().min(1).max(86_400).optional(),
  hangupStatus: z.union([z.literal(480), z.literal(603)]).default(480),
})
