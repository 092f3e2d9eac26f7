import { filesUnder, textOf } from './source.ts'

/** Every page that people read, as paths from the root. */
export const pages: readonly string[] = [
  'README.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'CHANGELOG.md',
  ...filesUnder('docs'),
  ...filesUnder('examples'),
].filter((path) => path.endsWith('.md'))

export type Block = Readonly<{ page: string; language: string; text: string; line: number }>

/** The fenced blocks of a page. */
export function blocksOf(page: string): readonly Block[] {
  const text = textOf(page)
  return [...text.matchAll(/^```(\w*)\n(.*?)^```$/gms)].map(({ 1: language = '', 2: inside = '', index }) => ({
    page,
    language,
    text: inside,
    line: text.slice(0, index).split('\n').length + 1,
  }))
}

/** A page without its fenced blocks and code spans. */
export function proseOf(page: string): string {
  return textOf(page)
    .replace(/^```.*?^```$/gms, '')
    .replace(/`[^`\n]*`/g, '')
}

/** The anchors of a page's headings, as the platforms that show Markdown make them. */
export function anchorsOf(page: string): ReadonlySet<string> {
  const seen = new Map<string, number>()
  const anchors = new Set<string>()
  for (const [, heading = ''] of textOf(page)
    .replace(/^```.*?^```$/gms, '')
    .matchAll(/^#{1,6} (.+)$/gm)) {
    const slug = heading
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/ /g, '-')
    const before = seen.get(slug)
    seen.set(slug, (before ?? 0) + 1)
    anchors.add(before === undefined ? slug : `${slug}-${before}`)
  }
  return anchors
}
