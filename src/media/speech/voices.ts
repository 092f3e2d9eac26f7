/** Who shall speak, in a speech program's terms. */
export type Speaker = Readonly<{
  gender: 'female' | 'male'
  /** BCP 47, lower case: `en-us`. */
  language: string
}>

export const defaultLanguage = 'en-us'

/** Voices that platforms name and that are men's; all other names are spoken by a woman, the usual default. */
const men: ReadonlySet<string> = new Set([
  ...['man', 'male', 'dave', 'paul', 'simon', 'jorge', 'esteban', 'bernard', 'stefan', 'luca', 'mathieu', 'hans'],
  ...['matthew', 'joey', 'justin', 'kevin', 'stephen', 'gregory', 'brian', 'arthur', 'russell', 'geraint', 'daniel'],
  ...['ricardo', 'thiago', 'cristiano', 'enrique', 'sergio', 'miguel', 'andres', 'pedro', 'giorgio', 'adriano', 'remi'],
  ...['karl', 'jacek', 'jan', 'maxim', 'takumi', 'zayd', 'ruben', 'mads', 'liam', 'laurent', 'eric', 'andrew', 'henri'],
])

/** Named voices that carry a language of their own, for documents that name only the voice. */
const homes: Readonly<Record<string, string>> = {
  kate: 'en-us',
  susan: 'en-us',
  julie: 'en-us',
  dave: 'en-us',
  paul: 'en-us',
  bridget: 'en-gb',
  simon: 'en-gb',
  amy: 'en-gb',
  emma: 'en-gb',
  brian: 'en-gb',
  arthur: 'en-gb',
  aditi: 'hi-in',
  kajal: 'hi-in',
  raveena: 'en-in',
  esperanza: 'es',
  violeta: 'es-419',
  jorge: 'es',
  esteban: 'es-419',
  francisca: 'es',
  rosa: 'es-419',
  jolie: 'fr-fr',
  bernard: 'fr-fr',
  celine: 'fr-fr',
  lea: 'fr-fr',
  mathieu: 'fr-fr',
  katrin: 'de',
  stefan: 'de',
  marlene: 'de',
  vicki: 'de',
  hans: 'de',
  daniel: 'de',
  paola: 'it',
  luca: 'it',
  carla: 'it',
  giorgio: 'it',
  vitoria: 'pt-br',
  camila: 'pt-br',
  ricardo: 'pt-br',
}

/** `WOMAN`, `man`, `julie`, `Polly.Joanna-Neural` and the like, with or without a language. */
export function speakerFor(voice?: string, language?: string): Speaker {
  const name = (voice ?? 'woman')
    .toLowerCase()
    .replace(/^[a-z]+\./, '')
    .replace(/-neural$|-generative$/, '')
  return {
    gender: men.has(name) ? 'male' : 'female',
    language: (language ?? homes[name] ?? defaultLanguage).toLowerCase().replaceAll('_', '-'),
  }
}
