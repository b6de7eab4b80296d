/** `npm run model`: a real language model on the loopback address of this machine, until Ctrl-C. */
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { findModelServer } from './local-model/find-model-server.mjs'
import { DEFAULT_MODEL_PORT, modelFileFrom, readModelPort } from './local-model/model-settings.mjs'
import { startLocalModel } from './local-model/start-local-model.mjs'
import { stateFolder } from './parts/cache-folders.mjs'
import { createChildren } from './start/children.mjs'
import { assertPortsFree } from './start/ports.mjs'
import { lastLine } from './start/private-redis.mjs'

const HELP = `npm run model [-- options]

  --model FILE  a model in the GGUF format; default: SmolLM2-135M-Instruct, fetched once (93 MB)
  --help        this text

It is served by llama-server of the PATH, else by llama.cpp fetched once with pip (34 MB; Python 3.10 or later).
Variables: AIWATCH_MODEL_FILE (as --model), AIWATCH_MODEL_PORT (${DEFAULT_MODEL_PORT}), AIWATCH_STATE_DIR (.aiwatch: its log, what was fetched).`

const PARENT_CHECK_MS = 500

const say = (sentence) => console.log(`· ${sentence}`)

function printAddresses({ url, name }) {
  console.log(`
  OpenAI clients     ${url}/v1   (Chat Completions, Completions, Responses)
  Anthropic clients  ${url}      (Messages)
  model              ${name}
  its own meter      ${url}/metrics

A program of yours that takes its address from the environment (any API key will do):

  OPENAI_BASE_URL=${url}/v1 OPENAI_API_KEY=local CHAT_MODEL=${name} node your-program.js
  ANTHROPIC_BASE_URL=${url} ANTHROPIC_API_KEY=local ANTHROPIC_MODEL=${name} node your-program.js

Ctrl-C stops it.`)
}

/** A signal to npm alone ends npm and the shell between, and is not handed on. */
function endWithNpm(stop) {
  const parent = process.ppid
  setInterval(() => process.ppid !== parent && stop(), PARENT_CHECK_MS).unref()
}

async function main() {
  const { values } = parseArgs({ options: { model: { type: 'string' }, help: { type: 'boolean', default: false } } })
  if (values.help) return console.log(HELP)
  const file = modelFileFrom(values.model)
  const port = readModelPort()
  await assertPortsFree([{ name: 'the local model', variable: 'AIWATCH_MODEL_PORT', port }])
  const server = await findModelServer({ file, say })
  const children = createChildren({ logDir: join(stateFolder(), `logs-model-${port}`), env: process.env, onStart: () => {} })
  let isStopping = false
  const stop = async (code, sentence) => {
    if (isStopping) return
    isStopping = true
    if (sentence) console.error(sentence)
    await children.stopAll()
    process.exit(code)
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => stop(0))
  process.on('exit', () => children.killAll())
  if (process.env.npm_lifecycle_event) endWithNpm(() => stop(0))
  try {
    const model = await startLocalModel({ server, port, children, say })
    children.onUnexpectedExit = ({ logFile }) =>
      stop(1, `npm run model: the model server ended: ${lastLine(logFile)} (its log: ${logFile})`)
    printAddresses(model)
  } catch (error) {
    if (!isStopping) await stop(1, `npm run model: ${error.message}`)
  }
}

main().catch((error) => {
  console.error(`npm run model: ${error.message}`)
  process.exit(1)
})
