import { type Cause, causeNames, isCause } from '../call/causes.ts'
import { nearest } from '../config/nearest.ts'
import { UsageError } from './io.ts'

/** The cause that a word of the command line names. @throws UsageError, with the nearest cause, if there is none. */
export function causeFrom(word: string): Cause {
  if (isCause(word)) return word
  const meant = nearest(word, causeNames)
  throw new UsageError(`there is no cause "${word}"${meant === undefined ? '' : `; did you mean "${meant}"?`}`)
}
