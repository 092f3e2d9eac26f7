/** Parameters in the order in which they stand; keys may repeat. */
export type Pairs = readonly (readonly [key: string, value: string])[]

/** `application/x-www-form-urlencoded`, as bodies and queries are. */
export function formatForm(pairs: Pairs): string {
  return new URLSearchParams(pairs.map(([key, value]): [string, string] => [key, value])).toString()
}

export function parseForm(text: string): Pairs {
  return [...new URLSearchParams(text)]
}

/**
 * Adds parameters to the query of a URL. What the app put there stays and is sent again, as it was spelled; a key of
 * ours that stands there already is repeated, as the vendors do.
 */
export function withQuery(url: string, pairs: Pairs): string {
  if (pairs.length === 0) return url
  const joint = url.includes('?') ? (url.endsWith('?') || url.endsWith('&') ? '' : '&') : '?'
  return `${url}${joint}${formatForm(pairs)}`
}

/** The parameters of a URL's query. */
export function queryOf(url: string): Pairs {
  const mark = url.indexOf('?')
  if (mark === -1) return []
  const hash = url.indexOf('#', mark)
  return parseForm(url.slice(mark + 1, hash === -1 ? undefined : hash))
}
