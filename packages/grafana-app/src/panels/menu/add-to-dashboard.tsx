/** The dialog that puts a panel of a page into a dashboard: Grafana's own form. */
import { PluginExtensionExposedComponents, type TimeRange } from '@grafana/data'
import { usePluginComponent } from '@grafana/runtime'
import { type SceneComponentProps, SceneObjectBase, type SceneObjectState, sceneGraph, type VizPanel } from '@grafana/scenes'
import type { Panel } from '@grafana/schema'
import { Button, Modal } from '@grafana/ui'
import { t } from '../../t.ts'
import { copyPanel } from './copy-panel.ts'
import { toPanelJson } from './panel-json.ts'

interface FormProps {
  onClose(): void
  buildPanel(): Panel
  timeRange?: TimeRange
  options?: undefined
}

function CopyInstead({ panel, onClose }: { panel: VizPanel; onClose(): void }) {
  return (
    <>
      <p>{t('add-to-dashboard.missing', 'This Grafana has no form for it. Copy the panel, then paste it in a dashboard.')}</p>
      <Modal.ButtonRow>
        <Button variant="secondary" fill="outline" onClick={onClose}>
          {t('add-to-dashboard.cancel', 'Cancel')}
        </Button>
        <Button onClick={() => void copyPanel(panel).then(onClose)}>{t('menu.copy', 'Copy panel JSON')}</Button>
      </Modal.ButtonRow>
    </>
  )
}

function Dialog({ panel, onClose }: { panel: VizPanel; onClose(): void }) {
  const { component: Form, isLoading } = usePluginComponent<FormProps>(PluginExtensionExposedComponents.AddToDashboardFormV1)
  if (isLoading) return null
  return (
    <Modal isOpen title={t('add-to-dashboard.title', 'Add panel to dashboard')} onDismiss={onClose}>
      {Form ? (
        <Form onClose={onClose} buildPanel={() => toPanelJson(panel)} timeRange={sceneGraph.getTimeRange(panel).state.value} />
      ) : (
        <CopyInstead panel={panel} onClose={onClose} />
      )}
    </Modal>
  )
}

interface AddToDashboardState extends SceneObjectState {
  /** Which panel the dialog is open for. */
  panel?: VizPanel
}

/** One for each page; the menus of panels open it. */
export class AddToDashboard extends SceneObjectBase<AddToDashboardState> {
  static Component = ({ model }: SceneComponentProps<AddToDashboard>) => {
    const { panel } = model.useState()
    return panel ? <Dialog panel={panel} onClose={() => model.setState({ panel: undefined })} /> : null
  }
}
