/** What Grafana's alerting answered instead of doing it, as a sentence that says what to do. */

interface Refusal {
  status?: number
  data?: unknown
}

function detailOf({ data }: Refusal): string | undefined {
  const { message, error } = (typeof data === 'object' && data !== null ? data : {}) as { message?: unknown; error?: unknown }
  const text = typeof message === 'string' && message !== '' ? message : error
  return typeof text === 'string' && text !== '' ? text.replace(/[.\s]+$/, '') : undefined
}

/** `error`: what the backend service throws, or an Error made here. A TypeError is what a browser throws when nobody answers. */
export function describeRefusal(error: unknown): string {
  if (error instanceof Error && !(error instanceof TypeError)) return error.message
  const refusal = (error ?? {}) as Refusal
  const { status = 0 } = refusal
  const detail = detailOf(refusal)
  const said = detail ? `: ${detail}` : ''
  if (status === 0) return 'Grafana does not answer. Check your connection to it, then reload the page.'
  if (status === 401) return 'Grafana asks for a login (401): your session has ended. Log in again.'
  if (status === 403) return `Grafana does not let you do this (403)${said}. Ask an administrator for the permission.`
  if (status === 404) return `Grafana does not find it any more (404)${said}. Reload the page.`
  if (status === 409) return `Somebody changed it meanwhile (409)${said}. Reload the page, then try again.`
  if (status === 400) return `Grafana does not take it (400)${said}.`
  return `Grafana answered ${status}${said}. Its log says more.`
}
