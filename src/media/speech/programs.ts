import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { defaultLanguage, type Speaker } from './voices.ts'

/** A speech program that writes WAV, run without a shell; the text is never part of a command line that could be parsed. */
export type Program = Readonly<{
  /** As it is called on PATH. */
  name: string
  /** Where the text goes in, where the sound comes out. */
  input: 'stdin' | 'argument'
  output: 'stdout' | 'file'
  /** @param file where to write, if the output is a file. */
  arguments(speaker: Speaker, file: string, text: string): string[]
  /** Text that would be read as a command of the program's own. */
  defuse?(text: string): string
}>

/** A language has one name at most in a table; others are spoken in the language of reserve. */
function languageIn(table: ReadonlySet<string>, language: string): string {
  if (table.has(language)) return language
  const base = language.split('-')[0]!
  return table.has(base) ? base : ([...table].find((name) => name.startsWith(`${base}-`)) ?? defaultLanguage)
}

const espeakLanguages: ReadonlySet<string> = new Set(
  (
    'en-us en-gb en-029 af am ar as az be bg bn bs ca cmn cs cy da de el eo es es-419 et eu fa fi fr-fr fr-be fr-ch ga gd ' +
    'gn gu he hi hr ht hu hy id is it ja ka kk kn ko kok ku ky la lt lv mi mk ml mr ms mt my nb ne nl om or pa pl pt pt-br ' +
    'ro ru sd si sk sl sq sr sv sw ta te th tr tt uk ur uz vi yue'
  ).split(' '),
)
/** Other names of the same. */
const espeakAliases: Readonly<Record<string, string>> = {
  'en-in': 'en-gb',
  'en-au': 'en-gb',
  'en-nz': 'en-gb',
  'en-za': 'en-gb',
  'es-mx': 'es-419',
  'es-us': 'es-419',
  zh: 'cmn',
  'zh-cn': 'cmn',
  'zh-hk': 'yue',
  no: 'nb',
  arb: 'ar',
}

function espeakVoice({ gender, language }: Speaker): string {
  const known = espeakAliases[language] ?? languageIn(espeakLanguages, language)
  return `${known}${gender === 'female' ? '+f3' : '+m3'}`
}

const espeak = {
  input: 'stdin',
  output: 'stdout',
  arguments: (speaker: Speaker) => ['-v', espeakVoice(speaker), '-b', '1', '--stdin', '--stdout'],
  // `[[…]]` holds phoneme names.
  defuse: (text: string) => text.replaceAll('[[', '[ ['),
} as const

const picoLanguages: ReadonlySet<string> = new Set(['en-us', 'en-gb', 'de-de', 'es-es', 'fr-fr', 'it-it'])
const picoVoice = ({ language }: Speaker): string =>
  languageIn(picoLanguages, language).replace(/-(.*)/, (part) => part.toUpperCase())

/** Best first. */
export const programs: readonly Program[] = [
  { name: 'espeak-ng', ...espeak },
  { name: 'espeak', ...espeak },
  {
    name: 'say',
    input: 'stdin',
    output: 'file',
    arguments: ({ gender }, file) => [
      ...['-v', gender === 'female' ? 'Samantha' : 'Alex'],
      ...['-o', file, '--file-format=WAVE', '--data-format=LEI16@22050', '-f', '-'],
    ],
  },
  {
    name: 'pico2wave',
    input: 'argument',
    output: 'file',
    arguments: (speaker, file, text) => ['-l', picoVoice(speaker), '-w', file, '--', text],
  },
  {
    name: 'flite',
    input: 'stdin',
    output: 'file',
    arguments: ({ gender }, file) => ['-voice', gender === 'female' ? 'slt' : 'rms', '-f', '-', '-o', file],
  },
]

/** The first one that the finder knows. */
export function findProgram(find: (name: string) => string | null): { name: string; path: string } | null {
  for (const { name } of programs) {
    const path = find(name)
    if (path !== null) return { name, path }
  }
  return null
}

/** Full path of an executable on PATH. `say` is another program outside macOS. */
export function findOnPath(name: string): string | null {
  if (name === 'say' && process.platform !== 'darwin') return null
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    if (folder === '') continue
    const path = join(folder, name)
    try {
      accessSync(path, constants.X_OK)
      return path
    } catch {
      // Not here.
    }
  }
  return null
}
