/**
 * AWS Signature Version 4 of a request's headers, verified: as AWS documents it, and as its SDKs sign for every service
 * but S3 (the path is encoded once more). https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { canonicalPath, canonicalQuery } from './canonical.ts'

/** A request as it came: nothing decoded, nothing put in order. */
export type SignedRequest = Readonly<{
  method: string
  /** Path and query, verbatim. */
  target: string
  /** By lower-case name. */
  header(name: string): string | undefined
  body: Uint8Array
}>

/** Access key id → its secret. */
export type SecretOf = (accessKeyId: string) => string | undefined

/** Named as AWS's own front end names them: SDKs know these, and set their clock right by some. */
export const signatureErrors = [
  'MissingAuthenticationTokenException',
  'IncompleteSignatureException',
  'UnrecognizedClientException',
  'InvalidSignatureException',
] as const
export type SignatureError = (typeof signatureErrors)[number]

export type Verified =
  | Readonly<{ ok: true; accessKeyId: string }>
  | Readonly<{ ok: false; error: SignatureError; message: string }>

/** Milliseconds that a request's clock may differ from ours, either way. */
const skew = 5 * 60_000

const algorithm = 'AWS4-HMAC-SHA256'
/** Without them a signature says nothing about where and when. */
const mustBeSigned = ['host', 'x-amz-date']

/**
 * @param service of the credential scope, `chime`; the region is the client's own affair.
 * @param now milliseconds since the epoch.
 */
export function verifySignature(request: SignedRequest, secretOf: SecretOf, service: string, now: number): Verified {
  const header = request.header('authorization')
  if (header === undefined) return refused('MissingAuthenticationTokenException', 'the request is not signed')
  const claim = readAuthorization(header)
  if (claim === undefined) {
    return refused('IncompleteSignatureException', `expected "${algorithm} Credential=…, SignedHeaders=…, Signature=…"`)
  }
  const { accessKeyId, scope, signedHeaders } = claim
  if (scope.service !== service) return refused('InvalidSignatureException', `the scope’s service is not "${service}"`)
  const unsigned = mustBeSigned.find((name) => !signedHeaders.includes(name))
  if (unsigned !== undefined) return refused('IncompleteSignatureException', `the header "${unsigned}" is not signed`)
  const stamp = request.header('x-amz-date') ?? ''
  const signedAt = readStamp(stamp)
  if (signedAt === undefined || !stamp.startsWith(scope.date)) {
    return refused('IncompleteSignatureException', 'x-amz-date is missing, or not of the scope’s day')
  }
  if (Math.abs(now - signedAt) > skew) {
    const when = now > signedAt ? 'expired' : 'not yet current'
    return refused('InvalidSignatureException', `Signature ${when}: ${stamp} against ${stampOf(now)}`)
  }
  const payload = sha256(request.body)
  const claimed = request.header('x-amz-content-sha256')
  if (claimed !== undefined && claimed !== payload) {
    return refused('InvalidSignatureException', 'x-amz-content-sha256 is not that of the body')
  }
  const canonical = canonicalRequest(request, signedHeaders, payload)
  if (canonical === undefined) return refused('IncompleteSignatureException', 'a signed header is missing')
  const secret = secretOf(accessKeyId)
  // An unknown key costs as much time as a known one.
  const key = signingKey(secret ?? 'unknown', scope)
  const toSign = [algorithm, stamp, scopeText(scope), sha256(canonical)].join('\n')
  const right = timingSafeEqual(hmac(key, toSign), Buffer.from(claim.signature, 'hex'))
  if (secret === undefined) return refused('UnrecognizedClientException', 'the access key id is not known')
  return right
    ? { ok: true, accessKeyId }
    : refused('InvalidSignatureException', 'the signature is not that of this request with this secret')
}

function refused(error: SignatureError, message: string): Verified {
  return { ok: false, error, message }
}

type Scope = Readonly<{ date: string; region: string; service: string }>
type Claim = Readonly<{ accessKeyId: string; scope: Scope; signedHeaders: readonly string[]; signature: string }>

function readAuthorization(header: string): Claim | undefined {
  if (!header.startsWith(`${algorithm} `)) return undefined
  const parts = new Map(
    header
      .slice(algorithm.length)
      .split(',')
      .map((part) => {
        const [name = '', ...value] = part.trim().split('=')
        return [name, value.join('=')] as const
      }),
  )
  const credential = /^([\w.-]{1,128})\/(\d{8})\/([\w-]{1,64})\/([\w-]{1,64})\/aws4_request$/.exec(
    parts.get('Credential') ?? '',
  )
  const signature = parts.get('Signature') ?? ''
  const signed = parts.get('SignedHeaders') ?? ''
  if (credential === null || !/^[\da-f]{64}$/.test(signature) || !/^[\w.-]+(;[\w.-]+)*$/.test(signed)) return undefined
  const [, accessKeyId, date, region, service] = credential as unknown as [string, string, string, string, string]
  return { accessKeyId, scope: { date, region, service }, signedHeaders: signed.split(';'), signature }
}

/** `20261126T172800Z` */
function readStamp(stamp: string): number | undefined {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(stamp)
  if (match === null) return undefined
  const [, year, month, day, hour, minute, second] = match
  const at = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
  return Number.isNaN(at) ? undefined : at
}

function stampOf(at: number): string {
  return new Date(at).toISOString().replace(/[-:]|\.\d+/g, '')
}

function canonicalRequest(request: SignedRequest, signed: readonly string[], payload: string): string | undefined {
  const values = signed.map((name) => request.header(name))
  if (values.includes(undefined)) return undefined
  const question = request.target.indexOf('?')
  const path = question === -1 ? request.target : request.target.slice(0, question)
  const query = question === -1 ? '' : request.target.slice(question + 1)
  return [
    request.method,
    canonicalPath(path),
    canonicalQuery(query),
    ...signed.map((name, at) => `${name}:${values[at]!.trim().replace(/\s+/g, ' ')}`),
    '',
    signed.join(';'),
    payload,
  ].join('\n')
}

function scopeText({ date, region, service }: Scope): string {
  return `${date}/${region}/${service}/aws4_request`
}

function signingKey(secret: string, { date, region, service }: Scope): Buffer {
  return [date, region, service, 'aws4_request'].reduce<Buffer>(hmac, Buffer.from(`AWS4${secret}`))
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}

function sha256(content: Uint8Array | string): string {
  return createHash('sha256').update(content).digest('hex')
}
