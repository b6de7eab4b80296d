import type { Matcher, Silence } from './grafana-shapes.ts'

/** The label by which Grafana ties a silence to a rule, and judges who may make it. */
const RULE_UID = '__alert_rule_uid__'

export interface SilenceRequest {
  matchers: Matcher[]
  startsAt: string
  endsAt: string
  createdBy: string
  comment: string
}

export function makeSilence(ruleUid: string, { seconds, comment, by, now }: { seconds: number; comment: string; by: string; now: number }) {
  return {
    matchers: [{ name: RULE_UID, value: ruleUid, isRegex: false, isEqual: true }],
    startsAt: new Date(now).toISOString(),
    endsAt: new Date(now + seconds * 1000).toISOString(),
    createdBy: by,
    comment,
  } satisfies SilenceRequest
}

/** Grafana's expressions are of RE2: one that JavaScript cannot read is taken for one that does not match. */
function matchesPattern(pattern: string, text: string): boolean {
  try {
    return new RegExp(`^(?:${pattern})$`).test(text)
  } catch {
    return false
  }
}

function matches({ name, value, isRegex, isEqual = true }: Matcher, labels: Record<string, string>): boolean {
  const found = labels[name] ?? ''
  return isEqual === (isRegex ? matchesPattern(value, found) : found === value)
}

/** Those that silence every series of the rule now. `labels`: of the rule. */
export function silencesOf(silences: readonly Silence[], uid: string, labels: Record<string, string>): Silence[] {
  const all = { ...labels, [RULE_UID]: uid }
  return silences.filter(({ status, matchers }) => status.state === 'active' && matchers.every((matcher) => matches(matcher, all)))
}
