/** Waiting for what really happens in other programs: bounded, and never longer than it takes. */

/** How long a loaded machine may take over what usually takes milliseconds: its disk alone can stall for ten seconds. */
export const patience = 30_000

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}

/** Asks until there is a value. @throws with `what` when it takes too long. */
export async function until<T>(
  what: string | (() => string),
  ask: () => T | undefined | false | Promise<T | undefined | false>,
  limit = patience,
): Promise<T> {
  const last = performance.now() + limit
  for (;;) {
    const value = await ask()
    if (value !== undefined && value !== false) return value as T
    if (performance.now() > last) throw new Error(`waited ${limit} ms for ${typeof what === 'string' ? what : what()}`)
    await pause(25)
  }
}

/** @throws with `what` when the promise takes too long. */
export async function within<T>(what: string, promise: Promise<T>, limit = patience): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${limit} ms for ${what}`)), limit)
  })
  return Promise.race([promise, late]).finally(() => clearTimeout(timer))
}
