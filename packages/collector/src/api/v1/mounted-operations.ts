/** What port 8081 has beside its first routes: the operations of /v1. */
import { OPERATIONS, type Operation } from '../../contract/index.ts'
import type { Mounted } from '../create-app.ts'
import { type MountOptions, mountOperations } from './mount-operations.ts'

export function mountedOperations(options: MountOptions): Mounted {
  return {
    routes: Object.fromEntries(
      (Object.values(OPERATIONS) as Operation[]).map(({ method, path, summary }) => [`${method} ${path}`, summary]),
    ),
    mount: (app) => mountOperations(app, options),
  }
}
