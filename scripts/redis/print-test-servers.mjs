/** Prints the servers of the tests as JSON; what is fetched meanwhile is said on stderr. */
import { provideTestServers } from './test-servers.mjs'

console.log(JSON.stringify(await provideTestServers({ say: (sentence) => console.error(`· ${sentence}`) })))
