/** What can be seen without a network: Node, variables, the file that `npm start` leaves. */
import { ConfigError, readConfig } from '../../config.ts'
import { shorten } from '../../errors.ts'
import type { StartFile } from '../start-file.ts'
import { type Check, ok, problem, type Verdict, warning } from './finding.ts'
import { isKnownVariable, nearestVariable } from './known-variables.ts'

const LEAST_NODE = 20

export interface Settings {
  environment: NodeJS.ProcessEnv
  nodeVersion: string
  startFile: StartFile | undefined
}

function checkNode({ nodeVersion }: Settings): Verdict {
  const major = Number.parseInt(nodeVersion, 10)
  if (major >= LEAST_NODE) return ok(`Node ${nodeVersion}`)
  return problem(`Node ${nodeVersion} is too old`, `install Node ${LEAST_NODE} or later`)
}

function checkNames({ environment }: Settings): Verdict[] {
  const unknown = Object.keys(environment).filter((name) => name.startsWith('AIWATCH_') && !isKnownVariable(name))
  return unknown.sort().map((name) => {
    const near = nearestVariable(name)
    const advice = near ? `rename it to ${near}` : 'remove it, or look its name up in the README'
    return warning(`nothing reads the variable ${shorten(name, 60)}`, advice)
  })
}

/** Those of the collector; programs check those of the SDK when they start. */
function checkValues({ environment }: Settings): Verdict[] {
  try {
    readConfig(environment)
    return []
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return error.message.split('\n').map((line) => problem(shorten(line), 'correct the variable; the collector does not start with it'))
  }
}

function checkVariables(settings: Settings): Verdict[] {
  const found = [...checkNames(settings), ...checkValues(settings)]
  const set = Object.keys(settings.environment).filter((name) => name.startsWith('AIWATCH_') && settings.environment[name])
  return found.length > 0 ? found : [ok(set.length === 0 ? 'no AIWATCH_ variables: defaults hold' : `${set.sort().join(', ')}: valid`)]
}

/** Programs that are started here and what `npm start` runs must mean the same Redis. */
function checkAddresses({ environment, startFile }: Settings): Verdict[] {
  const [own, general] = [environment['AIWATCH_REDIS_URL'], environment['REDIS_URL']]
  const started = startFile?.variables.get('AIWATCH_REDIS_URL')
  const verdicts: Verdict[] = []
  if (own && general && own !== general) {
    verdicts.push(warning('AIWATCH_REDIS_URL and REDIS_URL name different servers: the first holds', 'unset one, if that is not meant'))
  }
  const used = own || general
  if (used && started && used !== started) {
    const name = own ? 'AIWATCH_REDIS_URL' : 'REDIS_URL'
    verdicts.push(warning(`${name} is not the Redis that npm start runs (${startFile?.path})`, `unset ${name} to use that one`))
  }
  if (verdicts.length > 0) return verdicts
  return [ok(startFile ? `npm start runs: ${startFile.path}` : 'no .aiwatch/env here or above: npm start does not run from here')]
}

export function settingChecks(settings: Settings): Check[] {
  return [
    { name: 'node', run: async () => checkNode(settings) },
    { name: 'variables', run: async () => checkVariables(settings) },
    { name: 'addresses', run: async () => checkAddresses(settings) },
  ]
}
