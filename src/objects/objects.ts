/** Buckets and keys, as handlers name recordings and prompts: a folder on this machine, or S3 itself. */
import { type Bucket, type BucketSettings, ObjectError } from './bucket.ts'
import { folderBucket } from './folder.ts'
import { s3Bucket } from './s3.ts'

export interface Objects {
  /** @throws ObjectError `objects.no-client` where a bucket is at S3 and there is no client for it. */
  ready(): Promise<void>
  has(bucket: string): boolean
  read(bucket: string, key: string): Promise<Uint8Array>
  write(bucket: string, key: string, body: Uint8Array): Promise<void>
}

export function createObjects(settings: Readonly<Record<string, BucketSettings>>): Objects {
  const buckets = new Map(
    Object.entries(settings).map(([name, one]): [string, Bucket] => [
      name,
      one.kind === 'folder' ? folderBucket(one.folder) : s3Bucket(one),
    ]),
  )
  const find = (name: string) => {
    const bucket = buckets.get(name)
    if (bucket === undefined) throw new ObjectError('objects.no-bucket', `no bucket "${name}" is configured`)
    return bucket
  }
  return {
    async ready() {
      for (const bucket of buckets.values()) await bucket.ready()
    },
    has: (bucket) => buckets.has(bucket),
    read: async (bucket, key) => find(bucket).read(key),
    write: async (bucket, key, body) => find(bucket).write(key, body),
  }
}
