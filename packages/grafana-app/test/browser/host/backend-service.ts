import type { BackendSrv, BackendSrvRequest, FetchResponse } from '@grafana/runtime'
import { from, lastValueFrom, Observable } from 'rxjs'

/** Errors have `status` and `data`, as those of Grafana. */
async function send({ url, method = 'GET', data, headers = {} }: BackendSrvRequest): Promise<FetchResponse> {
  const body = data === undefined ? undefined : JSON.stringify(data)
  const response = await fetch(url, { method, body, headers: { ...headers, ...(body ? { 'content-type': 'application/json' } : {}) } })
  const text = await response.text()
  const isJson = text !== '' && /json/.test(response.headers.get('content-type') ?? '')
  const answer = { status: response.status, statusText: response.statusText, data: isJson ? JSON.parse(text) : text }
  if (!response.ok) throw answer
  return answer as FetchResponse
}

/** A response that goes on, in chunks with its head; without data at the end, as Grafana gives it. Its address has no leading slash. */
const streamOne = ({ url, headers = {} }: BackendSrvRequest) =>
  new Observable<unknown>((asker) => {
    const controller = new AbortController()
    const read = async () => {
      const { status, statusText, ok, body } = await fetch(`/${url}`, { headers, signal: controller.signal })
      const reader = body?.getReader()
      for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
        asker.next({ status, statusText, ok, data: part.value })
      }
      asker.next({ status, statusText, ok, data: undefined })
      asker.complete()
    }
    read().catch((error: unknown) => asker.error(error))
    return () => controller.abort()
  })

export function makeBackendService(): BackendSrv {
  const fetchOne = (request: BackendSrvRequest) => from(send(request)) as Observable<FetchResponse<never>>
  const simple = (method: string) => async (url: string, data?: unknown) => (await lastValueFrom(fetchOne({ url, method, data }))).data
  return {
    fetch: fetchOne,
    chunked: streamOne,
    get: (url: string) => simple('GET')(url),
    post: simple('POST'),
    put: simple('PUT'),
    patch: simple('PATCH'),
    delete: simple('DELETE'),
  } as unknown as BackendSrv
}
