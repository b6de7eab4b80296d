/** A Lua table constructor of texts without quotes and numbers. */
export function luaTable(entries: Readonly<Record<string, string | number>>): string {
  const fields = Object.entries(entries).map(([name, value]) => `['${name}'] = ${typeof value === 'number' ? value : `'${value}'`}`)
  return `{ ${fields.join(', ')} }`
}
