import { cpus, loadavg } from 'node:os'

/** One line that says where the figures come from. */
export function printMachine(): void {
  const model = cpus()[0]?.model.trim() ?? 'unknown processor'
  console.log(`${cpus().length} × ${model}, load ${loadavg()[0]?.toFixed(1)}, Node ${process.versions.node}`)
}
