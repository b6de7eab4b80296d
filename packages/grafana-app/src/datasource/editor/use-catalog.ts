import type { Catalog } from '@aiwatch/collector/contract'
import { useEffect, useState } from 'react'
import type { AIWatchDataSource } from '../data-source.ts'

/** The catalogue of the collector, or why there is none. */
export function useCatalog(datasource: Pick<AIWatchDataSource, 'catalog'>): { catalog?: Catalog; fault?: string } {
  const [state, setState] = useState<{ catalog?: Catalog; fault?: string }>({})
  useEffect(() => {
    let isGone = false
    datasource.catalog().then(
      (catalog) => isGone || setState({ catalog }),
      (error: Error) => isGone || setState({ fault: error.message }),
    )
    return () => {
      isGone = true
    }
  }, [datasource])
  return state
}
