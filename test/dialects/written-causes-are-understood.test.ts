import { describe, expect, test } from 'vitest'
import { causeNames } from '../../src/call/causes.ts'
import { dialectNames } from '../../src/call/ending.ts'
import { codecOf } from '../../src/dialects/index.ts'
import { naturalContext } from './natural-context.ts'

describe.each(dialectNames)('%s', (dialect) => {
  const codec = codecOf(dialect)

  test.each(causeNames)('what it writes for %s is read as it claims', (cause) => {
    const { phase, direction } = naturalContext(cause)
    const wire = codec.write({ cause, actor: 'unknown', phase, at: 0 }, { phase, direction })
    expect(codec.read(wire, { at: 0, phase }).cause).toBe(codec.says[cause])
  })

  test('a cause that it claims to say is said without loss, whoever decided', () => {
    for (const cause of causeNames.filter((name) => codec.says[name] === name)) {
      const { phase, direction } = naturalContext(cause)
      for (const actor of ['caller', 'callee', 'app', 'api', 'timer', 'network', 'platform', 'unknown'] as const) {
        const wire = codec.write({ cause, actor, phase, at: 0 }, { phase, direction })
        expect([actor, codec.read(wire, { at: 0, phase }).cause]).toEqual([actor, cause])
      }
    }
  })

  test('what a cause is heard as is a cause that can be said', () => {
    for (const cause of causeNames) expect(codec.says[codec.says[cause]]).toBe(codec.says[cause])
  })

  test('the name is its own', () => {
    expect(codec.dialect).toBe(dialect)
  })
})
