import type { SeriesRow } from '../batch.ts'
import type { TenantKeys } from '../keys.ts'
import type { Message } from '../pack-message.ts'

/** Numbers the keys of a script call: every key is declared once. */
export interface KeyTable {
  /** 1-based position of `key` among the script's KEYS. */
  indexOf(key: string): number
}

/** How series rows are kept. Both backends answer the same reads; which one a tenant has is fixed at its first write. */
export interface SeriesBackend {
  /** Value of the tenant's backend key. */
  readonly name: 'plain' | 'module'
  /**
   * Lua that defines `writeSeries(encoded)`. It may use what the prelude of the apply script defines, and must not raise:
   * what Redis refuses goes to `refuse(rows, text)`.
   */
  readonly script: string
  /** What `writeSeries` is given. Declares the keys that it touches. */
  encode(rows: readonly SeriesRow[], context: EncodeContext): Message
}

export interface EncodeContext {
  keys: TenantKeys
  table: KeyTable
  /** Cell ids by index. */
  cellIds: readonly string[]
}
