/** The cells that this process writes to, with what is looked up for every call. */
import { type Cell, MAX_CELLS, OTHER_CELL, toCell } from '@aiwatch/store'

export class CellEntry {
  readonly cell: Cell
  /** Small integer, unique while the registry lives; stands for the entry in flat arrays of numbers. */
  readonly number: number
  /** Index in the batch being built, and which batch that is. */
  batchIndex = 0
  batchId = 0

  constructor(cell: Cell, number: number) {
    this.cell = cell
    this.number = number
  }
}

type ByModel = Map<string, CellEntry>

export class CellRegistry {
  private readonly byApp = new Map<string, Map<string, ByModel>>()
  private readonly byId = new Map<string, CellEntry>()
  private entries: CellEntry[] = []
  /** Names that were looked up, several of which may be of one cell. Bounded together with the cells. */
  private names = 0

  /** A tenant keeps `MAX_CELLS`; what this process alone names beyond that is counted as `other` by it already. */
  find(app: string, provider: string, model: string): CellEntry {
    return this.byApp.get(app)?.get(provider)?.get(model) ?? this.add(app, provider, model)
  }

  byNumber(number: number): CellEntry {
    return this.entries[number] as CellEntry
  }

  get size(): number {
    return this.names
  }

  /** Forgets all names. Only when nothing that waits refers to an entry. */
  clear(): void {
    this.byApp.clear()
    this.byId.clear()
    this.entries = []
    this.names = 0
  }

  private add(app: string, provider: string, model: string): CellEntry {
    if (this.names >= MAX_CELLS) return this.entry(OTHER_CELL)
    const byProvider = this.byApp.get(app) ?? new Map<string, ByModel>()
    const byModel: ByModel = byProvider.get(provider) ?? new Map()
    this.byApp.set(app, byProvider.set(provider, byModel))
    const entry = this.entry(toCell(app, provider, model))
    byModel.set(model, entry)
    this.names++
    return entry
  }

  private entry(cell: Cell): CellEntry {
    let entry = this.byId.get(cell.id)
    if (!entry) {
      entry = new CellEntry(cell, this.entries.length)
      this.entries.push(entry)
      this.byId.set(cell.id, entry)
    }
    return entry
  }
}
