/** The model that a server with OpenAI's API serves: the first of its list. */
const TIMEOUT_MS = 10_000

/** `url`: of the server, without /v1. Throws an Error of one sentence that names the address. */
export async function readModelName(url: string): Promise<string> {
  const address = `${url}/v1/models`
  let body: unknown
  try {
    const response = await fetch(address, { signal: AbortSignal.timeout(TIMEOUT_MS), headers: { authorization: 'Bearer local' } })
    body = await response.json()
  } catch (error) {
    throw new Error(`no model server answers at ${address}: ${(error as Error).message}`)
  }
  const name = (body as { data?: { id?: unknown }[] } | null)?.data?.[0]?.id
  if (typeof name !== 'string' || name === '') throw new Error(`${address} does not name a model (data[0].id)`)
  return name
}
