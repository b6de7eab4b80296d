/** `npm run generate:provisioning`: writes the files of Prometheus, Alertmanager and Grafana from the table of rules and the dashboards. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ALERT_RULES } from './alerts/index.ts'
import { DASHBOARDS } from './dashboards/index.ts'
import { dashboardFiles } from './files/dashboard-files.ts'
import { generatedFiles } from './files/generated-files.ts'

const root = fileURLToPath(new URL('.', import.meta.url))
for (const [path, content] of [...generatedFiles(ALERT_RULES), ...dashboardFiles(DASHBOARDS)]) {
  const file = join(root, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, content)
  console.log(`provisioning/${path}`)
}
