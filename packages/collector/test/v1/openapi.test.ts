import { validate } from '@readme/openapi-parser'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { OPERATIONS, type Operation } from '../../src/contract/index.ts'
import { openStage, type Stage } from '../run-collector.ts'

interface Document {
  openapi: string
  paths: Record<string, Record<string, { operationId: string; parameters: { name: string; description?: string }[] }>>
}

/** Fields of a JSON schema with their path: all that say what they are. */
function* numbersOf(schema: Record<string, unknown>, path = ''): Generator<[path: string, schema: Record<string, unknown>]> {
  if (schema['type'] === 'number' || schema['type'] === 'integer') yield [path, schema]
  for (const [name, child] of Object.entries((schema['properties'] ?? {}) as Record<string, Record<string, unknown>>)) {
    const [described] = [child['description'] ? child : undefined]
    for (const one of [child, ...((child['anyOf'] ?? []) as Record<string, unknown>[])])
      yield* numbersOf(described ? { ...one, description: described['description'] } : one, `${path}.${name}`)
  }
  if (schema['items']) yield* numbersOf(schema['items'] as Record<string, unknown>, `${path}[]`)
}

describe('the reference', () => {
  let stage: Stage
  let document: Document
  beforeAll(async () => {
    stage = await openStage()
    document = (await (await fetch(`${stage.collector.analyticsUrl}/openapi.json`)).json()) as Document
  })
  afterAll(() => stage.stop())

  it('is valid OpenAPI 3.1', async () => {
    expect(document.openapi).toMatch(/^3\.1\./)
    const result = await validate(structuredClone(document) as unknown as Parameters<typeof validate>[0])
    expect(result).toMatchObject({ valid: true })
  })

  it('would not be valid with a fault', async () => {
    const broken = structuredClone(document)
    for (const methods of Object.values(broken.paths)) for (const operation of Object.values(methods)) operation.operationId = 'same'
    const wrong = { ...broken, info: {} }
    expect(await validate(wrong as unknown as Parameters<typeof validate>[0])).toMatchObject({ valid: false })
  })

  it('has every operation, with a description of each parameter', () => {
    const found = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    )
    expect(found.sort()).toEqual((Object.values(OPERATIONS) as Operation[]).map(({ method, path }) => `${method} ${path}`).sort())
    for (const methods of Object.values(document.paths))
      for (const { parameters } of Object.values(methods)) for (const { name } of parameters) expect(name).toMatch(/^[a-z_]+$/)
  })

  it('tells the unit of every number of a reply in its name or its description', () => {
    const unit =
      /_(seconds|ms|bytes|usd|share|rate|tokens|calls|users|attempts|errors|ratio|per_second|1m|5m|1h|24h|30m|48h)$|timestamp|rank|cores|sequence|k$/
    const bare: string[] = []
    for (const [path, methods] of Object.entries(document.paths))
      for (const operation of Object.values(methods)) {
        const content = (operation as unknown as { responses: { 200: { content: Record<string, { schema: Record<string, unknown> }> } } })
          .responses[200].content
        for (const { schema } of Object.values(content))
          for (const [field, own] of numbersOf(schema)) if (!unit.test(field) && !own['description']) bare.push(`${path} ${field}`)
      }
    expect(bare).toEqual([])
  })

  it('is a page with an anchor for every operation and kind of problem, that may load nothing', async () => {
    const response = await fetch(`${stage.collector.analyticsUrl}/docs`)
    expect(response.headers.get('content-type')).toMatch(/^text\/html/)
    expect(response.headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'sha256-/)
    const page = await response.text()
    for (const { id, path } of Object.values(OPERATIONS) as Operation[]) {
      expect(page).toContain(`id="${id}"`)
      expect(page).toContain(path)
    }
    const problem = (await (await fetch(`${stage.collector.analyticsUrl}/v1/overview?nonsense=1`)).json()) as { type: string }
    expect(page).toContain(`id="${problem.type.split('#')[1]}"`)
    expect(page).not.toMatch(/<script|src=|url\(/)
  })
})
