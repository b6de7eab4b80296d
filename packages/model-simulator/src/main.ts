/** The simulator as a process. Variables: AIWATCH_SIMULATOR_PORT (8090), _SPEED (1), _SEED, _FAULTS (`429=0.01,500=0.005`). */
import { parseFaultRates } from './faults.ts'
import { startSimulator } from './start-simulator.ts'

const DEFAULT_PORT = 8090

function numberFrom(name: string, byDefault: number, range: { least: number; most: number }): number {
  const text = process.env[name]
  if (text === undefined || text === '') return byDefault
  const value = Number(text)
  if (!(value >= range.least && value <= range.most)) {
    throw new TypeError(`${name} must be a number from ${range.least} to ${range.most}, got "${text}"`)
  }
  return value
}

function readFaults() {
  try {
    return parseFaultRates(process.env['AIWATCH_SIMULATOR_FAULTS'] ?? '')
  } catch (error) {
    throw new TypeError(`AIWATCH_SIMULATOR_FAULTS: ${(error as Error).message}`)
  }
}

try {
  const simulator = await startSimulator({
    port: Math.floor(numberFrom('AIWATCH_SIMULATOR_PORT', DEFAULT_PORT, { least: 0, most: 65_535 })),
    speed: numberFrom('AIWATCH_SIMULATOR_SPEED', 1, { least: 0, most: 1e6 }),
    seed: Math.floor(numberFrom('AIWATCH_SIMULATOR_SEED', Date.now() % 2 ** 31, { least: 0, most: 2 ** 31 })),
    faults: readFaults(),
  })
  console.log(`model simulator on ${simulator.url}/v1`)
  const stop = () => void simulator.close().then(() => process.exit(0))
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
} catch (error) {
  const { code, message } = error as NodeJS.ErrnoException
  const port = process.env['AIWATCH_SIMULATOR_PORT'] ?? DEFAULT_PORT
  console.error(`model simulator: ${code === 'EADDRINUSE' ? `port ${port} is taken; set AIWATCH_SIMULATOR_PORT to a free one` : message}`)
  process.exit(1)
}
