import type { RedisClient } from '../redis-client.ts'
import { publishSeries } from './publish-series.ts'

/** A connection that writes publishes this often. */
const PUBLISH_EVERY_MS = 5000

interface Publication {
  startedMs: number
  running: Promise<void> | undefined
}

const publications = new WeakMap<RedisClient, Map<string, Publication>>()

function publicationOf(redis: RedisClient, tenant: string): Publication {
  let tenants = publications.get(redis)
  if (!tenants) {
    tenants = new Map()
    publications.set(redis, tenants)
  }
  let publication = tenants.get(tenant)
  if (!publication) {
    publication = { startedMs: Number.NEGATIVE_INFINITY, running: undefined }
    tenants.set(tenant, publication)
  }
  return publication
}

/** Publishes what is due of a tenant, every few seconds or `now`. Never rejects: whoever comes next tries again. */
export async function publishInPassing(redis: RedisClient, tenant: string, { now }: { now: boolean }): Promise<void> {
  const publication = publicationOf(redis, tenant)
  if (!now && (publication.running || performance.now() - publication.startedMs < PUBLISH_EVERY_MS)) return
  // What is under way may have passed by what was just written.
  await publication.running
  publication.startedMs = performance.now()
  const running = publishSeries(redis, tenant).then(
    () => {},
    () => {},
  )
  publication.running = running
  await running
  if (publication.running === running) publication.running = undefined
}
