import { describe, expect, test } from 'vitest'
import { causeNames } from '../../src/call/causes.ts'
import { dialectNames } from '../../src/call/ending.ts'
import { codecOf } from '../../src/dialects/index.ts'
import { textOf } from '../../src/dialects/translate.ts'
import { naturalContext } from './natural-context.ts'

describe.each(dialectNames.filter((d) => codecOf(d) !== undefined))('%s', (dialect) => {
  const codec = codecOf(dialect)

  test.each(causeNames)('the value for %s, once read, is written as it was', (cause) => {
    const { phase, direction } = naturalContext(cause)
    const context = { phase, direction }
    const wire = codec.write({ cause, actor: 'callee', phase, at: 0 }, context)
    const heard = codec.read(wire, { at: 0, phase })
    expect(codec.write(heard, { ...context, ids: codec.identify?.(wire) ?? {} })).toEqual(wire)
  })

  test.each(causeNames)('the text for %s is read as the value is', (cause) => {
    const { phase, direction } = naturalContext(cause)
    const wire = codec.write({ cause, actor: 'callee', phase, at: 0 }, { phase, direction })
    expect(codec.read(textOf(codec, wire), { at: 0, phase }).cause).toBe(codec.says[cause])
  })
})
