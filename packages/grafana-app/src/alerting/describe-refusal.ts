/** What Grafana's alerting answered instead of doing it, as a sentence that says what to do. */
import { t } from '../t.ts'

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
  if (status === 0) return t('refusal.grafana', 'Grafana does not answer. Check your connection to it, then reload the page.')
  if (status === 401) return t('refusal.login', 'Grafana asks for a login (401): your session has ended. Log in again.')
  if (status === 403)
    return t('refusal.permission', 'Grafana does not let you do this (403){{said}}. Ask an administrator for the permission.', { said })
  if (status === 404) return t('refusal.gone', 'Grafana does not find it any more (404){{said}}. Reload the page.', { said })
  if (status === 409) return t('refusal.changed', 'Somebody changed it meanwhile (409){{said}}. Reload the page, then try again.', { said })
  if (status === 400) return t('refusal.bad', 'Grafana does not take it (400){{said}}.', { said })
  return t('refusal.other', 'Grafana answered {{status}}{{said}}. Its log says more.', { status, said })
}
