/** Keys of the series of a cell. */
import { type Cell, type ParsedSeriesName, parseSeriesName } from '@aiwatch/store'
import { unknownKey } from '../../errors.ts'
import { SKETCH_ONLY } from './cell-metrics.ts'

/** A metric of the catalogue whose series are named in the same way. */
const NAMED_ALIKE = 'first_token_ms'

function parseName(key: string): ParsedSeriesName {
  if (!key.startsWith(`${SKETCH_ONLY}:`)) return parseSeriesName(key)
  try {
    return { ...parseSeriesName(NAMED_ALIKE + key.slice(SKETCH_ONLY.length)), metric: SKETCH_ONLY }
  } catch (error) {
    if (error instanceof RangeError) throw new RangeError(error.message.replaceAll(NAMED_ALIKE, SKETCH_ONLY))
    throw error
  }
}

/** Throws an `unknown_key` error for a name that no series can have. */
export function parseCellKey(key: string): ParsedSeriesName {
  try {
    return parseName(key)
  } catch (error) {
    if (error instanceof RangeError) throw unknownKey(key, `${error.message}; GET /keys lists the series`)
    throw error
  }
}

/** Throws an `unknown_key` error when nothing was recorded for the cell of a key. */
export function assertCellKnown(key: string, cell: Cell, known: Map<string, Cell>): void {
  if (known.has(cell.id)) return
  const names = (['app', 'provider', 'model'] as const).map((part) => `${part} ${JSON.stringify(cell[part])}`)
  throw unknownKey(key, `nothing was recorded for ${names.join(', ')}`)
}
