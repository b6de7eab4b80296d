/** Threshold, duration and contact point of an installed rule; and how long it is silent. */
import { Button, Combobox, Field, Input, Stack } from '@grafana/ui'
import { type FormEvent, useState } from 'react'
import type { InstalledSettings } from '../../alerting/installed-rule.ts'
import type { SilenceWish } from '../../alerting/rule-actions.ts'
import type { RuleRow } from '../../alerting/rule-row.ts'
import { formatDuration, parseDuration } from '../../data/duration.ts'
import { t } from '../../t.ts'
import { nameContactPoint } from './texts.ts'

/** Shares are entered as per cent. */
const scaleOf = ({ rule }: RuleRow) => (rule.unit === 'share' ? 100 : 1)

const UNITS: Record<RuleRow['rule']['unit'], string> = {
  share: '%',
  seconds: 's',
  usd_per_hour: 'USD/h',
  users: '',
  calls: '',
  keys: '',
  state: '',
}

/** Stands for the notification policies, which have no name. */
const BY_POLICY = ''

interface FormProps<Value> {
  row: RuleRow
  isBusy: boolean
  onSave: (value: Value) => void
  onCancel: () => void
}

function Buttons({ isBusy, isValid, save, onCancel }: { isBusy: boolean; isValid: boolean; save: string; onCancel: () => void }) {
  return (
    <Stack gap={1}>
      <Button type="submit" size="sm" disabled={isBusy || !isValid}>
        {save}
      </Button>
      <Button size="sm" variant="secondary" onClick={onCancel}>
        {t('alerts.cancel', 'Cancel')}
      </Button>
    </Stack>
  )
}

function DurationField({
  id,
  label,
  description,
  value,
  onChange,
}: Record<'id' | 'label' | 'description' | 'value', string> & { onChange: (value: string) => void }) {
  const isValid = parseDuration(value) !== undefined
  return (
    <Field
      noMargin
      label={label}
      description={description}
      invalid={!isValid}
      error={t('alerts.duration-invalid', 'A duration such as 90s, 5m or 1h30m')}
    >
      <Input id={id} width={16} value={value} onChange={({ currentTarget }) => onChange(currentTarget.value)} />
    </Field>
  )
}

export function EditForm({
  row,
  isBusy,
  onSave,
  onCancel,
  contactPoints,
}: FormProps<Partial<InstalledSettings>> & { contactPoints?: readonly string[] }) {
  const scale = scaleOf(row)
  const [threshold, setThreshold] = useState(row.threshold === undefined ? '' : String(Number((row.threshold * scale).toPrecision(12))))
  const [duration, setDuration] = useState(formatDuration(row.forSeconds))
  const [contactPoint, setContactPoint] = useState(row.contactPoint ?? BY_POLICY)
  const forSeconds = parseDuration(duration)
  // A state is well or it is not.
  const hasThreshold = row.threshold !== undefined && row.rule.unit !== 'state'
  const isThresholdValid = !hasThreshold || (threshold.trim() !== '' && Number.isFinite(Number(threshold)))
  const save = (event: FormEvent) => {
    event.preventDefault()
    onSave({
      ...(hasThreshold ? { threshold: Number(threshold) / scale } : {}),
      forSeconds,
      ...(contactPoints ? { contactPoint: contactPoint === BY_POLICY ? undefined : contactPoint } : {}),
    })
  }
  return (
    <form onSubmit={save} aria-label={t('alerts.edit.label', 'Edit {{title}}', { title: row.rule.title })}>
      <Stack direction="column" gap={2}>
        {hasThreshold && (
          <Field
            noMargin
            label={t('alerts.edit.threshold', 'Threshold')}
            description={row.rule.fires === 'above' ? t('alerts.edit.above', 'Fires above it') : t('alerts.edit.below', 'Fires below it')}
            invalid={!isThresholdValid}
            error={t('alerts.edit.threshold-invalid', 'A number')}
          >
            <Input
              id={`${row.uid}-threshold`}
              width={16}
              inputMode="decimal"
              suffix={UNITS[row.rule.unit]}
              value={threshold}
              onChange={({ currentTarget }) => setThreshold(currentTarget.value)}
            />
          </Field>
        )}
        <DurationField
          id={`${row.uid}-for`}
          label={t('alerts.edit.for', 'For')}
          description={t('alerts.edit.for-description', 'How long the value must stay past the threshold; 0s: at once')}
          value={duration}
          onChange={setDuration}
        />
        {contactPoints && (
          <Field
            noMargin
            label={t('alerts.edit.contact-point', 'Contact point')}
            description={t('alerts.edit.contact-point-description', 'Who is told; notification policies choose by the labels of the rule')}
          >
            <Combobox
              id={`${row.uid}-contact-point`}
              width={32}
              options={[BY_POLICY, ...contactPoints].map((name) => ({ value: name, label: nameContactPoint(name || undefined) }))}
              value={contactPoint}
              onChange={({ value }) => setContactPoint(value)}
            />
          </Field>
        )}
        <Buttons
          isBusy={isBusy}
          isValid={isThresholdValid && forSeconds !== undefined}
          save={t('alerts.edit.save', 'Save')}
          onCancel={onCancel}
        />
      </Stack>
    </form>
  )
}

export function SilenceForm({ row, isBusy, onSave, onCancel }: FormProps<SilenceWish>) {
  const [duration, setDuration] = useState('1h')
  const [comment, setComment] = useState('')
  const seconds = parseDuration(duration)
  const save = (event: FormEvent) => {
    event.preventDefault()
    if (seconds)
      onSave({ seconds, comment: comment.trim() || t('alerts.silence.default-comment', 'Silenced on the Alerts page of AIWatch') })
  }
  return (
    <form onSubmit={save} aria-label={t('alerts.silence.label', 'Silence {{title}}', { title: row.rule.title })}>
      <Stack direction="column" gap={2}>
        <DurationField
          id={`${row.uid}-silence`}
          label={t('alerts.silence.for', 'Silent for')}
          description={t('alerts.silence.description', 'The rule is evaluated on; nobody is told. Such as 30m, 4h or 1d')}
          value={duration}
          onChange={setDuration}
        />
        <Field noMargin label={t('alerts.silence.comment', 'Why')}>
          <Input id={`${row.uid}-comment`} width={40} value={comment} onChange={({ currentTarget }) => setComment(currentTarget.value)} />
        </Field>
        <Buttons isBusy={isBusy} isValid={Boolean(seconds)} save={t('alerts.silence.save', 'Silence')} onCancel={onCancel} />
      </Stack>
    </form>
  )
}
