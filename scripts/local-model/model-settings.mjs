/** What a user can set about the local model. */
import { resolve } from 'node:path'
import { readPort } from '../start/ports.mjs'
import { assertModelFile } from './find-model-server.mjs'

export const DEFAULT_MODEL_PORT = 8091

/** Port of `AIWATCH_MODEL_PORT`. */
export function readModelPort(environment = process.env) {
  return readPort('AIWATCH_MODEL_PORT', DEFAULT_MODEL_PORT, environment)
}

/**
 * Path of the GGUF file of `--model`, else of `AIWATCH_MODEL_FILE`; undefined for the small model. Throws one sentence when it
 * cannot be used. npm runs scripts in the root of the repository; a file is named from where the user is.
 */
export function modelFileFrom(option, environment = process.env) {
  const named = option || environment.AIWATCH_MODEL_FILE
  if (!named) return undefined
  const file = resolve(environment.INIT_CWD ?? process.cwd(), named)
  assertModelFile(file)
  return file
}
