/** Time range and filters stay when moving between pages by Grafana's menu, whose links have none. */
import { useLocation } from 'react-router-dom'

const isShared = (name: string) => name === 'from' || name === 'to' || name === 'timezone' || name.startsWith('var-')

const kept = new URLSearchParams()

function keep(search: URLSearchParams): void {
  for (const name of new Set([...search.keys()].filter(isShared))) {
    kept.delete(name)
    for (const value of search.getAll(name)) kept.append(name, value)
  }
}

/** The search part that the address should have; undefined where it has one of its own. */
export function useKeptSearch(): string | undefined {
  const { search } = useLocation()
  const given = new URLSearchParams(search)
  if ([...given.keys()].some(isShared)) {
    keep(given)
    return undefined
  }
  if (kept.size === 0) return undefined
  const merged = new URLSearchParams(kept)
  for (const [name, value] of given) merged.append(name, value)
  return `?${merged}`
}
