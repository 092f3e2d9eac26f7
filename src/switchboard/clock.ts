import type { Clock, Disarm } from './ports.ts'

type Entry = { due: number; ring: (() => void) | undefined }

/** Node's timers overflow past this and ring at once. */
const longestSleep = 2 ** 31 - 1

/**
 * The system's time. Never steps back: the epoch is read once, and the monotonic clock is added to it.
 * All alarms hang on one Node timer, set for the earliest (a binary heap; disarmed entries leave when they surface, and wake nobody).
 */
export function systemClock(): Clock {
  const epoch = Date.now() - performance.now()
  const now = () => Math.floor(epoch + performance.now())
  const heap: Entry[] = []
  let disarmed = 0
  let sleeping: { until: number; timer: NodeJS.Timeout } | undefined

  function rest(): void {
    for (let first = heap[0]; first !== undefined && first.ring === undefined; first = heap[0]) {
      popFirst(heap)
      disarmed--
    }
    const first = heap[0]
    if (first === undefined || (sleeping !== undefined && sleeping.until <= first.due)) return
    if (sleeping !== undefined) clearTimeout(sleeping.timer)
    const wait = Math.min(Math.max(0, Math.ceil(first.due - now())), longestSleep)
    sleeping = { until: first.due, timer: setTimeout(wake, wait) }
    sleeping.timer.unref()
  }

  function wake(): void {
    sleeping = undefined
    const at = now()
    for (let first = heap[0]; first !== undefined && first.due <= at; first = heap[0]) {
      popFirst(heap)
      const { ring } = first
      if (ring === undefined) disarmed--
      else {
        first.ring = undefined
        ring()
      }
    }
    rest()
  }

  function alarm(due: number, ring: () => void): Disarm {
    const entry: Entry = { due, ring }
    push(heap, entry)
    rest()
    return () => {
      if (entry.ring === undefined) return
      entry.ring = undefined
      // Long alarms that are mostly disarmed (time limits) would otherwise fill the heap for hours.
      if (++disarmed > 1024 && disarmed > heap.length / 2) {
        const armed = heap.filter((other) => other.ring !== undefined)
        heap.length = 0
        for (const other of armed) push(heap, other)
        disarmed = 0
      }
    }
  }

  return { now, alarm }
}

function push(heap: Entry[], entry: Entry): void {
  let at = heap.push(entry) - 1
  while (at > 0) {
    const parent = (at - 1) >> 1
    const above = heap[parent] as Entry
    if (above.due <= entry.due) break
    heap[at] = above
    at = parent
  }
  heap[at] = entry
}

function popFirst(heap: Entry[]): void {
  const last = heap.pop()
  if (last === undefined || heap.length === 0) return
  let at = 0
  for (;;) {
    let child = at * 2 + 1
    if (child >= heap.length) break
    if (child + 1 < heap.length && (heap[child + 1] as Entry).due < (heap[child] as Entry).due) child++
    if ((heap[child] as Entry).due >= last.due) break
    heap[at] = heap[child] as Entry
    at = child
  }
  heap[at] = last
}
