/** The real model of `npm start -- --local-model`: its options, its server, its users, and where others find it. */
import { findModelServer, LocalModelUnavailable } from '../local-model/find-model-server.mjs'
import { modelFileFrom, readModelPort } from '../local-model/model-settings.mjs'
import { startLocalModel } from '../local-model/start-local-model.mjs'

/** For `parseArgs`. */
export const LOCAL_MODEL_OPTIONS = { 'local-model': { type: 'boolean', default: false }, model: { type: 'string' } }

/** `{ file, port }`, or undefined when no local model is asked for. Throws one sentence when the file or the port cannot be used. */
export function readLocalModelSettings(values) {
  if (!values['local-model'] && !values.model) return undefined
  return { file: modelFileFrom(values.model), port: readModelPort() }
}

export function localModelPorts(settings) {
  return settings ? [{ name: 'the local model', variable: 'AIWATCH_MODEL_PORT', port: settings.port }] : []
}

/**
 * Starts the model, and when it answers a few users who chat with it: `{ url, name, description }`. Undefined when it is not asked
 * for, or cannot be had: that is said, and no reason to end the start.
 */
export async function runLocalModel({ settings, children, runNode, env, say }) {
  if (!settings) return undefined
  try {
    const server = await findModelServer({ file: settings.file, say })
    const model = await startLocalModel({ server, port: settings.port, children, say })
    runNode('local-chat', 'demo/dist/local-model-traffic.js', { ...env, AIWATCH_MODEL_URL: model.url })
    return model
  } catch (error) {
    if (!(error instanceof LocalModelUnavailable)) throw error
    say(`going on without a local model: ${error.message}`)
    return undefined
  }
}

/** Row of the table of addresses. */
export function localModelRows(model) {
  return model ? [['local model', `${model.url}/v1  (${model.description})`]] : []
}

/** Lines of the file that examples read. Without the simulated provider the examples talk to this model. */
export function localModelLines(model, { isDemo }) {
  if (!model) return []
  const forExamples = [
    `OPENAI_BASE_URL=${model.url}/v1`,
    `CHAT_MODEL=${model.name}`,
    `ANTHROPIC_BASE_URL=${model.url}`,
    `ANTHROPIC_MODEL=${model.name}`,
  ]
  return [`AIWATCH_MODEL_URL=${model.url}`, ...(isDemo ? [] : forExamples)]
}
