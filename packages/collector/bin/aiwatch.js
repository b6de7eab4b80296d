#!/usr/bin/env node
try {
  await import('../dist/cli.js')
} catch (error) {
  if (error?.code !== 'ERR_MODULE_NOT_FOUND' || !String(error.message).includes('dist')) throw error
  console.error('aiwatch is not built yet: run npm run build (or npm start, which builds it)')
  process.exitCode = 1
}
