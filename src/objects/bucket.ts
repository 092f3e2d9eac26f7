/** What a bucket is, and what can go wrong with one. */

export const objectErrorCodes = [
  /** No bucket of this name is configured. */
  'objects.no-bucket',
  /** There is no such object. */
  'objects.not-found',
  /** The key leads out of its folder, or the store does not let us in. */
  'objects.denied',
  /** The object is larger than anything that is played. */
  'objects.too-large',
  /** A bucket is at S3, and the client for it is not installed. */
  'objects.no-client',
  /** The disk, or the store, failed. */
  'objects.failed',
] as const
export type ObjectErrorCode = (typeof objectErrorCodes)[number]

/** The only error that comes out of here. */
export class ObjectError extends Error {
  override readonly name = 'ObjectError'
  readonly code: ObjectErrorCode

  constructor(code: ObjectErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** Bytes of an object that is read: the largest prompt that AWS documents. */
export const mostBytes = 50 * 1024 * 1024

/** Each promise rejects with an ObjectError only. */
export interface Bucket {
  read(key: string): Promise<Uint8Array>
  /** Replaces what is there. Whole, or not at all. */
  write(key: string, body: Uint8Array): Promise<void>
  /** Loads what it needs. */
  ready(): Promise<void>
}

export type BucketSettings =
  | Readonly<{ kind: 'folder'; folder: string }>
  | Readonly<{ kind: 's3'; bucket: string; region: string; endpoint?: string }>
