import type { Cell } from '../batch.ts'
import type { TenantKeys } from '../keys.ts'
import type { CorruptFields } from './corrupt-fields.ts'
import { asInteger, eachPair } from './replies.ts'
import type { Reply, RoundTrips } from './round-trips.ts'

function decodeCell(id: string, text: Buffer): Cell {
  const names: unknown = JSON.parse(text.toString('utf8'))
  const [app, provider, model]: unknown[] = Array.isArray(names) ? names : []
  if (typeof app !== 'string' || typeof provider !== 'string' || typeof model !== 'string')
    throw new TypeError(`cell ${id} must be three names`)
  return { id, app, provider, model }
}

/** Names of a tenant's cells. They are never changed or removed, so that their number tells whether there are new ones. */
export class CellNames {
  private readonly keys: TenantKeys
  private readonly trips: RoundTrips
  private readonly corrupt: CorruptFields
  private names: Map<string, Cell> | undefined
  private fields = 0

  constructor(keys: TenantKeys, trips: RoundTrips, corrupt: CorruptFields) {
    this.keys = keys
    this.trips = trips
    this.corrupt = corrupt
  }

  /**
   * Asked at the end of the round trip: every id in its other answers is known then. One more trip when there are new cells. The map is the
   * reader's own: later questions add to it.
   */
  async all(): Promise<Map<string, Cell>> {
    if (!this.names) return this.learn(await this.trips.ask('HGETALL', [this.keys.cells], 'last'))
    const fields = asInteger(await this.trips.ask('HLEN', [this.keys.cells], 'last'))
    return fields === this.fields ? this.names : this.learn(await this.trips.ask('HGETALL', [this.keys.cells], 'last'))
  }

  /** Asks for the names of ids that the map handed out does not have. Nothing is asked before `all` was. */
  async ensure(ids: Iterable<string>): Promise<void> {
    if (!this.names) return
    for (const id of ids) {
      if (this.names.has(id)) continue
      await this.all()
      return
    }
  }

  private learn(reply: Reply): Map<string, Cell> {
    const names = new Map<string, Cell>()
    let fields = 0
    eachPair(reply, (field, text) => {
      fields++
      const id = field.toString('latin1')
      const cell = this.corrupt.attempt(() => decodeCell(id, text))
      if (cell) names.set(id, cell)
    })
    this.fields = fields
    this.names ??= names
    for (const id of this.names.keys()) if (!names.has(id)) this.names.delete(id)
    for (const [id, cell] of names) this.names.set(id, cell)
    return this.names
  }
}
