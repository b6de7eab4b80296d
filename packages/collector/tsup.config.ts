import { defineConfig } from 'tsup'

export default defineConfig({
  entry: ['src/main.ts', 'src/cli.ts'],
  format: ['esm'],
  target: 'node20',
  platform: 'node',
  // The store is internal to this repository; everything else is installed from the registry.
  noExternal: ['@aiwatch/store'],
  clean: true,
  sourcemap: true,
})
