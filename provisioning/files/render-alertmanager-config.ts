export interface AlertmanagerConfigOptions {
  notice: string
  /** How long the first alert of a group waits for others. Default 30. */
  groupWaitSeconds?: number
}

export function renderAlertmanagerConfig({ notice, groupWaitSeconds = 30 }: AlertmanagerConfigOptions): string {
  return `# ${notice}
route:
  receiver: nobody
  group_by: [alertname, tenant]
  group_wait: ${groupWaitSeconds}s
  group_interval: 5m
  repeat_interval: 4h

receivers:
  # Alerts are kept and shown, and sent to nobody. To have them sent, name another receiver above.
  - name: nobody
  # - name: team
  #   webhook_configs:
  #     - url: https://example.com/alerts
  #       send_resolved: true
`
}
