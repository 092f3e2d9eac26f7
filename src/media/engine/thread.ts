import type { Worker } from 'node:worker_threads'

/** Milliseconds that a thread may take to leave by itself: long, as a busy machine may need seconds, and ending it by force has crashed Node. */
const patience = 10_000

/** Settles when the thread has ended, by itself or by force. */
export function left(worker: Worker): Promise<void> {
  return new Promise((resolve) => {
    const force = setTimeout(() => void worker.terminate(), patience)
    worker.once('exit', () => {
      clearTimeout(force)
      resolve()
    })
  })
}
