/** What can be done to a rule: only what the user's permissions and the rule's origin allow. */
import { Button, ConfirmModal, LinkButton, Stack } from '@grafana/ui'
import { useState } from 'react'
import type { RuleRow } from '../../alerting/rule-row.ts'
import { TEST_SECONDS } from '../../alerting/test-rule.ts'
import { t } from '../../t.ts'
import { EditForm, SilenceForm } from './rule-forms.tsx'
import type { Alerts } from './use-alerts.ts'

type Open = 'edit' | 'silence' | 'test' | 'uninstall' | undefined

export interface ActionsProps {
  row: RuleRow
  alerts: Alerts
}

function InstallButton({ row, alerts: { rights, reading, act, isBusy } }: ActionsProps) {
  const source = reading?.source
  if (!rights.create || !source) return null
  const install = () =>
    act((actions) => actions.install([row.rule], source), t('alerts.done.install', '"{{title}}" is installed.', { title: row.rule.title }))
  return (
    <Button size="sm" icon="plus" disabled={isBusy} onClick={install}>
      {t('alerts.action.install', 'Install')}
    </Button>
  )
}

function UpdateButton({ row, alerts: { reading, act, isBusy } }: ActionsProps) {
  if (!reading || row.differences.length === 0) return null
  const done = t('alerts.done.update', '"{{title}}" is up to date.', { title: row.rule.title })
  return (
    <Button size="sm" icon="sync" disabled={isBusy} onClick={() => act((actions) => actions.update(row, reading), done)}>
      {t('alerts.action.update', 'Update')}
    </Button>
  )
}

function PauseButton({ row, alerts: { act, isBusy } }: ActionsProps) {
  const isPaused = row.stored?.isPaused === true
  const { title } = row.rule
  const done = isPaused
    ? t('alerts.done.resume', '"{{title}}" is evaluated again.', { title })
    : t('alerts.done.pause', '"{{title}}" is paused: it is not evaluated.', { title })
  return (
    <Button
      size="sm"
      variant="secondary"
      icon={isPaused ? 'play' : 'pause'}
      disabled={isBusy}
      onClick={() => act((actions) => actions.setPaused(row, !isPaused), done)}
    >
      {isPaused ? t('alerts.action.resume', 'Resume') : t('alerts.action.pause', 'Pause')}
    </Button>
  )
}

function SilenceButton({ row, alerts: { rights, act, isBusy }, onOpen }: ActionsProps & { onOpen: () => void }) {
  if (row.silences.length > 0) {
    if (!rights.endSilence) return null
    const done = t('alerts.done.end-silence', '"{{title}}" is silent no more.', { title: row.rule.title })
    return (
      <Button size="sm" variant="secondary" icon="bell" disabled={isBusy} onClick={() => act((actions) => actions.endSilences(row), done)}>
        {t('alerts.action.end-silence', 'End silence')}
      </Button>
    )
  }
  if (!rights.silence) return null
  return (
    <Button size="sm" variant="secondary" icon="bell-slash" onClick={onOpen}>
      {t('alerts.action.silence', 'Silence')}
    </Button>
  )
}

function TestButton({ row, alerts: { rights, act, isBusy }, onOpen }: ActionsProps & { onOpen: () => void }) {
  if (!rights.create || !rights.remove) return null
  if (row.test) {
    const done = t('alerts.done.end-test', 'The test of "{{title}}" has ended.', { title: row.rule.title })
    return (
      <Button size="sm" variant="secondary" icon="times" disabled={isBusy} onClick={() => act((actions) => actions.endTest(row), done)}>
        {t('alerts.action.end-test', 'End test')}
      </Button>
    )
  }
  return (
    <Button size="sm" variant="secondary" icon="fire" onClick={onOpen}>
      {t('alerts.action.test', 'Test fire')}
    </Button>
  )
}

