/** Grafana's core sets the frame of plugin pages by a function that the package does not export by name. */
declare module 'grafana-plugin-page' {
  import type { PluginPageProps } from '@grafana/runtime'
  import type { ComponentType } from 'react'

  export function setPluginPage(component: ComponentType<PluginPageProps>): void
}
