import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.{ts,tsx}'],
    // Tests that import @grafana/ui spend half a minute on it; those say `@vitest-environment jsdom` at their head.
    environment: 'node',
    setupFiles: ['./test/setup.ts'],
    testTimeout: 60_000,
    maxWorkers: 2,
    server: { deps: { inline: [/@grafana\//, 'react-use', 'ol'] } },
  },
  resolve: {
    dedupe: ['react', 'react-dom'],
    alias: [{ find: /^@aiwatch\/sdk$/, replacement: fileURLToPath(new URL('../sdk/src/index.ts', import.meta.url)) }],
  },
})
