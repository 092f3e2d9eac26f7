import { describe, expect, it } from 'vitest'
import { problems } from '../../src/http/problem.ts'
import { createFaces } from './faces.ts'

// biome-ignore lint/suspicious/noExplicitAny: an OpenAPI document, walked by hand
type Any = any
const faces = createFaces()
const { body: document } = (await faces.ask('/api/openapi.json')) as { body: Any }
const operations: [path: string, method: string, operation: Any][] = Object.entries(document.paths).flatMap(
  ([path, item]) =>
    Object.entries(item as object).map(([method, operation]) => [path, method, operation] as [string, string, Any]),
)

describe('the OpenAPI document', () => {
  it('is version 3.1 and says who it is', () => {
    expect(document).toMatchObject({
      openapi: '3.1.0',
      info: { title: 'Onhook', version: '0.0.0-test' },
      security: [{ bearer: [] }],
    })
    expect(document.components.securitySchemes).toMatchObject({ bearer: { type: 'http', scheme: 'bearer' } })
  })

  it('covers each route that is served, and no other', () => {
    const served = faces.app.routes
      .filter(({ method }) => method !== 'ALL')
      .map(({ method, path }) => `${method.toLowerCase()} ${path.replace(/:(\w+)/g, '{$1}')}`)
    const documented = operations.map(([path, method]) => `${method} ${path}`)
    expect(new Set(documented)).toEqual(new Set(served.filter((one) => one !== 'get /api/openapi.json')))
  })

  it('refers only to what is there', () => {
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/(\w+)\/(\w+)"/g)]
    expect(references.length).toBeGreaterThan(20)
    for (const [, kind, name] of references) expect(document.components[kind!][name!]).toBeDefined()
  })

  it.each(operations)(
    '%s %s has a unique name, a summary, a tag, its parameters, and answers that are described',
    (path, _, operation) => {
      expect(operations.filter(([, , other]) => other.operationId === operation.operationId)).toHaveLength(1)
      expect(operation.summary).toBeTruthy()
      expect(document.tags.map(({ name }: Any) => name)).toEqual(expect.arrayContaining(operation.tags))
      const inPath = (operation.parameters ?? []).filter((one: Any) => one.in === 'path').map((one: Any) => one.name)
      expect(inPath).toEqual([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name))
      for (const response of Object.values(operation.responses) as Any[]) {
        expect(response.description).toBeTruthy()
        expect(response.content).toBeDefined()
      }
    },
  )

  it('promises only statuses that a problem has', () => {
    const promised = new Set(
      operations
        .flatMap(([, , { responses }]) => Object.keys(responses))
        .map(Number)
        .filter((status) => status >= 400),
    )
    const known = new Set<number>(Object.values(problems).map(({ status }) => status))
    expect([...promised].filter((status) => !known.has(status))).toEqual([])
  })
})
