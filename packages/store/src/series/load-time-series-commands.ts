import type * as Commands from './time-series-commands.ts'

export type TimeSeriesCommands = typeof Commands

/** Once they are there, they are for all readers of this process. */
let loaded: TimeSeriesCommands | undefined

/** They take a third of a second and 27 MB to load: only a process that reads from the module has them. */
export async function loadTimeSeriesCommands(): Promise<TimeSeriesCommands> {
  loaded ??= await import('./time-series-commands.ts')
  return loaded
}

export function areTimeSeriesCommandsLoaded(): boolean {
  return loaded !== undefined
}

/** Undefined until they are loaded. */
export function loadedTimeSeriesCommands(): TimeSeriesCommands | undefined {
  return loaded
}
