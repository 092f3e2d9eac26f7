import { digits, isToken } from './scan.ts'

/** RFC 3261 §20.16: `seq` < 2^31 when we send it, ≤ 2^32−1 when we accept it. */
export type CSeq = Readonly<{ seq: number; method: string }>

export function parseCSeq(value: string): CSeq | undefined {
  const text = value.trim()
  let end = 0
  while (end < text.length && text.charCodeAt(end) > 0x20) end++
  const seq = digits(text.slice(0, end), 0xffff_ffff)
  const method = text.slice(end).trim()
  return seq === undefined || !isToken(method) ? undefined : { seq, method }
}
