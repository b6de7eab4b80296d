/**
 * `print-test-model.mjs PORT` prints how the tests start the real model on that port, as JSON: `{ name, command, args }`, or
 * `{ missing: reason }`. What is fetched meanwhile is said on stderr.
 */
import { cacheFolder } from '../parts/cache-folders.mjs'
import { findModelServer, LocalModelUnavailable } from './find-model-server.mjs'

async function describeTestModel(port) {
  try {
    const say = (sentence) => console.error(`· ${sentence}`)
    const { name, describeCommand } = await findModelServer({ cacheDir: cacheFolder(), isPinned: true, say })
    return { name, ...describeCommand(port) }
  } catch (error) {
    if (error instanceof LocalModelUnavailable) return { missing: error.message }
    throw error
  }
}

console.log(JSON.stringify(await describeTestModel(Number(process.argv[2]))))
