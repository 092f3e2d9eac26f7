import { existsSync, readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { compile, withExports } from './source.ts'

const loaded = new Set<string>()

/** What was loaded so far, dependencies excepted. */
export function loadedFiles(): string[] {
  return [...loaded]
}

/**
 * Loads a handler's module, ES or CommonJS, JavaScript or TypeScript. Where Node finds nothing, what bundlers and AWS add is
 * tried: the TypeScript file behind a `.js`, an extension left out, and AWS's SDK from beside Onhook.
 */
export async function loadHandler(file: string): Promise<unknown> {
  loaded.add(file)
  if (!existsSync(file)) throw new Error(`there is no file ${file}`)
  registerHooks({
    resolve(specifier, context, next) {
      try {
        return next(specifier, context)
      } catch (fault) {
        for (const other of alternatives(specifier)) {
          try {
            return next(other, context)
          } catch {
            // The first fault is the one to tell.
          }
        }
        if (/^@(aws-sdk|smithy)\//.test(specifier)) {
          try {
            return next(specifier, { ...context, parentURL: import.meta.url })
          } catch {
            // Likewise.
          }
        }
        throw fault
      }
    },
    load(url, context, next) {
      if (!url.startsWith('file:') || url.includes('/node_modules/')) return next(url, context)
      const path = fileURLToPath(url)
      loaded.add(path)
      if (!/\.[cm]?ts$/.test(path)) {
        const found = next(url, context)
        // Deployed, a function has no package above it; here it may lie in one that makes every .js a module.
        return found.format === 'module' && path.endsWith('.js')
          ? { ...found, source: withExports(String(found.source)) }
          : found
      }
      return { ...compile(readFileSync(path, 'utf8'), url), shortCircuit: true }
    },
  })
  return import(pathToFileURL(file).href)
}

function alternatives(specifier: string): string[] {
  if (/\.[cm]?js$/.test(specifier)) return isFile(specifier) ? [specifier.replace(/js$/, 'ts')] : []
  const endings = ['.js', '/index.js']
  if (isFile(specifier)) endings.unshift('.ts', '/index.ts', '.mjs', '.cjs')
  return endings.map((ending) => specifier + ending)
}

function isFile(specifier: string): boolean {
  return /^(\.{1,2}\/|\/|file:)/.test(specifier)
}
