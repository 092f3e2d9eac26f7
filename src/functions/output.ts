import { cut, type Stream } from './process.ts'

export type FunctionLine = Readonly<{
  function: string
  /** Absent: printed while no event was at hand. */
  requestId?: string
  stream: Stream
  text: string
}>

/** A program that prints without end must not drown what else is logged. Characters of one instance for one job. */
const mostPrinted = 256 * 1024

/** What one instance prints, up to a limit for each job. */
export function createOutput(name: string, print: (line: FunctionLine) => void) {
  let job: string | undefined
  let left = mostPrinted
  return (stream: Stream, text: string, id: string | undefined) => {
    if (id !== job) {
      job = id
      left = mostPrinted
    }
    if (left <= 0) return
    left -= text.length + 1
    const kept = left > 0 ? cut(text) : '… more was printed, and left out'
    print({ function: name, ...(id === undefined ? {} : { requestId: id }), stream, text: kept })
  }
}
