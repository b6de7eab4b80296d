/** Cleaning up when this process ends in the middle of something, by a signal too. */
const SIGNAL_NUMBERS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 }

const cleanUps = new Set()
const handlers = new Map()

function runAll() {
  for (const cleanUp of cleanUps) cleanUp()
  cleanUps.clear()
}

function install() {
  process.on('exit', runAll)
  for (const [signal, number] of Object.entries(SIGNAL_NUMBERS)) {
    // Who listens already decides by himself how the process ends.
    if (process.listenerCount(signal) > 0) continue
    const handler = () => process.exit(128 + number)
    handlers.set(signal, handler)
    process.on(signal, handler)
  }
}

function uninstall() {
  process.off('exit', runAll)
  for (const [signal, handler] of handlers) process.off(signal, handler)
  handlers.clear()
}

/** `cleanUp()` is called if the process ends before the function that is returned has called it off. It must not wait. */
export function onProcessEnd(cleanUp) {
  if (cleanUps.size === 0) install()
  cleanUps.add(cleanUp)
  return () => {
    cleanUps.delete(cleanUp)
    if (cleanUps.size === 0) uninstall()
  }
}