function TestModal({ row, alerts: { act }, onClose }: ActionsProps & { onClose: () => void }) {
  const { title } = row.rule
  const done = t('alerts.done.test', 'A test of "{{title}}" runs: it fires at its first evaluation, within about half a minute.', { title })
  return (
    <ConfirmModal
      isOpen
      title={t('alerts.test.title', 'Test fire: {{title}}', { title })}
      body={t(
        'alerts.test.body',
        'A copy of the rule, named "Test: {{title}}", is installed beside it. It asks the same query and always fires, so whoever the rule notifies gets a real message, marked as a test (label aiwatch_test).',
        { title },
      )}
      description={t(
        'alerts.test.description',
        'It ends after {{minutes}} minutes, or when you end it; then a second message says that it is resolved. A silence of the rule does not hold it back; one of its labels does.',
        { minutes: TEST_SECONDS / 60 },
      )}
      confirmText={t('alerts.test.confirm', 'Fire')}
      confirmVariant="primary"
      confirmButtonVariant="primary"
      onConfirm={() => {
        onClose()
        void act((actions) => actions.startTest(row), done)
      }}
      onDismiss={onClose}
    />
  )
}

function UninstallModal({ row, alerts: { act }, onClose }: ActionsProps & { onClose: () => void }) {
  const { title } = row.rule
  return (
    <ConfirmModal
      isOpen
      title={t('alerts.uninstall.title', 'Uninstall: {{title}}', { title })}
      body={t('alerts.uninstall.body', 'The rule is deleted in Grafana, with its state and its edits. It can be installed again.')}
      confirmText={t('alerts.uninstall.confirm', 'Uninstall')}
      onConfirm={() => {
        onClose()
        void act((actions) => actions.uninstall(row), t('alerts.done.uninstall', '"{{title}}" is uninstalled.', { title }))
      }}
      onDismiss={onClose}
    />
  )
}

function Editing({ row, alerts, open, onClose }: ActionsProps & { open: Open; onClose: () => void }) {
  const { act, isBusy, reading } = alerts
  const { title } = row.rule
  if (open === 'edit') {
    return (
      <EditForm
        row={row}
        isBusy={isBusy}
        contactPoints={reading?.contactPoints}
        onCancel={onClose}
        onSave={async (changes) => {
          await act((actions) => actions.change(row, changes), t('alerts.done.edit', '"{{title}}" is changed.', { title }))
          onClose()
        }}
      />
    )
  }
  if (open !== 'silence') return null
  return (
    <SilenceForm
      row={row}
      isBusy={isBusy}
      onCancel={onClose}
      onSave={async (wish) => {
        await act((actions) => actions.silence(row, wish), t('alerts.done.silence', '"{{title}}" is silent.', { title }))
        onClose()
      }}
    />
  )
}

function InstalledActions({ row, alerts, onOpen }: ActionsProps & { onOpen: (what: Open) => void }) {
  const { rights } = alerts
  const isEditable = rights.edit && !row.provenance
  return (
    <>
      {isEditable && (
        <Button size="sm" variant="secondary" icon="pen" onClick={() => onOpen('edit')}>
          {t('alerts.action.edit', 'Edit')}
        </Button>
      )}
      {isEditable && <UpdateButton row={row} alerts={alerts} />}
      {isEditable && <PauseButton row={row} alerts={alerts} />}
      <SilenceButton row={row} alerts={alerts} onOpen={() => onOpen('silence')} />
      <TestButton row={row} alerts={alerts} onOpen={() => onOpen('test')} />
      {rights.remove && !row.provenance && (
        <Button size="sm" variant="destructive" fill="outline" icon="trash-alt" onClick={() => onOpen('uninstall')}>
          {t('alerts.action.uninstall', 'Uninstall')}
        </Button>
      )}
      <LinkButton size="sm" variant="secondary" fill="text" icon="external-link-alt" href={`/alerting/grafana/${row.uid}/view`}>
        {t('alerts.action.view', 'Open in Grafana')}
      </LinkButton>
    </>
  )
}

export function RuleActionsBar({ row, alerts }: ActionsProps) {
  const [open, setOpen] = useState<Open>()
  const close = () => setOpen(undefined)
  return (
    <Stack direction="column" gap={2}>
      <Stack gap={1} wrap="wrap">
        {row.stored ? <InstalledActions row={row} alerts={alerts} onOpen={setOpen} /> : <InstallButton row={row} alerts={alerts} />}
      </Stack>
      <Editing row={row} alerts={alerts} open={open} onClose={close} />
      {open === 'test' && <TestModal row={row} alerts={alerts} onClose={close} />}
      {open === 'uninstall' && <UninstallModal row={row} alerts={alerts} onClose={close} />}
    </Stack>
  )
}
