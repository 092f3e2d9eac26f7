import { MediaError } from '../error.ts'
import type { Media, MediaOptions } from '../face.ts'

export function createMedia(_options: MediaOptions): Media {
  throw new MediaError('media.engine-failed', 'not built yet')
}
