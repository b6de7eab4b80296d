import { Alert } from '@grafana/ui'

interface Props {
  /** Nothing is shown without one. */
  message: string | undefined
  severity?: 'warning' | 'error'
}

/** What is wrong with the query, under its fields. */
export function FaultNote({ message, severity = 'warning' }: Props) {
  return message === undefined ? null : <Alert severity={severity} title={message} />
}
