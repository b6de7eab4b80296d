/** Before the first test: brings the real servers that the tests run on, and tells the workers where they are. */
import { provideTestServers } from './test-servers.mjs'

const VARIABLE = 'AIWATCH_TEST_SERVERS'

export default async function setup() {
  if (process.env[VARIABLE]) return
  const servers = await provideTestServers({ say: (sentence) => console.log(`· ${sentence}`) })
  for (const [kind, { missing }] of Object.entries(servers)) {
    if (missing) console.log(`· tests on ${kind} are skipped: ${missing}`)
  }
  process.env[VARIABLE] = JSON.stringify(servers)
}
