/** Prometheus, Alertmanager and exporters for tests. */
export * from './monitoring-programs.ts'
export * from './start-alertmanager.ts'
export * from './start-exporters.ts'
export * from './start-program.ts'
export * from './start-prometheus.ts'
