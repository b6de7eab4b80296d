/** The texts that translators get are those of the source. `npx vitest run test/locales.test.ts -u` writes them anew. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { expect, test } from 'vitest'

const SOURCE = join(import.meta.dirname, '../src')
const OF_DATA_SOURCE = /^(data|datasource)\//
/** The data source is a plugin of its own, and has its own texts: those of its two folders. */
const LOCALES = [
  { file: 'locales/en-US/aiwatch-analytics-app.json', isIn: (path: string) => !OF_DATA_SOURCE.test(path) },
  { file: 'datasource/locales/en-US/aiwatch-analytics-datasource.json', isIn: (path: string) => OF_DATA_SOURCE.test(path) },
]

type Found = [id: string, text: string, place: string]

const isText = (node: ts.Node | undefined): node is ts.StringLiteralLike => node !== undefined && ts.isStringLiteralLike(node)

/** Calls of `t` with an id and a text in them. */
function findTexts(path: string): Found[] {
  const file = ts.createSourceFile(path, readFileSync(join(SOURCE, path), 'utf8'), ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX)
  const found: Found[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === 't') {
      const [id, text] = node.arguments
      if (!isText(id) || !isText(text))
        throw new Error(`${path}: t() takes an id and a text as literals, got ${node.getText().slice(0, 80)}`)
      found.push([id.text, text.text, path])
    }
    ts.forEachChild(node, visit)
  }
  visit(file)
  return found
}

const listTexts = () =>
  readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.tsx?$/.test(path))
    .sort()
    .flatMap((path) => findTexts(path))

test('an id has one text', () => {
  const texts = new Map<string, string>()
  const clashes = listTexts().filter(([id, text]) => {
    const first = texts.get(id) ?? text
    texts.set(id, first)
    return first !== text
  })
  expect(clashes).toEqual([])
})

/** The files are flat: an id may be the beginning of another. */
test.each(LOCALES)('$file has each text of its part of the source, and no other', async ({ file, isIn }) => {
  const own = listTexts().filter(([, , path]) => isIn(path))
  const texts = Object.fromEntries(own.sort(([one], [other]) => (one < other ? -1 : 1)))
  await expect(`${JSON.stringify(texts, null, 2)}\n`).toMatchFileSnapshot(join(SOURCE, file))
})
