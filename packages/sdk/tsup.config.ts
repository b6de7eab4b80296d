import { defineConfig } from 'tsup'

export default defineConfig({
  entry: { index: 'src/index.ts', dialects: 'src/dialects/index.ts' },
  format: ['esm', 'cjs'],
  target: 'node20',
  platform: 'node',
  // The store is internal and not published: it goes into the bundle, and its types into the declarations.
  noExternal: [/^@aiwatch\/store/, /^@msgpack\//],
  // The last one is what the store's readers import on demand: nothing here reads, but the bundler would make a chunk of it all the same.
  external: ['ioredis', '@pydantic/genai-prices', /time-series-commands/],
  dts: { compilerOptions: { baseUrl: '.', paths: { '@aiwatch/store': ['../store/src/index.ts'] } } },
  clean: true,
  treeshake: true,
  splitting: true,
  sourcemap: false,
})
