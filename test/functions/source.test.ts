/** Which imports of a TypeScript file are types, told as its compiler tells it: by what is left when the types are gone. */
import { describe, expect, it } from 'vitest'
import { withoutTypes } from '../../src/functions/javascript/source.ts'

const cells: readonly (readonly [what: string, source: string, result: string])[] = [
  ['a name that is used', 'import { a } from "m"\na()', 'import { a } from "m";\na()'],
  ['a name that is not', 'import { a } from "m"\nb()', '\nb()'],
  ['one of two', "import { a, b } from 'm';\nb()", "import { b } from 'm';\nb()"],
  ['a name for another', 'import { a as b } from "m"\na()', '\na()'],
  ['another for a name', 'import { a as b } from "m"\nb()', 'import { a as b } from "m";\nb()'],
  ['the whole', 'import * as all from "m"\nall.a()', 'import * as all from "m";\nall.a()'],
  ['the whole, not used', 'import * as all from "m"\nfall.a()', '\nfall.a()'],
  ['the default beside a type', 'import main, { Type } from "m"\nmain()', 'import main from "m";\nmain()'],
  ['a type beside an unused default', 'import main, { a } from "m"\na()', 'import { a } from "m";\na()'],
  ['for its effects', 'import "m"\nimport {} from "n"\n', 'import "m"\nimport {} from "n"\n'],
  [
    'a key of an object',
    'import { Actions } from "m"\nf({ Actions: 1, x, Actions: 2 })',
    '\nf({ Actions: 1, x, Actions: 2 })',
  ],
  [
    'a short key of an object',
    'import { Actions } from "m"\nf({ Actions })',
    'import { Actions } from "m";\nf({ Actions })',
  ],
  ['the name of a member', 'import { Actions } from "m"\nf(x.Actions)', '\nf(x.Actions)'],
  ['spread', 'import { a } from "m"\nf(...a)', 'import { a } from "m";\nf(...a)'],
  ['a branch of a condition', 'import { a, b } from "m"\nf(x ? a : b)', 'import { a, b } from "m";\nf(x ? a : b)'],
  [
    'a case',
    'import { A } from "m"\nswitch (x) { case A.b: case A: f() }',
    'import { A } from "m";\nswitch (x) { case A.b: case A: f() }',
  ],
  [
    'a word in a text or a comment',
    'import { Hangup } from "m"\nf("Hangup", \'Hangup\') // Hangup\n/* Hangup */',
    '\nf("Hangup", \'Hangup\') // Hangup\n/* Hangup */',
  ],
  ['within backquotes', `import { a } from "m"\nf(\`\${a}\`)`, `import { a } from "m";\nf(\`\${a}\`)`],
  ['several lines, which stay', 'import {\n  Type,\n  a,\n} from "m"\na()', 'import { a } from "m";\n\n\n\na()'],
  ['a part of a longer name', 'import { a } from "m"\nab(); b.a; $a', '\nab(); b.a; $a'],
  ['import() of a module', 'const { a } = await import("m")', 'const { a } = await import("m")'],
]

describe('an import of', () => {
  it.each(cells)('%s', (_what, source, result) => {
    expect(withoutTypes(source)).toBe(result)
  })
})
