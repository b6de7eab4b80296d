/** The streams of all tenants. A hub lives while somebody listens to it. */
import { StreamHub, type StreamHubOptions } from './stream-hub.ts'

export class StreamHubs {
  private readonly optionsOf: (tenant: string) => StreamHubOptions
  private readonly hubs = new Map<string, StreamHub>()

  constructor(optionsOf: (tenant: string) => StreamHubOptions) {
    this.optionsOf = optionsOf
  }

  of(tenant: string): StreamHub {
    for (const [name, hub] of this.hubs) if (name !== tenant && hub.size === 0) this.hubs.delete(name)
    let hub = this.hubs.get(tenant)
    if (!hub) {
      hub = new StreamHub(this.optionsOf(tenant))
      this.hubs.set(tenant, hub)
    }
    return hub
  }

  close(): void {
    for (const hub of this.hubs.values()) hub.close()
    this.hubs.clear()
  }
}
