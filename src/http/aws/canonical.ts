/** The canonical form of a path and a query, as Signature Version 4 hashes them. */

/** Percent-encodes all but the unreserved characters of RFC 3986. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
}

/** @param path as on the wire, already encoded once: it is encoded once more, its slashes apart. */
export function canonicalPath(path: string): string {
  const steps: string[] = []
  for (const step of path.split('/')) {
    if (step === '..') steps.pop()
    else if (step !== '' && step !== '.') steps.push(encode(step))
  }
  const end = path.endsWith('/') && steps.length > 0 ? '/' : ''
  return `/${steps.join('/')}${end}`
}

/** Pairs in the order of their encoded names, then values. */
export function canonicalQuery(query: string): string {
  return query
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const [name = '', ...value] = pair.split('=')
      return [encode(decoded(name)), encode(decoded(value.join('=')))] as const
    })
    .sort(([name, value], [otherName, otherValue]) => order(name, otherName) || order(value, otherValue))
    .map(([name, value]) => `${name}=${value}`)
    .join('&')
}

/** By code point, in whatever language the machine speaks. */
function order(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0
}

/** A stray percent sign stands for itself. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
