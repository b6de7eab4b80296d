/** Traffic for demonstrations and tests: a simulated crowd or a recorded trace, through real clients. */
export * from './local-chat/chat-users.ts'
export * from './local-chat/read-model-name.ts'
export * from './replay/app-sums.ts'
export * from './replay/read-trace.ts'
export * from './replay/replay-trace.ts'
export * from './traffic/crowd-clients.ts'
export * from './traffic/execute-planned.ts'
export * from './traffic/run-traffic.ts'
