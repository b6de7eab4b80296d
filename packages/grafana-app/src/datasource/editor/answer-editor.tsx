import { Combobox, InlineField, InlineFieldRow, InlineSwitch, Input } from '@grafana/ui'
import { ANSWERS, type AnswerOperation } from '../../data/frames/answer-parts.ts'
import { t } from '../../t.ts'
import { checkAnswerQuery } from '../ask-answer.ts'
import { hasLive } from '../ask-live.ts'
import type { AIWatchQuery, AnswerQuery } from '../query.ts'
import { FaultNote } from './fault-note.tsx'
import { ParamFields } from './param-fields.tsx'

interface Props {
  query: AnswerQuery
  onChange(query: AIWatchQuery): void
  onRunQuery(): void
}

const listOperations = () => (Object.keys(ANSWERS) as AnswerOperation[]).map((value) => ({ value, label: ANSWERS[value].title() }))
const LABEL_WIDTH = 14

export function AnswerEditor({ query, onChange, onRunQuery }: Props) {
  const answer = ANSWERS[query.operation]
  const change = (changed: Partial<AnswerQuery>) => {
    onChange({ ...query, ...changed })
    onRunQuery()
  }
  const parts = Object.entries(answer.parts).map(([value, { title }]) => ({ value, label: title() }))
  return (
    <>
      <InlineFieldRow>
        <InlineField label={t('editor.answer', 'Answer')} labelWidth={LABEL_WIDTH}>
          <Combobox
            aria-label={t('editor.answer', 'Answer')}
            width={24}
            options={listOperations()}
            value={query.operation}
            onChange={({ value }) =>
              change({ operation: value, part: Object.keys(ANSWERS[value].parts)[0] ?? '', params: {}, fields: undefined, live: undefined })
            }
          />
        </InlineField>
        <InlineField label={t('editor.part', 'Part')} labelWidth={LABEL_WIDTH}>
          <Combobox
            aria-label={t('editor.part', 'Part')}
            width={40}
            options={parts}
            value={query.part}
            onChange={({ value }) => change({ part: value, fields: undefined })}
          />
        </InlineField>
        {answer.path.includes('{id}') && (
          <InlineField
            label={t('editor.name', 'Name')}
            labelWidth={LABEL_WIDTH}
            tooltip={t('editor.name.tooltip', 'A variable such as $model may stand here.')}
          >
            <Input
              aria-label={t('editor.name', 'Name')}
              width={30}
              value={query.id ?? ''}
              onChange={({ currentTarget }) => onChange({ ...query, id: currentTarget.value })}
              onBlur={onRunQuery}
            />
          </InlineField>
        )}
        {hasLive(query.operation) && (
          <InlineField
            label={t('editor.live', 'Live')}
            labelWidth={LABEL_WIDTH}
            tooltip={t(
              'editor.live.tooltip',
              'Goes on by itself, each second, while the time range ends now. Without a filter the newest rates are those of the last minute.',
            )}
          >
            <InlineSwitch
              aria-label={t('editor.live', 'Live')}
              value={query.live ?? false}
              onChange={({ currentTarget }) => change({ live: currentTarget.checked || undefined })}
            />
          </InlineField>
        )}
      </InlineFieldRow>
      <ParamFields
        names={answer.params}
        params={query.params}
        onChange={(params) => onChange({ ...query, params })}
        onRunQuery={onRunQuery}
      />
      <FaultNote message={checkAnswerQuery(query)} />
    </>
  )
}
