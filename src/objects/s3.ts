/** A bucket at S3, by the optional package `@aws-sdk/client-s3`, with credentials where that finds them. */
import type { S3Client } from '@aws-sdk/client-s3'
import { type Bucket, type BucketSettings, mostBytes, ObjectError } from './bucket.ts'

type Sdk = typeof import('@aws-sdk/client-s3')
export type S3Settings = Extract<BucketSettings, { kind: 's3' }>

/** @param load the package; replaced in tests of its absence. */
export function s3Bucket(
  { bucket, region, endpoint }: S3Settings,
  load = (): Promise<Sdk> => import('@aws-sdk/client-s3'),
): Bucket {
  let opened: Promise<{ sdk: Sdk; client: S3Client }> | undefined

  async function start() {
    let sdk: Sdk
    try {
      sdk = await load()
    } catch (cause) {
      opened = undefined
      throw new ObjectError('objects.no-client', `the bucket "${bucket}" is at S3: install @aws-sdk/client-s3`, {
        cause,
      })
    }
    // An address of one's own is a server without a host name for each bucket.
    const client = new sdk.S3Client({ region, ...(endpoint !== undefined && { endpoint, forcePathStyle: true }) })
    return { sdk, client }
  }
  const open = () => (opened ??= start())

  return {
    async read(key) {
      const { sdk, client } = await open()
      return told(key, async () => {
        const { Body, ContentLength } = await client.send(new sdk.GetObjectCommand({ Bucket: bucket, Key: key }))
        if ((ContentLength ?? 0) > mostBytes) {
          throw new ObjectError('objects.too-large', `"${key}" has ${ContentLength} bytes, of at most ${mostBytes}`)
        }
        return (await Body?.transformToByteArray()) ?? new Uint8Array()
      })
    },
    async write(key, body) {
      const { sdk, client } = await open()
      await told(key, () => client.send(new sdk.PutObjectCommand({ Bucket: bucket, Key: key, Body: body })))
    },
    async ready() {
      await open()
    },
  }
}

async function told<T>(key: string, doing: () => Promise<T>): Promise<T> {
  try {
    return await doing()
  } catch (cause) {
    if (cause instanceof ObjectError) throw cause
    const { name, message, $metadata } = cause as Error & { $metadata?: { httpStatusCode?: number } }
    const status = $metadata?.httpStatusCode
    if (name === 'NoSuchKey' || status === 404)
      throw new ObjectError('objects.not-found', `there is no "${key}"`, { cause })
    if (status === 401 || status === 403) throw new ObjectError('objects.denied', `"${key}": ${name}`, { cause })
    throw new ObjectError('objects.failed', `"${key}": ${message}`, { cause })
  }
}
