/**
 * Keys that come as INFO instead of telephone events: `application/dtmf-relay` (`Signal=5`) and `application/dtmf` (`5`).
 * Anything else holds none.
 */
export function digitsOfInfo(type: string, body: string): string[] {
  const bare = type.split(';', 1)[0]?.trim().toLowerCase()
  const signal =
    bare === 'application/dtmf-relay'
      ? /^\s*signal\s*=\s*([0-9*#a-d]{1,2})\s*$/im.exec(body)?.[1]
      : bare === 'application/dtmf'
        ? /^\s*([0-9*#a-d]{1,2})\s*$/i.exec(body)?.[1]
        : undefined
  if (signal === undefined) return []
  const key = signal.toUpperCase()
  // Some gateways send the event's number: 10 is *, 11 is #.
  return key === '10' ? ['*'] : key === '11' ? ['#'] : key.length === 1 ? [key] : []
}
