/** One step of the schema. A released step never changes: what is to be different is a further step. */
export type Migration = Readonly<{
  /** The schema's version after this step; the steps are numbered 1, 2, 3 … */
  version: number
  name: string
  sql: string
}>
