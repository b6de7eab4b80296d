import { fileURLToPath } from 'node:url'
import { configDefaults, defineConfig } from 'vitest/config'

const source = (path: string) => fileURLToPath(new URL(path, import.meta.url))

export default defineConfig({
  resolve: {
    // Tests run the sources; what is published is tested from dist/ by the tests named "published".
    alias: [
      { find: /^@aiwatch\/sdk$/, replacement: source('./packages/sdk/src/index.ts') },
      { find: /^@aiwatch\/sdk\/dialects$/, replacement: source('./packages/sdk/src/dialects/index.ts') },
    ],
  },
  test: {
    globalSetup: './scripts/redis/vitest-setup.mjs',
    include: [
      'packages/*/test/**/*.test.ts',
      'provisioning/test/**/*.test.ts',
      'demo/test/**/*.test.ts',
      'examples/test/**/*.test.ts',
      'e2e/test/**/*.test.ts',
      'scripts/test/**/*.test.ts',
    ],
    // The Grafana app has dependencies of 750 MB and a configuration of its own: npm run test:grafana.
    exclude: [...configDefaults.exclude, 'packages/grafana-app/**'],
    // Real servers start inside the tests; the machines are small and busy.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
  },
})
