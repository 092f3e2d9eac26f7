import { describe, expect, test } from 'vitest'
import { type Cause, causeNames } from '../../src/call/causes.ts'
import { dialectNames } from '../../src/call/ending.ts'
import { codecOf } from '../../src/dialects/index.ts'
import { textOf } from '../../src/dialects/translate.ts'
import { naturalContext } from './natural-context.ts'

describe.each(dialectNames)('%s', (dialect) => {
  const codec = codecOf(dialect)

  const again = (wire: unknown, cause: Cause) => {
    const context = naturalContext(cause)
    const heard = codec.read(wire, { at: 0, phase: context.phase })
    return codec.write(heard, { ...context, ids: codec.identify?.(wire) ?? {} })
  }
  const first = (cause: Cause) => {
    const context = naturalContext(cause)
    return codec.write({ cause, actor: 'callee', phase: context.phase, at: 0 }, context)
  }

  test.each(causeNames.filter((cause) => codec.says[cause] === cause))(
    'the value for %s, once read, is written as it was',
    (cause) => {
      expect(again(first(cause), cause)).toEqual(first(cause))
    },
  )

  test.each(causeNames)('even the nearest value for %s settles, once it was read', (cause) => {
    const settled = again(first(cause), cause)
    expect(again(settled, cause)).toEqual(settled)
  })

  test.each(causeNames)('the text for %s is read as the value is', (cause) => {
    const { phase, direction } = naturalContext(cause)
    const wire = codec.write({ cause, actor: 'callee', phase, at: 0 }, { phase, direction })
    expect(codec.read(textOf(codec, wire), { at: 0, phase }).cause).toBe(codec.says[cause])
  })
})
