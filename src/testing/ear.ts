import { loudness, toneShare } from '../media/index.ts'
import { PhoneError } from './phone-error.ts'

/** What a phone listens for: a tone of that many hertz, anything at all, or nothing any more. */
export type Sound = Readonly<{ frequency: number }> | 'sound' | 'silence'

/** 60 ms at 8,000 samples a second: long enough to tell tones apart. */
const blockLength = 480
const audible = 200
/** Milliseconds without anything audible that are silence. */
const quietFor = 300

type Waiter = Readonly<{ sound: Sound; heard(): void; failed(error: PhoneError): void; timer: NodeJS.Timeout }>

/** Listens to what arrives, block by block. */
export class Ear {
  readonly #block = new Int16Array(blockLength)
  #filled = 0
  #loudAt = performance.now()
  #waiters: Waiter[] = []

  /** Samples as they come. */
  take(samples: Int16Array): void {
    for (const sample of samples) {
      this.#block[this.#filled++] = sample
      if (this.#filled === blockLength) {
        this.#filled = 0
        this.#judge()
      }
    }
  }

  /** Time passes, also when nothing arrives. */
  tick(): void {
    if (performance.now() - this.#loudAt >= quietFor) this.#settle((sound) => sound === 'silence')
  }

  #judge(): void {
    const loud = loudness(this.#block) > audible
    if (!loud) return
    this.#loudAt = performance.now()
    this.#settle((sound) => sound === 'sound' || (sound !== 'silence' && toneShare(this.#block, sound.frequency) > 0.5))
  }

  #settle(fits: (sound: Sound) => boolean): void {
    if (this.#waiters.length === 0) return
    const heard = this.#waiters.filter(({ sound }) => fits(sound))
    this.#waiters = this.#waiters.filter((waiter) => !heard.includes(waiter))
    for (const waiter of heard) {
      clearTimeout(waiter.timer)
      waiter.heard()
    }
  }

  /** Resolves when it is heard. @throws PhoneError `phone.not-heard` after `within` milliseconds, or at the end of the call. */
  hears(sound: Sound, within: number): Promise<void> {
    // What was loud before anybody listened says nothing about the silence that is waited for.
    if (sound === 'silence') this.#loudAt = performance.now()
    return new Promise((heard, failed) => {
      const timer = setTimeout(() => {
        this.#waiters = this.#waiters.filter((other) => other !== waiter)
        failed(new PhoneError('phone.not-heard', `${nameOf(sound)} was not heard within ${within} ms`))
      }, within)
      const waiter: Waiter = { sound, heard, failed, timer }
      this.#waiters.push(waiter)
    })
  }

  close(): void {
    for (const { sound, failed, timer } of this.#waiters.splice(0)) {
      clearTimeout(timer)
      failed(new PhoneError('phone.not-heard', `the call ended before ${nameOf(sound)} was heard`))
    }
  }
}

function nameOf(sound: Sound): string {
  return typeof sound === 'string' ? sound : `a tone of ${sound.frequency} Hz`
}
