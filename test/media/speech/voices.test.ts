import { expect, test } from 'vitest'
import { programs } from '../../../src/media/speech/programs.ts'
import { speakerFor } from '../../../src/media/speech/voices.ts'

/** [voice, language, gender, language spoken, espeak's name of it] */
const table = [
  [undefined, undefined, 'female', 'en-us', 'en-us+f3'],
  ['WOMAN', 'en-US', 'female', 'en-us', 'en-us+f3'],
  ['MAN', 'en-GB', 'male', 'en-gb', 'en-gb+m3'],
  ['man', 'hi-IN', 'male', 'hi-in', 'hi+m3'],
  ['WOMAN', 'pt-BR', 'female', 'pt-br', 'pt-br+f3'],
  ['WOMAN', 'es_MX', 'female', 'es-mx', 'es-419+f3'],
  ['WOMAN', 'zh-CN', 'female', 'zh-cn', 'cmn+f3'],
  ['WOMAN', 'fr-CA', 'female', 'fr-ca', 'fr-fr+f3'],
  ['WOMAN', 'xx-YY', 'female', 'xx-yy', 'en-us+f3'],
  ['WOMAN', '; rm -rf /', 'female', '; rm -rf /', 'en-us+f3'],
  ['Polly.Joanna', 'en-US', 'female', 'en-us', 'en-us+f3'],
  ['Polly.Matthew-Neural', undefined, 'male', 'en-us', 'en-us+m3'],
  ['Polly.Aditi', undefined, 'female', 'hi-in', 'hi+f3'],
  ['julie', undefined, 'female', 'en-us', 'en-us+f3'],
  ['simon', undefined, 'male', 'en-gb', 'en-gb+m3'],
  ['esteban', 'es-ES', 'male', 'es-es', 'es+m3'],
  ['nobody knows', undefined, 'female', 'en-us', 'en-us+f3'],
] as const

test.each(table)('%s in %s is a %s voice in %s', (voice, language, gender, spoken, espeak) => {
  const speaker = speakerFor(voice, language)
  expect(speaker).toEqual({ gender, language: spoken })
  const program = programs.find(({ name }) => name === 'espeak-ng')!
  expect(program.arguments(speaker, '', 'text')).toEqual(['-v', espeak, '-b', '1', '--stdin', '--stdout'])
})

test('the text is never among the arguments where the program can read it, and behind -- where it cannot', () => {
  const text = '-w /etc/passwd'
  for (const program of programs) {
    const given = program.arguments({ gender: 'male', language: 'de-de' }, '/tmp/f.wav', text)
    if (program.input === 'stdin') expect(given).not.toContain(text)
    else expect(given.slice(-2)).toEqual(['--', text])
    expect(given.includes('/tmp/f.wav')).toBe(program.output === 'file')
  }
})
