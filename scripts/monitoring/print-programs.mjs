/** Prints, as JSON, where the programs of the monitoring tests are, and fetches what is missing. What it says goes to stderr. */
import { cacheFolder } from '../parts/cache-folders.mjs'
import { provideMonitoringPrograms } from './provide-programs.mjs'

const programs = await provideMonitoringPrograms({ cacheDir: cacheFolder(), say: (sentence) => console.error(`· ${sentence}`) })
console.log(JSON.stringify(programs))
