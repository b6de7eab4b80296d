/** `npm run generate:alerts`: writes the files of Prometheus, Alertmanager and Grafana from the table of rules. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ALERT_RULES } from './alerts/index.ts'
import { generatedFiles } from './files/generated-files.ts'

const root = fileURLToPath(new URL('.', import.meta.url))
for (const [path, content] of generatedFiles(ALERT_RULES)) {
  const file = join(root, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, content)
  console.log(`provisioning/${path}`)
}
