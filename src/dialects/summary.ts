import { type Cause, causes } from '../call/causes.ts'
import type { Actor, Ending, Phase } from '../call/ending.ts'

const stages: Readonly<Record<Phase, string>> = {
  queued: 'before it was placed',
  offered: 'before it rang',
  ringing: 'while it rang',
  early: 'before the answer',
  answered: 'after the answer',
}

const deciders: Readonly<Record<Actor, string>> = {
  caller: ', by the caller',
  callee: ', by the callee',
  app: ', by the app',
  api: ', by an API request',
  timer: ', by a timer',
  network: ', by the network',
  platform: ', by the platform',
  unknown: '',
}

const made = new Map<string, string>()

/**
 * One sentence for people: when it ended, who decided, and why.
 *
 * @example
 * summaryOf({ cause: 'declined', actor: 'callee', phase: 'ringing' }) // 'Ended while it rang, by the callee: a person refused.'
 */
export function summaryOf({ cause, actor, phase }: Pick<Ending, 'cause' | 'actor' | 'phase'>): string {
  const key = `${cause} ${actor} ${phase}`
  let sentence = made.get(key)
  if (sentence === undefined) {
    sentence = compose(cause, actor, phase)
    made.set(key, sentence)
  }
  return sentence
}

function compose(cause: Cause, actor: Actor, phase: Phase): string {
  if (cause === 'unknown') return `Ended ${stages[phase]}${deciders[actor]}: why is not known.`
  return `Ended ${stages[phase]}${deciders[actor]}: ${causes[cause].when}.`
}
