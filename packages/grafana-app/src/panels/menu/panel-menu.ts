/** The menu of each panel: what a reader may do with its query. */
import type { PanelMenuItem } from '@grafana/data'
import { config } from '@grafana/runtime'
import { sceneGraph, VizPanel, VizPanelMenu } from '@grafana/scenes'
import { t } from '../../t.ts'
import { AddToDashboard } from './add-to-dashboard.tsx'
import { copyPanel } from './copy-panel.ts'
import { toExploreUrl } from './panel-json.ts'

const may = (action: string) => config.bootData.user.permissions?.[action] === true

function openDialog(panel: VizPanel): void {
  const dialog = sceneGraph.findObject(panel, (one) => one instanceof AddToDashboard)
  if (dialog instanceof AddToDashboard) dialog.setState({ panel })
}

/** Made anew each time that the menu opens: the address of Explore has the filters and the time range of that moment. */
function fillMenu(menu: VizPanelMenu): void {
  const panel = menu.parent
  if (!(panel instanceof VizPanel)) return
  const explore: PanelMenuItem = { text: t('menu.explore', 'Explore'), iconClassName: 'compass', href: toExploreUrl(panel) }
  const add: PanelMenuItem = { text: t('menu.add', 'Add to dashboard'), iconClassName: 'apps', onClick: () => openDialog(panel) }
  const copy: PanelMenuItem = { text: t('menu.copy', 'Copy panel JSON'), iconClassName: 'copy', onClick: () => void copyPanel(panel) }
  menu.setItems([
    ...(config.exploreEnabled && may('datasources:explore') ? [explore] : []),
    ...(may('dashboards:create') || may('dashboards:write') ? [add] : []),
    copy,
  ])
}

export const panelMenu = () => new VizPanelMenu({ $behaviors: [fillMenu] })
