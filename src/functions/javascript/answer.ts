import { contextOf, type Told } from './context.ts'

/** How a job of a handler ended. */
export type Answer = Readonly<{ ok: true; value: unknown } | { ok: false; fault: unknown }>

type Handler = (event: unknown, context: unknown, callback: (fault: unknown, value?: unknown) => void) => unknown

export type Answering = Readonly<{
  answer: Promise<Answer>
  /** Nothing is left that the handler could wait for. */
  idle(): void
}>

/** How long an async function that returned nothing may still call its callback, while it has something to wait for. */
const lateCallback = 1_000

/**
 * Calls a handler and settles on the first of: its callback, `context.done` and its kin, a promise that rejects or that resolves
 * with a value, a value returned, a throw. What comes later is ignored. AWS holds a callback's value until the event loop is
 * empty; here it is taken at once.
 */
export function callHandler(handler: Handler, event: unknown, told: Told): Answering {
  const { promise, resolve } = Promise.withResolvers<Answer>()
  /** What the handler has given back so far, if nothing that settles. */
  let returned: 'running' | 'nothing' | 'promise' = 'running'
  const settle = (fault: unknown, value?: unknown) => {
    // AWS takes any fault that is not null or undefined; handlers pass "" or false for none.
    resolve(fault ? { ok: false, fault } : { ok: true, value })
  }
  const takesCallback = handler.length > 2
  const nothing = () => {
    if (!takesCallback) return resolve({ ok: true, value: undefined })
    returned = 'nothing'
  }
  try {
    const value = handler(event, contextOf(told, settle), settle)
    if (isThenable(value)) {
      returned = 'promise'
      value.then(
        (result) => {
          if (result !== undefined) return resolve({ ok: true, value: result })
          nothing()
          if (takesCallback) setTimeout(() => resolve({ ok: true, value: undefined }), lateCallback).unref()
        },
        (fault: unknown) => resolve({ ok: false, fault: fault ?? new Error('it rejected without a reason') }),
      )
    } else if (value !== undefined) resolve({ ok: true, value })
    // Without a promise and without a callback parameter, `context.done` may still come; an empty event loop says it will not.
    else returned = 'nothing'
  } catch (fault) {
    resolve({ ok: false, fault: fault ?? new Error('it threw without a reason') })
  }
  return {
    answer: promise,
    idle() {
      if (returned === 'nothing') resolve({ ok: true, value: undefined })
      else if (returned === 'promise') {
        resolve({ ok: false, fault: new Error('its promise can never settle: nothing is left that it waits for') })
      }
    },
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}
