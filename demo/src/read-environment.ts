/** Settings from environment variables; each throws a TypeError that names the variable. */
type Environment = Record<string, string | undefined>

export function readNumber(env: Environment, name: string, byDefault: number, range: { least: number; most: number }): number {
  const text = env[name]
  if (text === undefined || text.trim() === '') return byDefault
  const value = Number(text)
  if (!(value >= range.least && value <= range.most)) {
    throw new TypeError(`${name} must be a number from ${range.least} to ${range.most}, got "${text}"`)
  }
  return value
}

export function readHttpUrl(env: Environment, name: string, byDefault: string): string {
  const text = env[name] || byDefault
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') throw new TypeError(`${name} must be an http URL, got "${text}"`)
  return text.replace(/\/+$/, '')
}
