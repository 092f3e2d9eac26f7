import { expectTypeOf, test } from 'vitest'
import type { MatrixEnding } from '../../src/dialects/matrix/index.ts'
import { parseCallEvent } from '../../src/dialects/matrix/index.ts'
import { type CallStanza, parseCall, type StanzaNode } from '../../src/dialects/whatsapp/index.ts'
import {
  type Cause,
  type Dialect,
  type Ending,
  type EndingCodec,
  type Explanation,
  explain,
  type Fault,
  type Translation,
  translate,
} from '../../src/index.ts'

// Checked by the compiler (npm run typecheck); at run time nothing here can fail.
test('the library’s types', () => {
  expectTypeOf(explain('x')).toEqualTypeOf<Explanation>()
  expectTypeOf(explain('x').cause).toEqualTypeOf<Cause>()
  expectTypeOf(explain('x').dialect).toEqualTypeOf<Dialect | null>()
  expectTypeOf(explain('x').fault).toEqualTypeOf<Fault | undefined>()
  expectTypeOf<Omit<Explanation, 'dialect' | 'summary' | 'fault' | 'raw'>>().toExtend<Omit<Ending, 'raw'>>()
  expectTypeOf(translate('x', { to: 'matrix' })).toEqualTypeOf<Translation<'matrix'>>()
  expectTypeOf(translate('x', { to: 'matrix' }).value).toEqualTypeOf<MatrixEnding>()
  expectTypeOf(translate('x', { to: 'whatsapp' }).value).toEqualTypeOf<StanzaNode>()
  expectTypeOf<{ dialect: 'smoke' }>().not.toExtend<NonNullable<Parameters<typeof explain>[1]>>()
  expectTypeOf<EndingCodec<MatrixEnding>>().toExtend<EndingCodec>()
})

test('a parsed event is told apart by its type', () => {
  const parsed = parseCallEvent('{}')
  if (parsed.ok && parsed.value.type === 'm.call.invite') {
    expectTypeOf(parsed.value.content.lifetime).toEqualTypeOf<number>()
    // @ts-expect-error an invite has no reason
    parsed.value.content.reason
  }
})

test('a parsed stanza is told apart by its action', () => {
  const parsed = parseCall('<call/>')
  if (!parsed.ok) return
  expectTypeOf(parsed.value).toEqualTypeOf<CallStanza>()
  if (parsed.value.action.name === 'terminate') {
    expectTypeOf(parsed.value.action.reason).toEqualTypeOf<string | undefined>()
    expectTypeOf(parsed.value.action.duration).toEqualTypeOf<number | undefined>()
  }
})
