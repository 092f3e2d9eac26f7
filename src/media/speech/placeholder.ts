import { sampleRate } from '../audio/g711.ts'

/** Milliseconds that a letter takes at about 160 words a minute, and the shortest utterance. */
const letterLength = 65
const shortest = 300
const longest = 60_000
/** Hertz of the low hum that stands for speech. */
const pitch = 330

/** Milliseconds that it would take to say the text. */
export function estimatedLength(text: string): number {
  return Math.min(longest, Math.max(shortest, text.trim().length * letterLength))
}

/** Where no program can speak: one tone for each word, as long as the word. 16 bits, 8,000 Hz. */
export function hum(text: string): Int16Array {
  const samples = new Int16Array((estimatedLength(text) * sampleRate) / 1000)
  const letter = (letterLength * sampleRate) / 1000
  for (const { index, 0: word } of text.trim().matchAll(/\S+/g)) {
    const start = index * letter
    const end = Math.min(samples.length, start + Math.max(word.length * letter, letter * 2))
    for (let at = start; at < end; at++) {
      // Ten milliseconds up and down, so that it does not click.
      const edge = Math.min(1, (at - start) / 80, (end - at) / 80)
      samples[at] = 5000 * edge * Math.sin((2 * Math.PI * pitch * at) / sampleRate)
    }
  }
  return samples
}
