import { t as translate } from '@grafana/i18n'

/** `t` for text that React shows: values are put in as they are, since React escapes them itself. */
export function t(id: string, text: string, values: Record<string, string | number> = {}): string {
  return translate(id, text, { ...values, interpolation: { escapeValue: false } })
}
