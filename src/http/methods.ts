/** Which methods an address knows, for whoever tries another. */

type Route = Readonly<{ method: string; path: string }>

/** Of the routes that lead to this path; empty: nothing is there. HEAD goes with GET. */
export function methodsAt(routes: readonly Route[], path: string): string[] {
  const methods = new Set<string>()
  for (const route of routes) {
    // `ALL` is what is asked on the way, not what is there.
    if (route.method === 'ALL' || !leadsTo(route.path.split('/'), path.split('/'))) continue
    methods.add(route.method)
    if (route.method === 'GET') methods.add('HEAD')
  }
  return [...methods].sort()
}

function leadsTo(route: readonly string[], path: readonly string[]): boolean {
  return (
    route.length === path.length &&
    route.every((part, at) => (part.startsWith(':') ? path[at] !== '' : part === path[at]))
  )
}
