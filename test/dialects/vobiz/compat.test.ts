import { describe, expect, it } from 'vitest'
import { compatSwitches, lenient, readCompat, strict } from '../../../src/dialects/vobiz/compat.ts'

describe('compatibility switches', () => {
  it('default to the first value of each', () => {
    expect(readCompat({})).toEqual({ compat: lenient, warnings: [] })
    expect(Object.values(lenient)).toEqual(Object.values(compatSwitches).map(({ values }) => values[0]))
  })

  it('are preset by a mode, and overridden one by one', () => {
    expect(readCompat({ mode: 'strict' }).compat).toEqual(strict)
    expect(readCompat({ mode: 'strict', invalidReason: 'ignore' }).compat).toEqual({
      ...strict,
      invalidReason: 'ignore',
    })
  })

  it('name what they do not know, and change nothing for it', () => {
    expect(readCompat({ mode: 'loose', bareHangup: 'x', badValue: 7, __proto__x: 1 })).toMatchObject({
      compat: lenient,
      warnings: [{ place: 'mode' }, { place: 'bareHangup' }, { place: 'badValue' }, { place: '__proto__x' }],
    })
  })

  it('are strict only where the vendors document nothing', () => {
    const differing = Object.keys(compatSwitches).filter((name) => lenient[name as never] !== strict[name as never])
    expect(differing).toEqual(['invalidReason', 'nonPositiveSchedule', 'badValue', 'strayText'])
  })
})
