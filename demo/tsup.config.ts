import { defineConfig } from 'tsup'

export default defineConfig({
  entry: ['src/demo-traffic.ts', 'src/local-model-traffic.ts', 'src/replay.ts'],
  format: 'esm',
  target: 'node20',
  platform: 'node',
  // Private packages are bundled; the SDK is used as it is published.
  noExternal: ['@aiwatch/model-simulator', '@aiwatch/store'],
  // What the store's readers load on demand is CommonJS: it cannot be bundled into ESM.
  external: [/^@redis\//],
  clean: true,
  sourcemap: true,
  silent: true,
})
