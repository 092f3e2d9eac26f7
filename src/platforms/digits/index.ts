/** Keys that callers press, collected the same way for every platform. */
export { type CollectOptions, collect } from './collect.ts'
export { pressed, type Watched, watchDigits } from './watch.ts'
